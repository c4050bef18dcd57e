//! Watching the folders for changes by others than the editor, where the editor does not offer to.
//! Owns the system's watcher and one thread, which ends when the `Watcher` is dropped.
//! The server feeds what an editor's own watchers say into the workspace as the same `FileEvent`s.

mod batch;
mod directories;
mod error;
mod thread;

use std::{path::PathBuf, sync::mpsc, thread::JoinHandle};

pub use self::error::WatchError;
use self::{directories::Directories, thread::Message};
use crate::snapshot::WorkspaceSnapshot;

/// One file that changed on disk.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileEvent {
    /// Its absolute path.
    pub path: PathBuf,
    /// What happened.
    pub kind: FileEventKind,
}

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileEventKind {
    /// It is there and was not, or another file took its place.
    Created,
    /// Its content may have changed.
    Changed,
    /// It is gone. Of a directory: so is everything below it.
    Deleted,
}

/// What a watcher tells.
#[derive(Debug)]
pub enum WatchReport {
    /// What changed within a short while, ordered by path, excluded files left out. There is one event a path, except
    /// where something took the place of a directory: then `Deleted` comes first.
    Files(Vec<FileEvent>),
    /// Walk the workspace again: the system lost events, or an ignore file changed and with it what there is to see.
    Missed,
    /// From now on some changes go unnoticed; the watcher goes on with the rest.
    Incomplete(WatchError),
}

/// Watches the folders of one snapshot until it is dropped.
#[derive(Debug)]
pub struct Watcher {
    messages: mpsc::Sender<Message>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    /// Starts to watch the folders of `snapshot`. Each time something has changed, `report` is called on the watcher's thread.
    ///
    /// When folders or exclusions change, drop this watcher and start another.
    ///
    /// # Errors
    /// See [`WatchError`]. The workspace works without a watcher; it then learns of changes on disk only as it reads.
    pub fn start(
        snapshot: WorkspaceSnapshot,
        report: impl FnMut(WatchReport) + Send + 'static,
    ) -> Result<Self, WatchError> {
        let (messages, received) = mpsc::channel();
        let directories = Directories::watch(snapshot, messages.clone())?;
        let thread = thread::spawn(directories, received, report)?;
        Ok(Self {
            messages,
            thread: Some(thread),
        })
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // The thread may have ended already, after a panic in `report`; then there is nobody to tell.
        let _already_ended = self.messages.send(Message::Stop);
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;
