//! The real folders as a [`Workspace`]: what the tools see is what is on disk, and what they commit is written there.
//!
//! Where a path leads and whether it may be used is decided in `folder_workspace/place.rs`, what a change comes down to in
//! `check.rs`, and the writing, all or nothing, is in `commit.rs`.

mod check;
mod commit;
mod disk;
mod place;

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use ::workspace::{ExclusionOptions, FolderError, PatternError, WorkspaceSnapshot};

use crate::{
    Workspace,
    workspace::{FileEdit, FileError},
};

use disk::{Disk, RealDisk};

/// Folders on disk, without any editor.
///
/// A file is replaced by a new one with the same name, permissions and, where that is allowed, owner. Other hard links to
/// it keep the old content. A symbolic link stays, and what it leads to is written, if that lies within the folders.
pub struct FolderWorkspace {
    folders: Vec<PathBuf>,
    workspace: Mutex<::workspace::Workspace>,
    /// Two commits at the same time could not vouch for what they checked.
    committing: Mutex<()>,
    disk: Box<dyn Disk>,
}

/// Why folders cannot be worked in.
#[derive(Debug, thiserror::Error)]
pub enum FolderWorkspaceError {
    /// None was given.
    #[error("there is no folder to work in; name at least one")]
    NoFolder,
    /// One of them is no absolute path.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// One of the user's patterns is no glob.
    #[error(transparent)]
    Pattern(#[from] PatternError),
}

impl FolderWorkspace {
    /// The folders at `paths`, which are absolute; the first is where tasks start.
    ///
    /// # Errors
    /// There is none, one is a relative path, or a pattern in `options` is no glob.
    pub fn new(
        paths: &[PathBuf],
        options: &ExclusionOptions,
    ) -> Result<Self, FolderWorkspaceError> {
        Self::with_disk(paths, options, Box::new(RealDisk))
    }

    fn with_disk(
        paths: &[PathBuf],
        options: &ExclusionOptions,
        disk: Box<dyn Disk>,
    ) -> Result<Self, FolderWorkspaceError> {
        let mut workspace = ::workspace::Workspace::new(options)?;
        for path in paths {
            workspace.add_folder(path)?;
        }
        let folders = workspace.folders();
        if folders.is_empty() {
            return Err(FolderWorkspaceError::NoFolder);
        }
        Ok(Self {
            folders,
            workspace: Mutex::new(workspace),
            committing: Mutex::new(()),
            disk,
        })
    }
}

impl Workspace for FolderWorkspace {
    fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// Rules are read again each time: nobody watches the files, and commands change ignore lists too.
    fn snapshot(&self) -> WorkspaceSnapshot {
        let mut workspace = lock(&self.workspace);
        workspace.refresh_rules();
        workspace.snapshot()
    }

    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        place::read(&self.snapshot(), path, limit)
    }

    fn check(&self, changes: &[FileEdit]) -> Result<(), FileError> {
        check::check(&self.snapshot(), changes).map(drop)
    }

    fn commit(&self, changes: &[FileEdit]) -> Result<(), FileError> {
        let _committing = lock(&self.committing);
        let snapshot = self.snapshot();
        let actions = check::check(&snapshot, changes)?;
        commit::commit(self.disk.as_ref(), &actions, || {
            check::check(&snapshot, changes).map(drop)
        })
    }
}

/// The data behind these locks is whole after a panic: each is changed in one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
