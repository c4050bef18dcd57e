//! An open document as the engine knows it: the tokens above and below one line, the open one,
//! whose own text is read anew for every query. Typing within the open line therefore costs
//! nothing; leaving it costs cutting one line. Of a huge document only a window around the open
//! line is kept. After a jump in a long document that window can be a small one at first, so that
//! the first answer there does not wait; `settle` makes it the whole one.

use std::{borrow::Cow, ops::Range};

use text::{ChangeSet, Edit, Text};

use super::{
    brackets,
    side::{Freshness, LooseLine, Side},
    stack::{Direction, TokenStack},
};
use crate::{
    lexer::{self, MAX_LINE_BYTES, Piece},
    vocabulary::{TokenId, Vocabulary},
};

/// Lines kept on each side of the open line.
const WINDOW_LINES: usize = 5_000;
/// Bytes of text kept on each side of the open line.
const WINDOW_BYTES: usize = 200_000;

/// The same for the small window.
const NEAR_BYTES: usize = 30_000;
/// With a small window after jumps: an edit or a question so many lines away is a jump.
const JUMP_LINES: usize = 300;

/// How much is learned around the open line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Enough for an answer at once.
    Near,
    /// All that is ever kept.
    #[default]
    Whole,
}

/// The learned window of one document.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    text: Text,
    before: Side,
    after: Side,
    /// The number of the first line that `before` holds.
    first_line: usize,
    /// The line between the sides; its tokens are on neither.
    open_line: usize,
    open_freshness: Freshness,
    /// What lines count as before they are edited: `Edited` for a file that the disk does not have.
    initial_freshness: Freshness,
    /// What is learned after a jump, until the document is settled.
    after_jump: Reach,
    reach: Reach,
    /// The line of an edit that was too far away to be learned at once. While there is one, the sides
    /// are those of an older text.
    left_behind: Option<usize>,
    /// The closers of the brackets open at the end of `before`, innermost last; nothing when not
    /// known.
    open_brackets: Option<Vec<u8>>,
    pieces: Vec<Piece>,
}

/// Lines that one edit replaces by others. There is at least one line in both.
#[derive(Clone, Debug, PartialEq, Eq)]
struct LineEdit {
    old_first: usize,
    old_last: usize,
    new_first: usize,
    new_last: usize,
}

impl LineEdit {
    /// An edit within one line.
    fn within(line: usize) -> Self {
        Self {
            old_first: line,
            old_last: line,
            new_first: line,
            new_last: line,
        }
    }
}

impl Document {
    /// Learns the window of `text` around `line`.
    pub(crate) fn new(
        vocabulary: &mut Vocabulary,
        text: &Text,
        line: usize,
        initial_freshness: Freshness,
        after_jump: Reach,
    ) -> Self {
        let mut document = Self {
            text: text.clone(),
            before: Side::new(Direction::Forward),
            after: Side::new(Direction::Backward),
            first_line: 0,
            open_line: 0,
            open_freshness: initial_freshness,
            initial_freshness,
            after_jump,
            reach: Reach::Whole,
            left_behind: None,
            open_brackets: None,
            pieces: Vec::new(),
        };
        document.learn_window(vocabulary, line);
        document
    }

    /// The text that was learned.
    pub(crate) fn text(&self) -> &Text {
        &self.text
    }

    /// Learns everything anew, for another vocabulary. What was edited is still known as far as it
    /// is in the window.
    pub(crate) fn relearn(&mut self, vocabulary: &mut Vocabulary) {
        self.learn_again(
            vocabulary,
            self.left_behind.unwrap_or(self.open_line),
            Reach::Whole,
        );
    }

    /// Whether the whole window is learned.
    pub(crate) fn is_settled(&self) -> bool {
        self.left_behind.is_none() && self.reach == Reach::Whole
    }

    /// Learns what was left for later.
    pub(crate) fn settle(&mut self, vocabulary: &mut Vocabulary) {
        if !self.is_settled() {
            self.relearn(vocabulary);
        }
    }

