//! The real folders as a [`Workspace`]: what the tools see is what is on disk, and what they commit is written there.
//!
//! Where a path leads and whether it may be used is decided in `folder_workspace/place.rs`, what a change comes down to in
//! `check.rs`, and the writing, all or nothing, is in `commit.rs`.

mod base;
mod check;
mod commit;
mod place;
pub(crate) mod writer;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ::workspace::{Disk, ExclusionOptions, FolderError, PatternError, RealDisk, WorkspaceSnapshot};

use crate::{
    Workspace,
    workspace::{FileEdit, FileError},
};

pub use base::BaseKeeper;
pub use commit::is_left_over;
pub use place::protected as protected_name;
use writer::{FolderWriter, Writer};

/// Folders on disk, without any editor.
///
/// A file is replaced by a new one with the same name, permissions and, where that is allowed, owner. Other hard links to
/// it keep the old content. A symbolic link stays, and what it leads to is written, if that lies within the folders.
pub struct FolderWorkspace {
    folders: Vec<PathBuf>,
    workspace: Mutex<::workspace::Workspace>,
    /// Two commits at the same time could not vouch for what they checked.
    committing: Mutex<()>,
    writer: Box<dyn Writer>,
    keeper: Option<Arc<dyn BaseKeeper>>,
}

/// What a workspace of folders looks at and writes to.
pub(crate) struct Backing {
    /// Where files are read.
    pub(crate) disk: Arc<dyn Disk>,
    /// What writes the same files.
    pub(crate) writer: Box<dyn Writer>,
    /// Who is told what a change replaces.
    pub(crate) keeper: Option<Arc<dyn BaseKeeper>>,
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
        let backing = Backing {
            disk: Arc::new(RealDisk),
            writer: Box::new(FolderWriter),
            keeper: None,
        };
        Self::over(paths, options, backing)
    }

    /// As [`FolderWorkspace::new`], with something else behind the paths.
    pub(crate) fn over(
        paths: &[PathBuf],
        options: &ExclusionOptions,
        backing: Backing,
    ) -> Result<Self, FolderWorkspaceError> {
        let mut workspace = ::workspace::Workspace::over(options, backing.disk)?;
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
            writer: backing.writer,
            keeper: backing.keeper,
        })
    }

    /// Looks once more whether `changes` can be made, and has kept what they replace.
    fn confirm(&self, snapshot: &WorkspaceSnapshot, changes: &[FileEdit]) -> Result<(), FileError> {
        let checked = check::check(snapshot, changes)?;
        match &self.keeper {
            Some(keeper) => base::keep(keeper.as_ref(), snapshot.disk().as_ref(), &checked.touched),
            None => Ok(()),
        }
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
        let actions = check::check(&snapshot, changes)?.actions;
        commit::commit(self.writer.as_ref(), &actions, || {
            self.confirm(&snapshot, changes)
        })
    }
}

/// The data behind these locks is whole after a panic: each is changed in one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
