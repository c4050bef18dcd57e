//! Where an answer belongs in a document of which nothing is remembered but its text: reopened, or on disk. Pure.

use super::format::{self, LineBreak, ROPEWALK, YOU};

/// Where an answer goes on, or begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placement {
    /// In bytes.
    pub(crate) start: usize,
    /// What stands there of it already: the document's text from `start` on.
    pub(crate) delivered: String,
    /// What comes before the answer's own text.
    pub(crate) opening: String,
    /// What comes after it.
    pub(crate) closing: String,
}

/// The place of the answer to `message`. What stands below the message already is taken for the beginning of the answer only
/// when it is `known`: what was delivered last, with what comes before and after the answer's own text.
pub(crate) fn placement(text: &str, message: &str, known: &str) -> Placement {
    let message = message.trim();
    let delivered = text
        .rfind(known)
        .filter(|start| !known.is_empty() && text[..*start].trim_end().ends_with(message));
    if let Some(start) = delivered {
        return Placement::after_message(start, known);
    }
    let draft = format::draft(text);
    let written = text[draft.clone()].trim_start();
    if written.starts_with(message) {
        let start = draft.end - written.len() + message.len();
        return Placement::after_message(start, "");
    }
    Placement::with_message(text, message)
}

impl Placement {
    /// Right after the message, where `delivered` stands of the answer already.
    pub(crate) fn after_message(start: usize, delivered: &str) -> Self {
        Self {
            start,
            delivered: delivered.to_owned(),
            opening: format::before_answer(),
            closing: format::after_answer(),
        }
    }

    /// The message is gone, or something else was made of the answer: both are told again, above what is being written.
    fn with_message(text: &str, message: &str) -> Self {
        let heading = format::last_heading(text, YOU);
        let above = heading
            .as_ref()
            .map_or(text, |heading| &text[..heading.start]);
        Self {
            start: above.trim_end().len(),
            delivered: String::new(),
            opening: format!("\n\n{YOU}\n\n{message}\n\n{ROPEWALK}\n\n"),
            closing: match heading {
                Some(_) => String::new(),
                None => format::after_answer(),
            },
        }
    }

    /// All that shall stand there, with the answer's own text; line breaks as the document has them.
    pub(crate) fn whole(&self, answer: &str, line_break: LineBreak) -> String {
        let whole = format!("{}{answer}{}", self.opening, self.closing);
        match line_break {
            LineBreak::Lf => whole,
            LineBreak::CrLf => whole.replace('\n', "\r\n"),
        }
    }
}

#[cfg(test)]
mod tests;
