//! What is asked of the engine and what it answers, in plain data.

use std::{ops::Range, path::Path, time::Duration};

use text::Text;

/// How eager to be when the user has not said otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preset {
    /// Fewer suggestions, about 70 % of them right as far as they go.
    Calm,
    /// About 60 % right.
    #[default]
    Balanced,
    /// Whatever is more than a guess.
    Eager,
}

/// What to suggest and how long to think about it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SuggestOptions {
    /// The confidence below which nothing is shown, between 0 and 1.
    pub threshold: f32,
    /// Suggestions of fewer characters are not shown.
    pub min_characters: usize,
    /// How many lines a suggestion may have, the cursor's included. At least 1.
    pub max_lines: usize,
    /// After this time the engine answers with what is sure so far.
    pub deadline: Duration,
}

/// A place where text is to be suggested.
#[derive(Clone, Copy, Debug)]
pub struct SuggestQuery<'a> {
    /// The document's path, as it was opened and as the index knows it.
    pub path: &'a Path,
    /// The document as the last `open` or `change` left it.
    pub text: &'a Text,
    /// The cursor, a byte offset in `text`; clamped to its end and to a character boundary.
    pub offset: usize,
    /// What to suggest.
    pub options: &'a SuggestOptions,
}

/// The engine's answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Something to show.
    Suggestion(Suggestion),
    /// Nothing to show, and why.
    Silent(SilenceReason),
}

/// Text offered at the cursor.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// The bytes of the document to replace, end exclusive. On one line, and the cursor is in it or
    /// at its border.
    pub replace: Range<usize>,
    /// What to put there. Line breaks are the document's own.
    pub text: String,
    /// The bytes of the unfinished word before the cursor that the text goes on from; empty if
    /// there is none.
    pub word: Range<usize>,
    /// The probability that all of it is what the user goes on to type, between 0 and 1.
    pub confidence: f32,
    /// Whether the text reaches the end of the line.
    pub completes_line: bool,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a suggestion comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was computed for this query.
    Computed,
    /// The user typed the beginning of an earlier suggestion, and this is the rest of it.
    TypedThrough,
}

/// Why nothing is suggested, in a sentence for the user.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum SilenceReason {
    /// Nothing that was learned fits.
    #[error("nothing in the workspace or the open documents continues this")]
    NoCandidates,
    /// The best continuation is less likely than the threshold, or not worth its length.
    #[error("the best continuation is only {:.0} % likely", confidence * 100.0)]
    TooUncertain {
        /// Between 0 and 1.
        confidence: f32,
    },
    /// What is likely is shorter than `SuggestOptions::min_characters`.
    #[error("the likely continuation is too short to be worth showing")]
    TooShort,
    /// It stands after the cursor already.
    #[error("the likely continuation is already there after the cursor")]
    RepeatsFollowing,
    /// It closes a bracket that is not open.
    #[error("the likely continuation would close a bracket that is not open")]
    UnbalancedBracket,
    /// The cursor has parts of a word on both sides.
    #[error("the cursor is inside a word")]
    InsideWord,
    /// The line is too long to be written by hand.
    #[error("the line is too long to be code")]
    LineTooLong,
    /// There was no time for a single word.
    #[error("there was no time to find a suggestion")]
    Deadline,
    /// The query was cancelled.
    #[error("the request was cancelled")]
    Cancelled,
}

impl SuggestOptions {
    /// The options of a preset. How often it is right is measured in `docs/quality.md`.
    pub fn preset(preset: Preset) -> Self {
        let (threshold, min_characters) = match preset {
            Preset::Calm => (0.43, 4),
            Preset::Balanced => (0.25, 4),
            Preset::Eager => (0.1, 2),
        };
        Self {
            threshold,
            min_characters,
            max_lines: 4,
            deadline: Duration::from_millis(5),
        }
    }
}

impl Default for SuggestOptions {
    fn default() -> Self {
        Self::preset(Preset::default())
    }
}

impl Suggestion {
    /// The text that would stand after the cursor, if `cursor` is the offset the query asked for.
    pub fn text_after(&self, cursor: usize) -> &str {
        let before = cursor.saturating_sub(self.replace.start);
        self.text.get(before..).unwrap_or_default()
    }
}
