//! Why files were not changed, or not put back; worded for the user, whose files they are.

use std::{
    io,
    path::{Path, PathBuf},
};

use ::workspace::{FolderError, PatternError};

use super::CheckpointId;

/// Why a proposal was not applied, a checkpoint not restored, or an interrupted change not taken back.
#[derive(Debug, thiserror::Error)]
pub enum LandingError {
    /// A folder of the workspace is no absolute path.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// One of the user's patterns is no glob.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// There is nothing to apply the changes to.
    #[error("the folder {} is not there; nothing was changed. Put it back and try again", .path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// Another process is changing files, and does not come to an end.
    #[error(
        "another ropewalk is changing files and does not come to an end (it holds {}); end it and try again. Nothing was \
         changed",
        .path.display()
    )]
    Busy {
        /// The lock.
        path: PathBuf,
    },
    /// A file is changed again and again while it is to be replaced.
    #[error("{} is being changed by another program at this moment; nothing was changed. Try again", .path.display())]
    KeepsChanging {
        /// The file.
        path: PathBuf,
    },
    /// Something cannot be read.
    #[error("cannot read {}: {source}. Nothing was changed", .path.display())]
    Read {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A checkpoint or a journal cannot be written, so nothing is begun.
    #[error("cannot write {}: {source}{}. Without it changes could not be undone, so nothing was changed", .path.display(), advice(.source))]
    Keep {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be written; all is as it was.
    #[error("cannot change {}: {source}{}. All files are as they were", .path.display(), advice(.source))]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file could not be written, or was changed by somebody else, and what was done before could not all be taken
    /// back.
    #[error("{cause}; and what was done before could not all be taken back:{}", lines(.remains))]
    HalfDone {
        /// What went wrong at first.
        cause: String,
        /// What is where it should not be, one sentence each.
        remains: Vec<String>,
    },
    /// The journal of an interrupted change cannot be used.
    #[error(
        "{} says that a change of files was interrupted, but cannot be used: {message}. Nothing was changed; use the \
         version that wrote it, or look at your files and then remove the journal",
        .path.display()
    )]
    Journal {
        /// The journal.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// Nothing by that name.
    #[error(
        "there is no checkpoint {wanted}; `ropewalk undo --list --all` shows those that there are"
    )]
    NotFound {
        /// As asked for.
        wanted: String,
    },
    /// No checkpoint was taken in these folders, or all are undone.
    #[error(
        "there is nothing to undo in {folders}; `ropewalk undo --list --all` shows what can be taken back in all folders"
    )]
    NothingToUndo {
        /// The folders.
        folders: String,
    },
    /// The name stands for several.
    #[error("{wanted} may mean any of {}; give more of the id", list(.candidates))]
    Ambiguous {
        /// As asked for.
        wanted: String,
        /// What it may mean.
        candidates: Vec<CheckpointId>,
    },
    /// A checkpoint is not what was written.
    #[error("the checkpoint {id} in {} is damaged, or of another version; nothing was changed", .path.display())]
    Damaged {
        /// Which.
        id: CheckpointId,
        /// Its folder.
        path: PathBuf,
    },
}

impl LandingError {
    pub(super) fn read(path: &Path, source: io::Error) -> Self {
        Self::Read {
            path: path.to_path_buf(),
            source,
        }
    }

    pub(super) fn keep(path: &Path, source: io::Error) -> Self {
        Self::Keep {
            path: path.to_path_buf(),
            source,
        }
    }
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            " (free some space and try again)"
        }
        io::ErrorKind::ReadOnlyFilesystem => " (it is on a file system that is read-only)",
        io::ErrorKind::PermissionDenied => " (its folder may not be written by you)",
        _ => "",
    }
}

fn lines(remains: &[String]) -> String {
    remains.iter().map(|line| format!("\n- {line}")).collect()
}

fn list(candidates: &[CheckpointId]) -> String {
    let names: Vec<String> = candidates.iter().map(CheckpointId::to_string).collect();
    names.join(", ")
}
