//! A task's net changes against what it started from.

use std::path::PathBuf;

use crate::FileState;

/// The net file changes of a task, waiting to be applied to the workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// One entry a file, in order of [`FileChange::path`]; no path occurs twice, as a source of a rename neither.
    pub files: Vec<FileChange>,
}

/// What a task made of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Absolute. Where the file is after the change; of a deleted file, where it was.
    pub path: PathBuf,
    /// Where it was before, absolute, if it was renamed.
    pub renamed_from: Option<PathBuf>,
    /// What the task started from: the file at `renamed_from`, else at `path`.
    pub base: Base,
    /// What it shall be; `None` when it is deleted.
    pub after: Option<FileState>,
}

/// What a task started from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// There was no file.
    Absent,
    /// This.
    Known(FileState),
    /// The user changed or removed the file while the task worked, before anybody had kept what the task started from.
    /// Such a change cannot be merged; it is shown and left to the user.
    Unknown,
}
