//! From a query to a suggestion: finds the place in the document, has the query decode from there,
//! fits the result.

use std::{ops::Range, path::Path, time::Instant};

use text::Text;

use super::Engine;
use crate::{
    buffer::{Brackets, bounded_line},
    fit::{self, Surroundings},
    lexer::{self, MAX_LINE_BYTES, Piece},
    query::{
        Evidence, Scorer,
        candidates::Partial,
        context::Context,
        decode::{Decoder, Interrupt, Limits, Proposal},
    },
    suggestion::{Origin, SilenceReason, SuggestQuery, Suggestion},
    vocabulary::{TokenId, Vocabulary, is_word_part},
};

/// How many lines are looked at for the next one that is not blank, and for the indentation of the
/// document.
const LINES_AROUND: usize = 100;

/// The cursor's line, taken apart at the cursor.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    line: usize,
    /// The line before and after the cursor.
    pub(crate) head: String,
    pub(crate) tail: String,
    /// Columns of indentation before the cursor.
    width: u32,
    /// The whole tokens before the cursor.
    pub(crate) pieces: Vec<Piece>,
    /// What is typed of the next token, and where in `head` it starts with its space.
    pub(crate) partial: Option<Partial>,
    pub(crate) partial_start: usize,
}

impl Engine {
    /// Answers a query without looking at what is shown already.
    pub(crate) fn compute(
        &mut self,
        query: &SuggestQuery,
        cursor: usize,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Suggestion, SilenceReason> {
        let place = Place::find(query.text, cursor)?;
        // Learning a document happens once and must be done anyway: the time to think starts after
        // it.
        self.prepare(query.path, query.text);
        let deadline = Instant::now() + query.options.deadline;
        let interrupt = || {
            if cancelled() {
                Some(Interrupt::Cancelled)
            } else {
                (Instant::now() >= deadline).then_some(Interrupt::Deadline)
            }
        };
        let limits = Limits {
            floor: query.options.threshold,
            lines: query.options.max_lines.max(1),
            interrupt: &interrupt,
        };
        let (proposal, surroundings) =
            self.propose(query.path, query.text, &place, Scoring::Ranked, &limits);
        if let Some(reason) = silenced(&proposal) {
            return Err(reason);
        }
        let fitted = fit::fit(&proposal, &surroundings, query.options)?;
        let word = place
            .partial
            .as_ref()
            .map_or(0, |partial| partial.text.len());
        Ok(Suggestion {
            replace: cursor..cursor,
            text: fitted.text,
            word: cursor - word..cursor,
            confidence: fitted.confidence,
            completes_line: fitted.completes_line,
            origin: Origin::Computed,
        })
    }

    /// Decodes from a place, with what there is to know to fit the result.
    pub(crate) fn propose<'a>(
        &mut self,
        path: &Path,
        text: &'a Text,
        place: &'a Place,
        scoring: Scoring,
        limits: &Limits,
    ) -> (Proposal, Surroundings<'a>) {
        self.with_decoder(path, text, place, scoring, |decoder, brackets| {
            (
                decoder.decode(place.partial.as_ref(), limits),
                place.surroundings(text, brackets),
            )
        })
    }

    /// Sets a decoder up for a place and takes it down again. `run` also gets the brackets open at
    /// the cursor.
    pub(crate) fn with_decoder<T>(
        &mut self,
        path: &Path,
        text: &Text,
        place: &Place,
        scoring: Scoring,
        run: impl FnOnce(&mut Decoder, Brackets) -> T,
    ) -> T {
        self.prepare(path, text);
        let Self {
            ranker,
            index,
            vocabulary,
            documents,
            recent,
            active,
            scratch,
            ..
        } = self;
        let document = &mut documents.get_mut(path).expect("prepare opened it").document;
        let active = active.as_ref().expect("prepare activated it");
        document.move_to(vocabulary, place.line);
        let tokens = place.tokens(vocabulary);
        let length = document.enter(vocabulary, place.width, &tokens);
        let evidence = Evidence {
            stacks: document
                .stacks()
                .into_iter()
                .chain(recent.others(path))
                .collect(),
            vocabulary,
            index,
            tombstones: &active.tombstones,
            directories: active.directories.clone(),
        };
        let mut brackets = Brackets::new(document.enclosing_closers());
        let context = Context::read(
            &evidence,
            brackets.clone(),
            &place.head,
            place.partial_start,
        );
        brackets.read(&place.head);
        let scorer = match scoring {
            Scoring::Ranked => Scorer::Ranker(ranker),
            Scoring::NestedNgram => Scorer::NestedNgram,
        };
        let result = run(
            &mut Decoder {
                evidence,
                context,
                scratch,
                scorer,
            },
            brackets,
        );
        document.leave(length);
        result
    }

    /// Sees to it that the document is open with this text, in the present numbers, and the active
    /// one.
    pub(crate) fn prepare(&mut self, path: &Path, text: &Text) {
        let is_known = self
            .documents
            .get(path)
            .is_some_and(|open| open.document.text().len_bytes() == text.len_bytes());
        if is_known {
            self.renew(path);
        } else {
            self.learn_document(path, text);
        }
        self.activate(path);
    }
}

