//! A task's net changes against what it started from.

mod since;

use std::path::{Path, PathBuf};

use crate::{Content, FileState, renames};

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

/// What kind of change it is, in the user's eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// There was no such file.
    Created,
    /// The file has another content, and perhaps another mode; a link leads elsewhere; a link became a
    /// file or a file a link.
    Modified,
    /// The file is gone.
    Deleted,
    /// The file has another name, and perhaps another content and mode.
    Renamed,
    /// The file may be executed now, or may no longer be; its content is the same.
    Mode,
}

impl Proposal {
    /// The proposal that consists of these changes.
    ///
    /// Puts them in order, leaves out those that change nothing, and finds renames: a deleted and a
    /// created file of which at least half is the same become one change. A file that gave its content
    /// away and has got another one stays where it is. Of several changes of one path the first says
    /// what there was and the last what there shall be.
    pub fn new(mut files: Vec<FileChange>) -> Self {
        files.sort_by(|left, right| left.path.cmp(&right.path));
        files.dedup_by(|later, first| {
            let is_same_file = later.path == first.path;
            if is_same_file {
                first.after = later.after.take();
            }
            is_same_file
        });
        files.retain(|file| !file.is_empty());
        let mut files = renames::detect(files);
        files.sort_by(|left, right| left.path.cmp(&right.path));
        Self { files }
    }

    /// Whether there is nothing to apply.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

impl FileChange {
    /// Where the file is that the task started from: its old name if it was renamed.
    pub fn base_path(&self) -> &Path {
        self.renamed_from.as_deref().unwrap_or(&self.path)
    }

    /// The file as the task found it; `None` when there was none, or when it is not known.
    pub fn before(&self) -> Option<&FileState> {
        match &self.base {
            Base::Known(state) => Some(state),
            Base::Absent | Base::Unknown => None,
        }
    }

    /// What kind of change it is. Of a file whose base is unknown: modified, unless it is deleted.
    pub fn kind(&self) -> ChangeKind {
        if self.renamed_from.is_some() {
            return ChangeKind::Renamed;
        }
        match (&self.base, &self.after) {
            (_, None) => ChangeKind::Deleted,
            (Base::Absent, Some(_)) => ChangeKind::Created,
            (Base::Unknown, Some(_)) => ChangeKind::Modified,
            (Base::Known(before), Some(after)) if before.content == after.content => {
                ChangeKind::Mode
            }
            (Base::Known(_), Some(_)) => ChangeKind::Modified,
        }
    }

    /// Whether the file is executable now, if that changed. A file that came or went, or became a link,
    /// is no change of mode.
    pub fn new_mode(&self) -> Option<bool> {
        let (before, after) = (self.before()?, self.after.as_ref()?);
        let is_changed = before.is_executable != after.is_executable;
        (is_changed && !before.is_link() && !after.is_link()).then_some(after.is_executable)
    }

    fn is_empty(&self) -> bool {
        let is_same_file = match &self.base {
            Base::Absent => self.after.is_none(),
            Base::Known(before) => self.after.as_ref() == Some(before),
            Base::Unknown => false,
        };
        self.base_path() == self.path && is_same_file
    }
}

impl Content {
    /// The bytes that a version control system keeps of it: of a link, the path it leads to.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Link(target) => target.as_os_str().as_encoded_bytes(),
        }
    }
}

#[cfg(test)]
mod tests;
