//! What an editor sends when a document changes, applied to its text.
//!
//! The server hands the entries of one `textDocument/didChange` over as they came; the answer is the
//! one `ChangeSet` that everything derived from the text is carried forward with.

use std::ops::Range;

use crate::{ChangeSet, Position, PositionEncoding, Text};

/// One entry of a `textDocument/didChange` notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentChange {
    /// The range that `text` takes the place of, its end excluded; `None` is the whole document. It
    /// is valid in the state after the entries before it.
    pub range: Option<Range<Position>>,
    /// The new text of the range.
    pub text: String,
}

impl Text {
    /// Applies the entries of one notification, in their order, and says what happened in sum.
    ///
    /// Positions are clamped as [`Text::offset`] does, and a range whose start lies after its end is
    /// read with the two swapped, so no notification can fail.
    pub fn apply_changes(
        &mut self,
        changes: &[ContentChange],
        encoding: PositionEncoding,
    ) -> ChangeSet {
        let before = self.len_bytes();
        let steps = changes
            .iter()
            .map(|change| self.apply_change(change, encoding))
            .collect();
        ChangeSet::compose_all(before, steps)
    }

    /// Makes this text equal to `text` and says what that changed: at most the one stretch between
    /// what both have in common at their starts and at their ends.
    pub fn replace_all(&mut self, text: &str) -> ChangeSet {
        let prefix = self.common_prefix(text);
        let suffix = self.common_suffix(text, prefix);
        let range = prefix..self.len_bytes() - suffix;
        self.replace_recorded(range, &text[prefix..text.len() - suffix])
    }

    fn apply_change(&mut self, change: &ContentChange, encoding: PositionEncoding) -> ChangeSet {
        match &change.range {
            None => self.replace_all(&change.text),
            Some(range) => {
                let start = self.offset(range.start, encoding);
                let end = self.offset(range.end, encoding);
                self.replace_recorded(self.clamp(start..end), &change.text)
            }
        }
    }

    fn replace_recorded(&mut self, range: Range<usize>, with: &str) -> ChangeSet {
        let change = ChangeSet::replacement(self.len_bytes(), range.clone(), with);
        self.replace(range, with);
        change
    }
}

#[cfg(test)]
mod tests;
