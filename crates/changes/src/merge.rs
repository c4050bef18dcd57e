//! What applying a change comes down to, when the file may be another one than the task started from.
//!
//! Whoever applies a proposal reads the file as it is now, asks [`FileChange::merge`], and does what
//! it says. Texts are merged line by line (`text::merge`); everything else is taken whole or not at
//! all. What the user made meanwhile is either in the result or in a [`Conflict`].

mod conflict;
mod three_way;

use std::path::PathBuf;

use crate::{Base, FileChange, FileState};

pub use conflict::{Conflict, ConflictReason};
use three_way::merge_states;

/// What is to be done with one file so that its change is applied.
///
/// Whoever does it makes sure that the file still is `expected`, for only then nothing is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merged {
    /// Nothing: the file already is as the change wants it, or the user's own changes include it.
    Unchanged,
    /// Put `state` at `path`.
    Write {
        /// Absolute.
        path: PathBuf,
        /// What is there now; `None` for nothing.
        expected: Option<FileState>,
        /// What shall be there.
        state: FileState,
    },
    /// Take the file at `from` away and put `state` at `to`, where nothing is now.
    Move {
        /// Absolute.
        from: PathBuf,
        /// Absolute.
        to: PathBuf,
        /// What is at `from` now.
        expected: FileState,
        /// What shall be at `to`: the file's content may change while it moves.
        state: FileState,
    },
    /// Take the file at `path` away.
    Remove {
        /// Absolute.
        path: PathBuf,
        /// What is there now.
        expected: FileState,
    },
    /// Nothing before a person has decided.
    Conflict(Conflict),
}

impl FileChange {
    /// What applying this change means for the files as they are now.
    ///
    /// `current` is what is at [`FileChange::base_path`], `None` for nothing. `at_target` is what is
    /// at [`FileChange::path`]; it is looked at only if the change is a rename.
    ///
    /// - A file that still is what the task started from takes the task's.
    /// - One that already is what the task made stays.
    /// - A text that both changed is merged by lines, its executable bit by itself.
    /// - All else that both changed is a conflict, and so is a change whose base is unknown.
    pub fn merge(&self, current: Option<&FileState>, at_target: Option<&FileState>) -> Merged {
        if self.renamed_from.is_some() {
            return self.merge_rename(current, at_target);
        }
        if current == self.after.as_ref() {
            return Merged::Unchanged;
        }
        match (&self.base, &self.after) {
            (Base::Unknown, _) => self.conflict(ConflictReason::UnknownBase, current),
            (Base::Absent, None) => Merged::Unchanged,
            (Base::Absent, Some(after)) => self.merge_created(after, current),
            (Base::Known(base), None) => self.merge_deleted(base, current),
            (Base::Known(base), Some(after)) => self.merge_modified(base, after, current),
        }
    }

    fn merge_created(&self, after: &FileState, current: Option<&FileState>) -> Merged {
        match current {
            None => Merged::Write {
                path: self.path.clone(),
                expected: None,
                state: after.clone(),
            },
            Some(_) => self.conflict(ConflictReason::CreatedByBoth, current),
        }
    }

    fn merge_deleted(&self, base: &FileState, current: Option<&FileState>) -> Merged {
        match current {
            None => Merged::Unchanged,
            Some(expected) if expected == base => Merged::Remove {
                path: self.path.clone(),
                expected: expected.clone(),
            },
            Some(_) => self.conflict(ConflictReason::DeletedByTask, current),
        }
    }

    fn merge_modified(
        &self,
        base: &FileState,
        after: &FileState,
        current: Option<&FileState>,
    ) -> Merged {
        let Some(expected) = current else {
            return self.conflict(ConflictReason::DeletedByUser, None);
        };
        match merge_states(base, expected, after) {
            Ok(state) if state == *expected => Merged::Unchanged,
            Ok(state) => Merged::Write {
                path: self.path.clone(),
                expected: Some(expected.clone()),
                state,
            },
            Err(reason) => self.conflict(reason, current),
        }
    }

    fn merge_rename(&self, source: Option<&FileState>, target: Option<&FileState>) -> Merged {
        let (Base::Known(base), Some(after)) = (&self.base, &self.after) else {
            return self.conflict(ConflictReason::UnknownBase, source);
        };
        let is_at_target = target == Some(after);
        match source {
            None if is_at_target => Merged::Unchanged,
            Some(expected) if is_at_target && expected == base => Merged::Remove {
                path: self.base_path().to_owned(),
                expected: expected.clone(),
            },
            _ if target.is_some() => self.conflict(ConflictReason::TargetExists, target),
            None => self.conflict(ConflictReason::DeletedByUser, None),
            Some(expected) => match merge_states(base, expected, after) {
                Ok(state) => Merged::Move {
                    from: self.base_path().to_owned(),
                    to: self.path.clone(),
                    expected: expected.clone(),
                    state,
                },
                Err(reason) => self.conflict(reason, source),
            },
        }
    }

    fn conflict(&self, reason: ConflictReason, current: Option<&FileState>) -> Merged {
        Merged::Conflict(Conflict {
            reason,
            base: self.base.clone(),
            current: current.cloned(),
            proposed: self.after.clone(),
        })
    }
}

#[cfg(test)]
mod tests;
