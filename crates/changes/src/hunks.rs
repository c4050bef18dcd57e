//! A changed text as hunks: which lines stand in the place of which.

use std::ops::Range;

use text::{Text, line_hunks};

use crate::{Base, FileChange, FileState};

/// One contiguous change of a text.
///
/// Lines are LSP's: they end with `\n`, `\r\n` or `\r`, count from zero, and have their line break with
/// them; ranges exclude their end. Applied from the last to the first, the hunks make the one text
/// into the other, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk<'change> {
    /// The lines that go, in the text before; empty where lines are only added.
    pub before: Range<usize>,
    /// The lines that come, in the text after; empty where lines are only taken away.
    pub after: Range<usize>,
    /// The text of the lines that go.
    pub removed: &'change str,
    /// The text of the lines that come.
    pub added: &'change str,
}

impl FileChange {
    /// Where the text changed, in order, no two hunks touching.
    ///
    /// A created text is one hunk, and so is a deleted one. There are none where no text was or will
    /// be (binary content, links), and where it is not known what the task started from: such a file
    /// changes as a whole.
    pub fn hunks(&self) -> Vec<Hunk<'_>> {
        self.texts()
            .map_or_else(Vec::new, |(before, after)| hunks(before, after))
    }

    /// The text before and after, empty where there is no file; `None` when one of them is no text or
    /// not known.
    pub(crate) fn texts(&self) -> Option<(&str, &str)> {
        let before = match &self.base {
            Base::Absent => Some(""),
            Base::Known(state) => state.text(),
            Base::Unknown => None,
        };
        let after = self.after.as_ref().map_or(Some(""), FileState::text);
        before.zip(after)
    }
}

fn hunks<'change>(before: &'change str, after: &'change str) -> Vec<Hunk<'change>> {
    let (old, new) = (Text::from(before), Text::from(after));
    let bytes = |text: &Text, lines: &Range<usize>| {
        text.line_start(lines.start)..text.line_start(lines.end)
    };
    let hunk = |hunk: text::LineHunk| Hunk {
        removed: &before[bytes(&old, &hunk.old)],
        added: &after[bytes(&new, &hunk.new)],
        before: hunk.old,
        after: hunk.new,
    };
    line_hunks(before, after).into_iter().map(hunk).collect()
}

#[cfg(test)]
mod tests;