/// Which scorer to use: the evaluation compares them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scoring {
    Ranked,
    NestedNgram,
}

impl Place {
    /// Takes the line apart, unless nothing can be suggested there.
    pub(crate) fn find(text: &Text, cursor: usize) -> Result<Self, SilenceReason> {
        let line = text.line_of(cursor);
        let start = text.line_start(line);
        let cursor = cursor.min(text.line_end(line).max(start));
        if cursor - start > MAX_LINE_BYTES {
            return Err(SilenceReason::LineTooLong);
        }
        let tail_end = text.line_end(line).min(cursor + MAX_LINE_BYTES);
        let head = text.slice(start..cursor).into_owned();
        let tail = text
            .slice(cursor..text.floor_char_boundary(tail_end))
            .into_owned();
        if tail.starts_with(is_word_part) && head.ends_with(is_word_part) {
            return Err(SilenceReason::InsideWord);
        }
        Ok(Self::cut(line, head, tail))
    }

    /// The place in the text, for fitting what is proposed.
    pub(crate) fn surroundings<'a>(
        &'a self,
        text: &'a Text,
        brackets: Brackets,
    ) -> Surroundings<'a> {
        let below = self.line + 1..text.len_lines().min(self.line + 1 + LINES_AROUND);
        let following = below
            .map(|line| bounded_line(text, line))
            .find(|line| !line.trim().is_empty());
        Surroundings {
            head: &self.head,
            tail: &self.tail,
            following: following.unwrap_or_default(),
            brackets,
            line_break: line_break(text, self.line),
            indent_unit: indent_unit(text, self.line),
        }
    }

    fn cut(line: usize, head: String, tail: String) -> Self {
        let indentation = lexer::indentation(&head);
        let mut pieces = Vec::new();
        lexer::cut_line(&head, indentation.bytes, &mut pieces);
        let (partial, partial_start) = cut_partial(&head, &mut pieces, indentation.bytes);
        Self {
            line,
            width: indentation.width,
            head,
            tail,
            pieces,
            partial,
            partial_start,
        }
    }

    fn tokens(&self, vocabulary: &mut Vocabulary) -> Vec<TokenId> {
        let text = |range: &Range<usize>| &self.head[range.clone()];
        self.pieces
            .iter()
            .map(|piece| vocabulary.intern(piece.leading, text(&piece.range)))
            .collect()
    }
}

/// Takes the unfinished token at the end off the pieces. White space at the end is the beginning of
/// one.
fn cut_partial(
    head: &str,
    pieces: &mut Vec<Piece>,
    indentation: usize,
) -> (Option<Partial>, usize) {
    let end = pieces.last().map_or(indentation, |piece| piece.range.end);
    if pieces.is_empty() {
        return (None, indentation);
    }
    if end < head.len() {
        let leading = lexer::leading_of(&head.as_bytes()[end..]);
        return (
            Some(Partial {
                leading,
                text: String::new(),
            }),
            end,
        );
    }
    let last = pieces.pop().expect("there are pieces");
    let start = pieces.last().map_or(indentation, |piece| piece.range.end);
    (
        Some(Partial {
            leading: last.leading,
            text: head[last.range].to_owned(),
        }),
        start,
    )
}

fn silenced(proposal: &Proposal) -> Option<SilenceReason> {
    let nothing_yet = proposal
        .lines
        .first()
        .is_none_or(|line| line.steps.is_empty());
    match proposal.interrupt? {
        Interrupt::Cancelled => Some(SilenceReason::Cancelled),
        Interrupt::Deadline => nothing_yet.then_some(SilenceReason::Deadline),
    }
}

/// The break at the end of the line above, or of this one; documents without any get a line feed.
fn line_break(text: &Text, line: usize) -> &'static str {
    let above = line.saturating_sub(1);
    let ending = text.slice(text.line_end(above)..text.line_start(above + 1));
    match &*ending {
        "\r\n" => "\r\n",
        "\r" => "\r",
        _ => "\n",
    }
}

/// One step of indentation: what the nearest line above that is indented deeper than the one before
/// it adds.
fn indent_unit(text: &Text, line: usize) -> String {
    const USUAL: &str = "    ";
    let first = line.saturating_sub(LINES_AROUND);
    let mut deeper = String::new();
    for number in (first..=line).rev() {
        let text = bounded_line(text, number);
        let indentation = &text[..lexer::indentation(&text).bytes];
        if text.trim().is_empty() {
            continue;
        }
        if let Some(step) = deeper
            .strip_prefix(indentation)
            .filter(|step| !step.is_empty())
        {
            return step.to_owned();
        }
        deeper = indentation.to_owned();
    }
    if deeper.starts_with('\t') {
        "\t".to_owned()
    } else {
        USUAL.to_owned()
    }
}
