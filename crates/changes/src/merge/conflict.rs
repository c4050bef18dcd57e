//! A change that cannot be applied without a person's decision: why, and what there is to choose from.

use std::fmt;

use text::ConflictLabels;

use crate::{Base, FileState};

/// A file that the user and the task made different things of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Why it cannot be merged.
    pub reason: ConflictReason,
    /// What both started from.
    pub base: Base,
    /// The user's side: what is there now. Where the target of a rename is taken, what takes it.
    pub current: Option<FileState>,
    /// The task's side; `None` when the task deleted the file.
    pub proposed: Option<FileState>,
}

/// Why a change cannot be merged. Its text is the rest of a sentence that begins with the file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictReason {
    /// Both changed the same lines of a text.
    SameLines,
    /// Both changed a file that has no lines to merge: binary content, or where a link leads.
    NotText,
    /// Both created it, with different content.
    CreatedByBoth,
    /// The task changed or renamed what the user has deleted or moved away.
    DeletedByUser,
    /// The task deleted what the user has changed.
    DeletedByTask,
    /// The task renamed it to a name that is taken.
    TargetExists,
    /// The user changed it, and what the task started from is not known.
    UnknownBase,
}

impl Conflict {
    /// Both sides in one text, with conflict marks around what has to be decided, for showing.
    ///
    /// `None` unless both sides are texts. Where there is no base to compare with, whole files stand
    /// between the marks.
    pub fn marked_text(&self) -> Option<String> {
        let current = self.current.as_ref()?.text()?;
        let proposed = self.proposed.as_ref()?.text()?;
        let base = match (&self.base, self.reason) {
            (_, ConflictReason::TargetExists) => "",
            (Base::Known(base), _) => base.text().unwrap_or_default(),
            (Base::Absent | Base::Unknown, _) => "",
        };
        let labels = ConflictLabels {
            ours: "yours",
            base: None,
            theirs: "proposed",
        };
        Some(text::merge(base, current, proposed).render(&labels))
    }
}

impl fmt::Display for ConflictReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::SameLines => "was changed by you in the same lines while the task worked",
            Self::NotText => "was changed by you while the task worked, and is no text to merge",
            Self::CreatedByBoth => "was also created by you, with different content",
            Self::DeletedByUser => {
                "was deleted or moved by you while the task worked on it, so there is nothing to change"
            }
            Self::DeletedByTask => "was changed by you, and the task deleted it",
            Self::TargetExists => "is the new name of a file, but is taken by another one",
            Self::UnknownBase => {
                "was changed by you while the task worked, and what the task started from is not known"
            }
        })
    }
}
