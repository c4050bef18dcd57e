//! A twin's folders as a [`Workspace`]: paths are the user's own, and everything is read and written through the descriptors
//! that hold the twin's files.
//!
//! The rules and the commit are those of the real folders (`folder_workspace`); what differs is the disk beneath. No process
//! is asked, and commands in the twin see the same bytes at once.

mod writer;

use std::{
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    sync::Arc,
};

use ::workspace::{ExclusionOptions, RootedDisk, WorkspaceSnapshot};

use crate::{
    FolderWorkspace, FolderWorkspaceError, Workspace,
    folder_workspace::{Backing, BaseKeeper},
    proposal_rules::ProposalRules,
    workspace::{FileEdit, FileError},
};

pub(crate) use writer::TwinWriter;

/// The files of a twin.
///
/// Nothing outside of the twin is written, and below its folders nothing else is read, wherever links lead and whoever
/// changes them meanwhile: a path whose folders are replaced by links while it is used is refused.
pub struct TwinWorkspace {
    files: FolderWorkspace,
    /// The same folders on the user's disk: their rules count as well.
    users: FolderWorkspace,
}

impl TwinWorkspace {
    /// The folders in `roots`, each with its absolute path in the workspace and the directory that has the twin's files;
    /// the first is where tasks start. `keeper` is told what each change replaces, before it is made.
    ///
    /// # Errors
    /// There is none, one is a relative path, or a pattern in `options` is no glob.
    pub fn new(
        roots: Vec<(PathBuf, OwnedFd)>,
        options: &ExclusionOptions,
        keeper: Arc<dyn BaseKeeper>,
    ) -> Result<Self, FolderWorkspaceError> {
        let paths: Vec<PathBuf> = roots.iter().map(|(path, _)| path.clone()).collect();
        let disk = Arc::new(RootedDisk::new(roots));
        let backing = Backing {
            writer: Box::new(TwinWriter::new(Arc::clone(&disk))),
            disk,
            keeper: Some(keeper),
        };
        Ok(Self {
            files: FolderWorkspace::over(&paths, options, backing)?,
            users: FolderWorkspace::new(&paths, options)?,
        })
    }

    /// What of all that is written in it may be proposed.
    pub fn proposal_rules(&self) -> ProposalRules {
        ProposalRules {
            users: self.users.snapshot(),
            twin: self.files.snapshot(),
        }
    }
}

impl Workspace for TwinWorkspace {
    fn folders(&self) -> &[PathBuf] {
        self.files.folders()
    }

    fn snapshot(&self) -> WorkspaceSnapshot {
        self.files.snapshot()
    }

    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        self.files.read(path, limit)
    }

    fn check(&self, changes: &[FileEdit]) -> Result<(), FileError> {
        self.files.check(changes)
    }

    fn commit(&self, changes: &[FileEdit]) -> Result<(), FileError> {
        self.files.commit(changes)
    }
}

#[cfg(test)]
mod tests;
