//! What a landing comes down to: single changes of entries, in the order in which they are made.

use std::path::{Path, PathBuf};

use changes::FileState;

/// All that a landing does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Steps {
    /// In the order in which it is done.
    pub(super) list: Vec<Step>,
    /// Folders from which files go, the inner ones first: those that are empty in the end go too, as with git.
    pub(super) emptying: Vec<PathBuf>,
}

/// One thing to do. Paths are absolute and without links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Removes a folder that is empty by then, because a file takes its place.
    RemoveFolder {
        path: PathBuf,
        /// Its permission bits, should it have to be made again.
        mode: u32,
    },
    /// Makes a folder.
    CreateFolder { path: PathBuf },
    /// Makes, replaces or removes a file.
    File(FileStep),
}

/// One file's change. `before` and `after` differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileStep {
    /// What changes.
    pub(super) place: PathBuf,
    /// A name of our own in a folder that is there all the time, on the same file system: first for what the file shall
    /// be, then for what it was.
    pub(super) temporary: PathBuf,
    /// What is there.
    pub(super) before: Option<FileState>,
    /// What shall be there.
    pub(super) after: Option<FileState>,
    /// Where the permissions of a new file come from.
    pub(super) permissions: PermissionSource,
}

/// Where the permissions of a new file come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PermissionSource {
    /// What anything new of this user gets.
    Usual,
    /// The file that is there, here or where the file was before it was renamed.
    Like(PathBuf),
    /// The bits that a checkpoint has kept.
    Exactly(u32),
}

impl Step {
    /// The file's change, if it is one.
    pub(super) fn as_file(&self) -> Option<&FileStep> {
        match self {
            Self::File(step) => Some(step),
            Self::RemoveFolder { .. } | Self::CreateFolder { .. } => None,
        }
    }
}

impl Steps {
    /// The changes of files among the steps.
    pub(super) fn files(&self) -> impl Iterator<Item = &FileStep> {
        self.list.iter().filter_map(Step::as_file)
    }

    /// The folders in whose place files come.
    pub(super) fn folders_removed(&self) -> impl Iterator<Item = &Path> {
        self.list.iter().filter_map(|step| match step {
            Step::RemoveFolder { path, .. } => Some(path.as_path()),
            Step::CreateFolder { .. } | Step::File(_) => None,
        })
    }

    /// Every folder in which a name changes, once.
    pub(super) fn folders(&self) -> Vec<&Path> {
        let changed = self.list.iter().flat_map(|step| match step {
            Step::RemoveFolder { path, .. } | Step::CreateFolder { path } => [path.parent(), None],
            Step::File(step) => [step.place.parent(), step.temporary.parent()],
        });
        let mut folders: Vec<&Path> = changed.flatten().collect();
        folders.sort_unstable();
        folders.dedup();
        folders
    }
}
