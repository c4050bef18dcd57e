//! What was proposed at each place of the replay, and how much of it was right. Thresholds are
//! applied afterwards, so one replay answers for all of them.

use crate::{
    fit::{self, Surroundings},
    query::decode::{ProposedLine, Step},
    vocabulary::is_word_part,
};

/// Who proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// The engine with its ranker.
    Engine,
    /// A nested cache n-gram model over the same counts.
    NestedNgram,
    /// The nearest word with the typed prefix.
    Word,
}

/// The records of one method over one repository, in the order of typing.
#[derive(Clone, Debug, Default)]
pub struct Records {
    pub(super) records: Vec<Record>,
}

/// One place.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// Numbers the typed lines.
    pub(super) line: u32,
    /// Characters typed of the line, without its indentation.
    pub(super) column: u32,
    /// Characters of the line that are not typed yet.
    pub(super) remaining: u32,
    /// What may be shown.
    pub(super) steps: Vec<Step>,
    /// The steps up to here (exclusive) are right.
    pub(super) right: usize,
    /// Whether the last step is the end of the line.
    pub(super) is_complete: bool,
    /// The step that must not be shown because the line would repeat the next one.
    pub(super) repeating: Option<usize>,
    pub(super) text: Box<str>,
    pub(super) place: LinePlace,
}

/// What kind of line is typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LinePlace {
    pub(super) is_comment: bool,
    /// Whether the commit removed nothing where it added the line.
    pub(super) is_insertion: bool,
}

/// Where a proposal was made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) line: u32,
    pub(super) column: u32,
    /// What the commit says comes after the cursor on this line.
    pub(super) truth: &'a str,
    pub(super) place: LinePlace,
}

impl Record {
    pub(super) fn new(asked: Asked, proposed: ProposedLine, surroundings: &Surroundings) -> Self {
        let steps = fit::allowed_steps(&proposed, surroundings)
            .unwrap_or(&[])
            .to_vec();
        let is_complete = proposed.is_complete && steps.len() == proposed.steps.len();
        let repeats =
            |step: &Step| fit::repeats_following(surroundings, &proposed.text[..step.end]);
        let repeating = steps.iter().position(repeats);
        let right = right_steps(
            asked.truth,
            surroundings.head,
            &proposed.text,
            &steps,
            is_complete,
        );
        Self {
            line: asked.line,
            column: asked.column,
            remaining: asked.truth.chars().count() as u32,
            right,
            is_complete,
            repeating,
            text: proposed.text.into_boxed_str(),
            steps,
            place: asked.place,
        }
    }
}

/// How many steps are right: the truth begins with them, and the last one ends where a token of the
/// truth ends.
fn right_steps(truth: &str, head: &str, text: &str, steps: &[Step], is_complete: bool) -> usize {
    let is_right = |(number, step): (usize, &Step)| {
        let is_end = is_complete && number + 1 == steps.len();
        let Some(rest) = truth.strip_prefix(&text[..step.end]) else {
            return false;
        };
        if is_end {
            return rest.is_empty();
        }
        let before = text[..step.end]
            .chars()
            .next_back()
            .or_else(|| head.chars().next_back());
        let cuts_word = before.is_some_and(is_word_part) && rest.starts_with(is_word_part);
        !cuts_word
    };
    steps
        .iter()
        .enumerate()
        .take_while(|&step| is_right(step))
        .count()
}
