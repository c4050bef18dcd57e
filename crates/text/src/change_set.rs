//! `ChangeSet`: how one text became another, as keep, delete and insert over its bytes.
//!
//! Changes are recorded by `change.rs` and found by `diff.rs`; their algebra (compose, invert, map an
//! offset) is in `change_set/`. The workspace, the syntax trees and the ledger carry their places
//! forward with it.

mod compose;
mod map;
mod rebase;

use std::ops::Range;

use crate::Text;

pub use map::Bias;

/// A change from a text of [`len_before`](ChangeSet::len_before) bytes to one of
/// [`len_after`](ChangeSet::len_after) bytes.
///
/// It is always in one normal form, so that equal changes are equal values: operations of the same
/// kind do not follow each other, none is empty, a deletion stands before an insertion at the same
/// place, and the operations cover the whole text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeSet {
    operations: Vec<Operation>,
    len_before: usize,
    len_after: usize,
}

/// One step of a [`ChangeSet`] through the old text, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Keeps that many bytes.
    Retain(usize),
    /// Leaves that many bytes out.
    Delete(usize),
    /// Puts new text in.
    Insert(String),
}

/// One contiguous replacement of a [`ChangeSet`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit<'change> {
    /// The bytes of the old text that are replaced, the end excluded; empty for an insertion.
    pub range: Range<usize>,
    /// What stands there instead; empty for a deletion.
    pub insert: &'change str,
}

/// Why a [`ChangeSet`] does not fit what it was given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeSetError {
    /// The change was made for another version of the text.
    #[error("the change is for a text of {expected} bytes, this one has {actual}")]
    Length {
        /// The bytes the change expects.
        expected: usize,
        /// The bytes that were there.
        actual: usize,
    },
    /// The change would cut a character in two, so it was made for another text.
    #[error("the change cuts through the character around byte {offset}")]
    CharBoundary {
        /// The offset that is not a boundary, in the text the change is applied to.
        offset: usize,
    },
    /// The edits given do not follow each other.
    #[error(
        "the edit at byte {offset} overlaps the one before it, is reversed or is out of bounds"
    )]
    Order {
        /// The start of the offending edit.
        offset: usize,
    },
}

impl ChangeSet {
    /// The change that leaves a text of `len` bytes as it is.
    pub fn identity(len: usize) -> Self {
        let mut change = Self::default();
        change.retain(len);
        change
    }

    /// The change that puts `insert` in the place of `range` in a text of `len` bytes. A range out of
    /// bounds is cut to the text, a reversed one swapped.
    pub fn replacement(len: usize, range: Range<usize>, insert: &str) -> Self {
        let start = range.start.min(range.end).min(len);
        let end = range.start.max(range.end).min(len);
        let mut change = Self::default();
        change.retain(start);
        change.delete(end - start);
        change.insert(insert);
        change.retain(len - end);
        change
    }

    /// The change that makes all `edits` of a text of `len` bytes at once. They must be in order,
    /// apart from each other (touching is fine) and within the text.
    pub fn from_edits<'edit>(
        len: usize,
        edits: impl IntoIterator<Item = Edit<'edit>>,
    ) -> Result<Self, ChangeSetError> {
        let mut change = Self::default();
        for Edit { range, insert } in edits {
            if range.start < change.len_before || range.end < range.start || range.end > len {
                return Err(ChangeSetError::Order {
                    offset: range.start,
                });
            }
            change.retain(range.start - change.len_before);
            change.delete(range.len());
            change.insert(insert);
        }
        change.retain(len - change.len_before);
        Ok(change)
    }

    /// The bytes of the text it applies to.
    pub fn len_before(&self) -> usize {
        self.len_before
    }

    /// The bytes of the text it makes.
    pub fn len_after(&self) -> usize {
        self.len_after
    }

    /// Whether it changes nothing.
    pub fn is_identity(&self) -> bool {
        self.operations
            .iter()
            .all(|operation| matches!(operation, Operation::Retain(_)))
    }

    /// Its steps, in order.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Its replacements, in order, apart from each other by at least a byte.
    pub fn edits(&self) -> impl Iterator<Item = Edit<'_>> {
        let mut operations = self.operations.iter().peekable();
        let mut old = 0;
        std::iter::from_fn(move || {
            loop {
                let start = old;
                match operations.next()? {
                    Operation::Retain(count) => old += count,
                    Operation::Insert(insert) => {
                        return Some(Edit {
                            range: start..start,
                            insert,
                        });
                    }
                    Operation::Delete(count) => {
                        old += count;
                        let next = operations.next_if(|next| matches!(next, Operation::Insert(_)));
                        let insert = match next {
                            Some(Operation::Insert(insert)) => insert.as_str(),
                            _ => "",
                        };
                        return Some(Edit {
                            range: start..old,
                            insert,
                        });
                    }
                }
            }
        })
    }

    /// The text that `text` becomes.
    ///
    /// Fails when the change was made for another text, as far as lengths and characters can tell.
    pub fn apply(&self, text: &str) -> Result<String, ChangeSetError> {
        self.check(text.len(), |offset| text.is_char_boundary(offset))?;
        let mut result = String::with_capacity(self.len_after);
        let mut old = 0;
        for edit in self.edits() {
            result.push_str(&text[old..edit.range.start]);
            result.push_str(edit.insert);
            old = edit.range.end;
        }
        result.push_str(&text[old..]);
        Ok(result)
    }

    fn check(
        &self,
        len: usize,
        is_char_boundary: impl Fn(usize) -> bool,
    ) -> Result<(), ChangeSetError> {
        if len != self.len_before {
            return Err(ChangeSetError::Length {
                expected: self.len_before,
                actual: len,
            });
        }
        let mut ends = self
            .edits()
            .flat_map(|edit| [edit.range.start, edit.range.end]);
        match ends.find(|offset| !is_char_boundary(*offset)) {
            Some(offset) => Err(ChangeSetError::CharBoundary { offset }),
            None => Ok(()),
        }
    }

    fn retain(&mut self, count: usize) {
        self.len_before += count;
        self.len_after += count;
        match self.operations.last_mut() {
            _ if count == 0 => {}
            Some(Operation::Retain(last)) => *last += count,
            _ => self.operations.push(Operation::Retain(count)),
        }
    }

    fn delete(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        self.len_before += count;
        let last_is_insert = matches!(self.operations.last(), Some(Operation::Insert(_)));
        let at = self.operations.len() - usize::from(last_is_insert);
        match self.operations[..at].last_mut() {
            Some(Operation::Delete(last)) => *last += count,
            _ => self.operations.insert(at, Operation::Delete(count)),
        }
    }

    fn insert(&mut self, text: &str) {
        self.len_after += text.len();
        match self.operations.last_mut() {
            _ if text.is_empty() => {}
            Some(Operation::Insert(last)) => last.push_str(text),
            _ => self.operations.push(Operation::Insert(text.to_owned())),
        }
    }
}

impl Text {
    /// Applies `change`, wholly or, when it was made for another text, not at all.
    pub fn apply(&mut self, change: &ChangeSet) -> Result<(), ChangeSetError> {
        change.check(self.len_bytes(), |offset| self.is_char_boundary(offset))?;
        let edits: Vec<_> = change.edits().collect();
        // From the last to the first, so that the ranges still to come keep their places.
        for Edit { range, insert } in edits.into_iter().rev() {
            self.replace(range, insert);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