    /// Learns an edit. `new` is the text after it.
    pub(crate) fn change(&mut self, vocabulary: &mut Vocabulary, new: &Text, changes: &ChangeSet) {
        let old = std::mem::replace(&mut self.text, new.clone());
        let edits = line_edits(&old, new, changes);
        if edits.is_empty() {
            return;
        }
        let is_far = self.left_behind.is_some() || self.is_far(&edits);
        if let Some(last) = edits.last().filter(|_| is_far) {
            self.left_behind = Some(last.new_last);
            return;
        }
        if edits == [LineEdit::within(self.open_line)] {
            self.open_freshness = Freshness::Edited;
            return;
        }
        self.close_line(vocabulary, &old);
        for edit in &edits {
            if !self.replace_lines(vocabulary, edit) {
                let line = edits.last().map_or(0, |edit| edit.new_last);
                self.learn_again(vocabulary, line, self.after_jump);
                return;
            }
        }
        let line = edits.last().map_or(self.open_line, |edit| edit.new_last);
        self.open(vocabulary, line);
    }

    /// Makes `line` the open one.
    pub(crate) fn move_to(&mut self, vocabulary: &mut Vocabulary, line: usize) {
        let line = line.min(self.text.len_lines() - 1);
        let is_stale = self.left_behind.is_some();
        if line == self.open_line && !is_stale {
            return;
        }
        let is_inside = (self.first_line..self.end_line()).contains(&line);
        if is_stale || !is_inside || self.is_jump(line) {
            self.learn_again(vocabulary, line, self.after_jump);
            return;
        }
        let text = self.text.clone();
        self.close_line(vocabulary, &text);
        self.open(vocabulary, line);
    }

    /// Lays the tokens left of the cursor on the open line on top of the tokens above it, until
    /// `leave`. `width` is the indentation of the open line in columns.
    pub(crate) fn enter(
        &mut self,
        vocabulary: &Vocabulary,
        width: u32,
        tokens: &[TokenId],
    ) -> usize {
        if self.open_brackets.is_none() {
            self.open_brackets = Some(brackets::open_closers(
                vocabulary,
                self.before.stack.tokens(),
            ));
        }
        let length = self.before.stack.len();
        self.before
            .stack
            .push(vocabulary, self.before.top_state().indent_token(width));
        for &token in tokens {
            self.before.stack.push(vocabulary, token);
        }
        length
    }

    /// Takes the tokens of the open line off again. `length` is what `enter` gave.
    pub(crate) fn leave(&mut self, length: usize) {
        self.before.stack.truncate(length);
    }

    /// The tokens before and after the cursor.
    pub(crate) fn stacks(&self) -> [&TokenStack; 2] {
        [&self.before.stack, &self.after.stack]
    }

    /// The closers of the brackets that the lines above leave open, innermost last. Computed by
    /// `enter`.
    pub(crate) fn enclosing_closers(&self) -> &[u8] {
        self.open_brackets.as_deref().unwrap_or(&[])
    }

    /// The tokens of edited lines, at most about `limit`, nearest to the open line first served.
    pub(crate) fn edited_tokens(&self, limit: usize) -> Vec<TokenId> {
        let mut tokens = Vec::new();
        self.before.edited_tokens(limit, &mut tokens);
        self.after.edited_tokens(limit, &mut tokens);
        tokens
    }

    /// Learns the open line too, so that all edited lines are among the `edited_tokens`.
    ///
    /// After an edit that was left behind this does nothing: it is not worth a window that nobody asks
    /// about.
    pub(crate) fn rest(&mut self, vocabulary: &mut Vocabulary) {
        if self.left_behind.is_some() {
            return;
        }
        let last = self.text.len_lines() - 1;
        let elsewhere = if self.open_line < last {
            self.open_line + 1
        } else {
            self.open_line.saturating_sub(1)
        };
        self.move_to(vocabulary, elsewhere);
    }

    /// The numbers of the edited lines of the window.
    fn edited_lines(&self) -> Vec<usize> {
        let above = self.before.edited().map(|place| self.first_line + place);
        let open = (self.open_freshness == Freshness::Edited).then_some(self.open_line);
        let below = self.after.edited().map(|place| self.end_line() - 1 - place);
        above.chain(open).chain(below).collect()
    }

