//! Has what a commit replaces kept as the base of the change, by whoever keeps such things: a twin.

use std::{io, path::Path, sync::Arc};

use ::workspace::{Disk, FileKind};
use changes::{Content, FileState};

use crate::workspace::FileError;

use super::{check::Touched, place::io_error};

/// Keeps what a task started from. Implemented by whoever later says what the task has changed.
pub trait BaseKeeper: Send + Sync {
    /// The file at `path` is about to be changed because a tool was told so. `before` is what is there, `None` when nothing
    /// is. Of several calls for one file the first tells what the task started from.
    ///
    /// `path` is absolute and without links.
    ///
    /// # Errors
    /// When it could not be kept; the change is then not made.
    fn keep_base(&self, path: &Path, before: Option<FileState>) -> io::Result<()>;
}

/// Has everything kept that `touched` names.
///
/// # Errors
/// What could not be looked at, or not be kept.
pub(super) fn keep(
    keeper: &dyn BaseKeeper,
    disk: &dyn Disk,
    touched: &[Touched<'_>],
) -> Result<(), FileError> {
    for Touched { path, before } in touched {
        let state = before.map(|bytes| state(disk, path, bytes)).transpose();
        state
            .and_then(|state| keeper.keep_base(path, state))
            .map_err(|error| io_error(path, error))?;
    }
    Ok(())
}

/// What is at `path`, of which `bytes` were read a moment ago, perhaps through a link.
fn state(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<FileState> {
    let metadata = disk.link_metadata(path)?;
    let is_link = metadata.kind == FileKind::Link;
    let content = if is_link {
        Content::Link(disk.read_link(path)?)
    } else {
        Content::Bytes(Arc::from(bytes))
    };
    Ok(FileState {
        content,
        is_executable: !is_link && metadata.is_executable,
    })
}
