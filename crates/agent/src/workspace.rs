//! The workspace as the tools see it: reading and searching through a snapshot, writing all or nothing.
//!
//! Today the real folder stands behind the trait; the twin will. Tools reach files through it and never otherwise.

use std::path::{Path, PathBuf};

use ::workspace::WorkspaceSnapshot;
use sandbox::Wall;

/// Where a task reads and writes.
pub trait Workspace: Send + Sync {
    /// The folders, absolute and normalised, the first being where the task starts.
    fn folders(&self) -> &[PathBuf];

    /// What stands between the task and the user's own files. [`Wall::None`] is the user's own folder: each command and each
    /// change is asked about; in a twin only what leaves it is.
    fn wall(&self) -> Wall {
        Wall::None
    }

    /// Files and documents as they are now: for reading text, walking and searching, with ignore rules and secrets applied.
    fn snapshot(&self) -> WorkspaceSnapshot;

    /// The bytes of a file as [`Workspace::commit`] would find them.
    ///
    /// # Errors
    /// When the path lies outside the folders, is excluded, is no regular file, is larger than `limit` bytes, or cannot be read.
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError>;

    /// Whether `changes` could be made now: asked before a person is asked to approve them. [`Workspace::commit`] checks again.
    ///
    /// # Errors
    /// The first change that would be refused.
    fn check(&self, changes: &[FileEdit]) -> Result<(), FileError> {
        let _ = changes;
        Ok(())
    }

    /// Makes all `changes`, or none of them.
    ///
    /// # Errors
    /// Names the first change that cannot be made; the files are then as they were before.
    fn commit(&self, changes: &[FileEdit]) -> Result<(), FileError>;
}

/// One change to one file. Paths are absolute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileEdit {
    /// Writes a file, with its folders.
    Write {
        /// Where.
        path: PathBuf,
        /// What was there when the change was computed; `None` when nothing was. The change is refused if that is no longer so.
        before: Option<Vec<u8>>,
        /// What shall be there.
        after: Vec<u8>,
    },
    /// Removes a file.
    Delete {
        /// Which.
        path: PathBuf,
        /// What was there, as for `Write`.
        before: Vec<u8>,
    },
    /// Moves a file, perhaps changing it; its permissions go along.
    Move {
        /// From where.
        from: PathBuf,
        /// To where; something that is there already is replaced only if `replaced` says what it was.
        to: PathBuf,
        /// What was at `from`.
        before: Vec<u8>,
        /// What was at `to`.
        replaced: Option<Vec<u8>>,
        /// What shall be at `to`.
        after: Vec<u8>,
    },
}

/// Why a file could not be read or changed; worded for the model, which has to do better.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Outside of every folder.
    #[error("{path} is outside the workspace; use a path below {folders}")]
    Outside {
        /// As asked for.
        path: String,
        /// The folders, for the message.
        folders: String,
    },
    /// Protected or secret.
    #[error("{path} may not be accessed: {reason}")]
    Excluded {
        /// As asked for.
        path: String,
        /// Which rule says so.
        reason: String,
    },
    /// Not there.
    #[error("{path} does not exist")]
    Missing {
        /// As asked for.
        path: String,
    },
    /// A folder, a socket, a device.
    #[error("{path} is not a regular file")]
    NotAFile {
        /// As asked for.
        path: String,
    },
    /// Too large.
    #[error("{path} has {size} bytes, more than the {limit} that can be handled here")]
    TooLarge {
        /// As asked for.
        path: String,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// Not what it was when the change was computed.
    #[error("{path} was changed by someone else meanwhile; read it again and repeat the change")]
    Stale {
        /// As asked for.
        path: String,
    },
    /// The system refused.
    #[error("{path}: {source}")]
    Io {
        /// As asked for.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}