    fn restore_edited(&mut self, edited: &[usize]) {
        for &line in edited {
            if line == self.open_line {
                self.open_freshness = Freshness::Edited;
            } else if line < self.open_line && line >= self.first_line {
                self.before.mark_edited(line - self.first_line);
            } else if line > self.open_line && line < self.end_line() {
                self.after.mark_edited(self.end_line() - 1 - line);
            }
        }
    }

    fn end_line(&self) -> usize {
        self.open_line + 1 + self.after.line_count()
    }
}

impl Document {
    fn is_jump(&self, line: usize) -> bool {
        self.after_jump == Reach::Near && JUMP_LINES < line.abs_diff(self.open_line)
    }

    fn is_far(&self, edits: &[LineEdit]) -> bool {
        edits.iter().any(|edit| self.is_jump(edit.new_first))
    }

    /// Learns a window anew. What was edited is still known as far as it is in both windows.
    fn learn_again(&mut self, vocabulary: &mut Vocabulary, line: usize, reach: Reach) {
        let edited = match self.left_behind.take() {
            // The numbers of the lines are those of an older text.
            Some(line) => vec![line],
            None => self.edited_lines(),
        };
        self.reach = reach;
        self.learn_window(vocabulary, line);
        self.restore_edited(&edited);
    }

    fn learn_window(&mut self, vocabulary: &mut Vocabulary, line: usize) {
        let text = self.text.clone();
        let window = window_around(&text, line, self.reach);
        if window == (0..text.len_lines()) {
            self.reach = Reach::Whole;
        }
        self.before = Side::new(Direction::Forward);
        self.after = Side::new(Direction::Backward);
        self.first_line = window.start;
        self.open_line = line.min(text.len_lines() - 1);
        self.open_freshness = self.initial_freshness;
        self.open_brackets = None;
        let mut loose = LooseLine::default();
        for number in window.start..self.open_line {
            self.cut(vocabulary, &text, number, &mut loose);
            self.before.push(vocabulary, &loose);
        }
        for number in (self.open_line + 1..window.end).rev() {
            self.cut(vocabulary, &text, number, &mut loose);
            self.after.push(vocabulary, &loose);
        }
    }

    fn cut(
        &mut self,
        vocabulary: &mut Vocabulary,
        text: &Text,
        line: usize,
        loose: &mut LooseLine,
    ) {
        loose.tokens.clear();
        loose.freshness = self.initial_freshness;
        let line = bounded_line(text, line);
        loose.width = lexer::lex_body(vocabulary, &line, &mut self.pieces, &mut loose.tokens);
    }

    /// Puts the open line, read from `text`, on the side above. Then no line is open.
    fn close_line(&mut self, vocabulary: &mut Vocabulary, text: &Text) {
        let mut loose = LooseLine::default();
        self.cut(vocabulary, text, self.open_line, &mut loose);
        loose.freshness = self.open_freshness;
        self.before.push(vocabulary, &loose);
        self.open_brackets = None;
    }

    /// Opens `line` while no line is open. It must be in the window.
    fn open(&mut self, vocabulary: &Vocabulary, line: usize) {
        self.gather_above(vocabulary, line);
        self.open_line = line;
        self.open_freshness = self.after.drop_line().unwrap_or(self.initial_freshness);
    }

    /// Moves lines between the sides until all lines above `line` and no others are on the side
    /// above.
    fn gather_above(&mut self, vocabulary: &Vocabulary, line: usize) {
        self.open_brackets = None;
        let wanted = line - self.first_line;
        let mut loose = LooseLine::default();
        while self.before.line_count() < wanted && self.after.pop(vocabulary, &mut loose) {
            self.before.push(vocabulary, &loose);
        }
        while self.before.line_count() > wanted && self.before.pop(vocabulary, &mut loose) {
            self.after.push(vocabulary, &loose);
        }
    }

