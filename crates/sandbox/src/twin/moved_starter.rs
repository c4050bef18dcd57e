//! Starts commands in the copies of the workspace's folders: where there is no overlay, a copy has a path of its own.

use std::path::{Path, PathBuf};

use crate::{CommandLine, Reach, Started, Starter, StarterError};

/// Starts commands in the copies of the folders that they are asked for.
pub(super) struct MovedStarter<S> {
    inner: S,
    /// Each folder of the workspace with its copy.
    copies: Vec<(PathBuf, PathBuf)>,
}

impl<S: Starter> MovedStarter<S> {
    pub(super) fn new(inner: S, copies: Vec<(PathBuf, PathBuf)>) -> Self {
        Self { inner, copies }
    }

    fn moved(&self, folder: &Path) -> PathBuf {
        let moved = |(of, copy): &(PathBuf, PathBuf)| {
            let relative = folder.strip_prefix(of).ok()?;
            Some(copy.join(relative))
        };
        let moved = self.copies.iter().find_map(moved);
        moved.unwrap_or_else(|| folder.to_path_buf())
    }
}

impl<S: Starter> Starter for MovedStarter<S> {
    fn start(&self, command: &CommandLine, name: &str) -> Result<Started, StarterError> {
        if command.reach == Reach::Unconfined {
            // In the user's own folder, as it was asked for.
            return self.inner.start(command, name);
        }
        let command = CommandLine {
            folder: self.moved(&command.folder),
            ..command.clone()
        };
        self.inner.start(&command, name)
    }

    fn end_all(&self) {
        self.inner.end_all();
    }
}
