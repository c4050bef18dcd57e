//! The lines of a document on one side of the cursor's line, over a token stack. A side knows how
//! the indentation tokens between its lines follow from their widths, so a line can be pushed and
//! popped without its text.

use super::stack::{Direction, TokenStack};
use crate::{
    lexer::LineState,
    vocabulary::{Kind, TokenId, Vocabulary},
};

/// A line on its way from the lexer or from the other side.
#[derive(Clone, Debug, Default)]
pub(super) struct LooseLine {
    /// Without the indentation token, with the end of the line; empty for a blank line.
    pub(super) tokens: Vec<TokenId>,
    /// Columns of indentation; nothing for a blank line.
    pub(super) width: Option<u32>,
    pub(super) freshness: Freshness,
}

/// Whether the disk, and so perhaps the index, has the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Freshness {
    #[default]
    OnDisk,
    Edited,
}

#[derive(Clone, Debug)]
pub(super) struct Side {
    pub(super) stack: TokenStack,
    lines: Vec<StoredLine>,
    direction: Direction,
}

#[derive(Clone, Copy, Debug)]
struct StoredLine {
    /// The stack's length without this line.
    length_below: u32,
    width: Option<u32>,
    freshness: Freshness,
    /// The nearest line that is not blank, and whether blank ones are nearer, with this line on
    /// top.
    top: Option<LineState>,
}

impl Side {
    pub(super) fn new(direction: Direction) -> Self {
        Self {
            stack: TokenStack::new(direction),
            lines: Vec::new(),
            direction,
        }
    }

    pub(super) fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// What the indentation of a line between the sides is measured against.
    pub(super) fn top_state(&self) -> LineState {
        self.top().unwrap_or_default()
    }

    /// Puts a line next to the cursor.
    pub(super) fn push(&mut self, vocabulary: &Vocabulary, line: &LooseLine) {
        let length_below = self.stack.len() as u32;
        let top = self.top();
        if let Some(width) = line.width {
            match self.direction {
                Direction::Forward => self.push_forward(vocabulary, line, width),
                Direction::Backward => self.push_backward(vocabulary, line, width),
            }
        }
        let top = match line.width {
            Some(width) => Some(LineState {
                width,
                blank: false,
            }),
            None if self.direction == Direction::Forward => Some(LineState {
                blank: true,
                ..top.unwrap_or_default()
            }),
            None => top.map(|state| LineState {
                blank: true,
                ..state
            }),
        };
        self.lines.push(StoredLine {
            length_below,
            width: line.width,
            freshness: line.freshness,
            top,
        });
    }

    /// Takes the line next to the cursor off, into `line`. Answers whether there was one.
    pub(super) fn pop(&mut self, vocabulary: &Vocabulary, line: &mut LooseLine) -> bool {
        let Some(stored) = self.lines.pop() else {
            return false;
        };
        line.tokens.clear();
        line.width = stored.width;
        line.freshness = stored.freshness;
        let tokens = &self.stack.tokens()[stored.length_below as usize..];
        // Forward it is the line's own indentation, backward that of the line below.
        let tokens = match tokens {
            [first, rest @ ..] if vocabulary.kind(*first) == Kind::Indent => rest,
            tokens => tokens,
        };
        match self.direction {
            Direction::Forward => line.tokens.extend_from_slice(tokens),
            Direction::Backward => line.tokens.extend(tokens.iter().rev()),
        }
        self.stack.truncate(stored.length_below as usize);
        true
    }

    /// Takes the line next to the cursor off. Answers whether it was edited.
    pub(super) fn drop_line(&mut self) -> Option<Freshness> {
        let stored = self.lines.pop()?;
        self.stack.truncate(stored.length_below as usize);
        Some(stored.freshness)
    }

    /// The tokens of the edited lines in text order, each with its indentation where that is known,
    /// at most `limit`.
    pub(super) fn edited_tokens(&self, limit: usize, tokens: &mut Vec<TokenId>) {
        let mut ends: Vec<(u32, u32)> = Vec::new();
        let mut end = self.stack.len() as u32;
        let mut total = 0;
        for stored in self.lines.iter().rev() {
            if stored.freshness == Freshness::Edited && total < limit {
                total += (end - stored.length_below) as usize;
                ends.push((stored.length_below, end));
            }
            end = stored.length_below;
        }
        let stacked = self.stack.tokens();
        match self.direction {
            Direction::Forward => {
                let ranges = ends.iter().rev();
                tokens.extend(
                    ranges.flat_map(|&(start, end)| &stacked[start as usize..end as usize]),
                );
            }
            Direction::Backward => {
                let ranges = ends.iter();
                tokens.extend(
                    ranges.flat_map(|&(start, end)| {
                        stacked[start as usize..end as usize].iter().rev()
                    }),
                );
            }
        }
    }

    /// The places of the edited lines, counted from the far end.
    pub(super) fn edited(&self) -> impl Iterator<Item = usize> + '_ {
        let lines = self.lines.iter().enumerate();
        lines
            .filter(|(_, stored)| stored.freshness == Freshness::Edited)
            .map(|(place, _)| place)
    }

    /// Marks the line at this place, counted from the far end, as edited.
    pub(super) fn mark_edited(&mut self, place: usize) {
        if let Some(stored) = self.lines.get_mut(place) {
            stored.freshness = Freshness::Edited;
        }
    }

    fn top(&self) -> Option<LineState> {
        self.lines.last().and_then(|stored| stored.top)
    }

    fn push_forward(&mut self, vocabulary: &Vocabulary, line: &LooseLine, width: u32) {
        self.stack
            .push(vocabulary, self.top_state().indent_token(width));
        for &token in &line.tokens {
            self.stack.push(vocabulary, token);
        }
    }

    fn push_backward(&mut self, vocabulary: &Vocabulary, line: &LooseLine, width: u32) {
        if let Some(below) = self.top() {
            let state = LineState {
                width,
                blank: below.blank,
            };
            self.stack.push(vocabulary, state.indent_token(below.width));
        }
        for &token in line.tokens.iter().rev() {
            self.stack.push(vocabulary, token);
        }
    }
}
