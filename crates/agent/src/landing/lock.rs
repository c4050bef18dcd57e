//! One landing at a time for each state folder, and the journal belongs to whoever holds the lock.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// How long another landing may take before it is said that it is in the way.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(5);

/// Held while files are changed or put back.
pub(super) struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock, if need be after whoever has it; `None` when that takes too long.
    pub(super) fn wait(path: &Path) -> io::Result<Option<Self>> {
        let started = Instant::now();
        loop {
            let lock = Self::try_take(path)?;
            if lock.is_some() || PATIENCE < started.elapsed() {
                return Ok(lock);
            }
            thread::sleep(PAUSE);
        }
    }

    /// Takes the lock unless somebody has it.
    pub(super) fn try_take(path: &Path) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true).mode(0o600);
        let file = options.open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Drop for Lock {
    /// Closing the file would not be enough: a process that is being started at this moment still has a copy of it.
    fn drop(&mut self) {
        drop(self.file.unlock());
    }
}
