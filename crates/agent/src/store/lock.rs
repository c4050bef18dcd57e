//! The lock on a log: one writer, whichever process it is in.
//!
//! The system releases it when a process ends, however it ends.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use serde::Deserialize;

use super::format::Opened;
use super::{StoreError, files};

/// A log that nobody else can write.
#[derive(Debug)]
pub(super) struct LockedFile {
    pub(super) file: File,
}

impl LockedFile {
    /// Opens the log at `path` and locks it.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let locked = Self::lock(files::open(path)?, path)?;
        // Between opening and locking, someone may have archived or deleted it.
        match is_still_at(&locked.file, path) {
            Ok(true) => Ok(locked),
            Ok(false) => Err(StoreError::InUse {
                path: path.into(),
                process: None,
            }),
            Err(error) => Err(StoreError::io("open", path, error)),
        }
    }

    /// Creates the log at `path`, which must not exist, and locks it.
    pub(super) fn create(path: &Path) -> Result<Self, StoreError> {
        Self::lock(files::create(path)?, path)
    }

    fn lock(file: File, path: &Path) -> Result<Self, StoreError> {
        match file.try_lock() {
            Ok(()) => Ok(Self { file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse {
                path: path.into(),
                process: writer_of(path),
            }),
            Err(TryLockError::Error(error)) => Err(StoreError::io("lock", path, error)),
        }
    }
}

impl Drop for LockedFile {
    /// Closing the file would not be enough: a process that is being started at this moment still has a copy of it, until
    /// its own program begins.
    fn drop(&mut self) {
        drop(self.file.unlock());
    }
}

/// The process that opened the log last.
fn writer_of(path: &Path) -> Option<u32> {
    #[derive(Deserialize)]
    struct OpenedLine {
        opened: Opened,
    }
    let bytes = fs::read(path).ok()?;
    let mut lines = bytes.rsplit(|byte| *byte == b'\n');
    let line = lines.find(|line| line.starts_with(b"{\"opened\":"))?;
    let line: OpenedLine = serde_json::from_slice(line).ok()?;
    Some(line.opened.process)
}

#[cfg(unix)]
fn is_still_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    let (ours, theirs) = (file.metadata()?, fs::metadata(path)?);
    Ok((ours.dev(), ours.ino()) == (theirs.dev(), theirs.ino()))
}

#[cfg(not(unix))]
fn is_still_at(_file: &File, path: &Path) -> io::Result<bool> {
    path.try_exists()
}
