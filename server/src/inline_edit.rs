//! Inline edits: the model rewrites a selection as the user says, and what it writes takes the selection's place.
//!
//! `session/inline_edit.rs` owns those that are under way. Here are the parts that know nothing of the editor: what the model
//! is told, what of its answer counts, how that fits into the document, and the thread that waits for the answer.

mod answer;
mod fitting;
mod prompt;
mod work;

use crate::transport::Answer;

pub(crate) use answer::{growing, wanted_text};
pub(crate) use fitting::{Slot, fitted};
pub(crate) use prompt::{LONGEST_SELECTION, Prompt, Scene};
pub(crate) use work::{Canceller, Failure, InlineWork, start};

/// What happens to inline edits besides what the user does; with the number of the edit.
#[derive(Debug)]
pub(crate) enum InlineEditEvent {
    /// The client has answered whether it shows the progress.
    ProgressAllowed(u32, Answer),
    /// All that the model has written so far.
    Grown(u32, String),
    /// The model is done.
    Ended(u32, Result<String, Failure>),
}