    /// Replaces lines while no line is open. Answers whether the window could be kept.
    fn replace_lines(&mut self, vocabulary: &mut Vocabulary, edit: &LineEdit) -> bool {
        let end_line = self.first_line + self.before.line_count() + self.after.line_count();
        // The edits before this one are done, so the lines it replaces begin where the new ones
        // will.
        let old_last = edit.new_first + (edit.old_last - edit.old_first);
        let is_inside = self.first_line <= edit.new_first && old_last < end_line;
        if !is_inside || edit.new_last - edit.new_first > 2 * WINDOW_LINES {
            return false;
        }
        self.gather_above(vocabulary, edit.new_first);
        for _ in edit.new_first..=old_last {
            self.after.drop_line();
        }
        let mut loose = LooseLine::default();
        let text = self.text.clone();
        for line in edit.new_first..=edit.new_last {
            self.cut(vocabulary, &text, line, &mut loose);
            loose.freshness = Freshness::Edited;
            self.before.push(vocabulary, &loose);
        }
        true
    }
}

/// What lines of `text` to learn around `line`, end exclusive.
fn window_around(text: &Text, line: usize, reach: Reach) -> Range<usize> {
    let bytes = match reach {
        Reach::Near => NEAR_BYTES,
        Reach::Whole => WINDOW_BYTES,
    };
    let line = line.min(text.len_lines() - 1);
    let near = text.line_start(line);
    let first_byte = near.saturating_sub(bytes);
    let start = text
        .line_of(first_byte)
        .max(line.saturating_sub(WINDOW_LINES));
    let start = if text.line_start(start) < first_byte {
        (start + 1).min(line)
    } else {
        start
    };
    let last_byte = text
        .line_end(line)
        .saturating_add(bytes)
        .min(text.len_bytes());
    let end = (text.line_of(last_byte) + 1).min(line + 1 + WINDOW_LINES);
    start..end.max(line + 1)
}

/// The part of a line that is looked at, without copying the rest of it.
pub(crate) fn bounded_line(text: &Text, line: usize) -> Cow<'_, str> {
    let start = text.line_start(line);
    let end = text.line_end(line);
    let end = if end - start > MAX_LINE_BYTES {
        text.floor_char_boundary(start + MAX_LINE_BYTES)
    } else {
        end
    };
    text.slice(start..end)
}

/// The lines that each edit replaces, in order, apart from each other. Lines not among them are the
/// same in both texts.
fn line_edits(old: &Text, new: &Text, changes: &ChangeSet) -> Vec<LineEdit> {
    let mut edits: Vec<LineEdit> = Vec::new();
    let mut inserted = 0;
    let mut deleted = 0;
    for Edit { range, insert } in changes.edits() {
        let new_start = range.start + inserted - deleted;
        let edit = line_edit(old, new, &range, new_start, insert);
        inserted += insert.len();
        deleted += range.len();
        match edits.last_mut() {
            Some(last) if edit.old_first <= last.old_last || edit.new_first <= last.new_last => {
                last.old_last = edit.old_last.max(last.old_last);
                last.new_last = edit.new_last.max(last.new_last);
            }
            _ => edits.push(edit),
        }
    }
    edits
}

fn line_edit(
    old: &Text,
    new: &Text,
    range: &Range<usize>,
    new_start: usize,
    insert: &str,
) -> LineEdit {
    let new_end = new_start + insert.len();
    // A carriage return beside the edit may gain or lose its line feed, which joins or parts lines.
    let after_return = range.start > 0 && byte(old, range.start - 1) == Some(b'\r');
    let back = usize::from(after_return);
    let returns = after_return
        || insert.ends_with('\r')
        || range.end > 0 && byte(old, range.end - 1) == Some(b'\r');
    let ahead = usize::from(returns && byte(old, range.end) == Some(b'\n'));
    LineEdit {
        old_first: old.line_of(range.start - back),
        old_last: old.line_of(range.end + ahead),
        new_first: new.line_of(new_start - back),
        new_last: new.line_of(new_end + ahead),
    }
}

fn byte(text: &Text, offset: usize) -> Option<u8> {
    if offset >= text.len_bytes() {
        return None;
    }
    let (chunk, start) = text.chunk_at(offset);
    chunk.as_bytes().get(offset - start).copied()
}
