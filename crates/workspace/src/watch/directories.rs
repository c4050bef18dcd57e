//! Which directories the system watches for us. Where watches are counted (inotify) each directory that is not excluded
//! has one; elsewhere one watch covers a folder. Used by the watcher's thread only.

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    sync::mpsc,
};

use notify::{RecommendedWatcher, RecursiveMode, Watcher, WatcherKind};

use super::{error::WatchError, thread::Message};
use crate::{
    snapshot::WorkspaceSnapshot,
    walk::{EntryKind, WalkOptions, Yields},
};

pub(super) struct Directories {
    pub(super) snapshot: WorkspaceSnapshot,
    watcher: RecommendedWatcher,
    mode: RecursiveMode,
    watched: BTreeSet<PathBuf>,
}

impl Directories {
    /// Watches every folder of `snapshot`. A folder that cannot be watched is told as a message, unless it is the only one.
    pub(super) fn watch(
        snapshot: WorkspaceSnapshot,
        messages: mpsc::Sender<Message>,
    ) -> Result<Self, WatchError> {
        let sink = messages.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Reading a file is an event too, the one we must not wake up for.
            if !matches!(&event, Ok(event) if event.kind.is_access()) {
                // The receiver ends before the watcher does; then nobody wants to know.
                let _ended = sink.send(Message::Notify(event));
            }
        })
        .map_err(|error| WatchError::new(&error, None))?;
        let mode = match RecommendedWatcher::kind() {
            WatcherKind::Inotify | WatcherKind::Kqueue => RecursiveMode::NonRecursive,
            _ => RecursiveMode::Recursive,
        };
        let mut directories = Self {
            snapshot,
            watcher,
            mode,
            watched: BTreeSet::new(),
        };
        directories.watch_folders(&messages)?;
        Ok(directories)
    }

    fn watch_folders(&mut self, messages: &mpsc::Sender<Message>) -> Result<(), WatchError> {
        let folders: Vec<PathBuf> = self
            .snapshot
            .folders()
            .map(|folder| folder.path().to_path_buf())
            .collect();
        let mut failures = Vec::new();
        for folder in &folders {
            match self.watch_below(folder) {
                Ok(_) => {}
                Err(WatchError::LimitReached) => return Err(WatchError::LimitReached),
                Err(error) => failures.push(error),
            }
        }
        if self.watched.is_empty()
            && let Some(error) = failures.pop()
        {
            return Err(error);
        }
        for error in failures {
            let _ended = messages.send(Message::Incomplete(error));
        }
        Ok(())
    }

    /// Watches `directory` and what is below it, as far as it is not watched yet; gives back the files found there.
    pub(super) fn watch_below(&mut self, directory: &Path) -> Result<Vec<PathBuf>, WatchError> {
        let options = WalkOptions {
            under: Some(directory.to_path_buf()),
            yields: Yields::FilesAndDirectories,
            ..WalkOptions::default()
        };
        let Ok(walk) = self.snapshot.walk(&options) else {
            return Ok(Vec::new());
        };
        // Each directory is watched before the walk reads it, so that nothing falls between the two.
        self.watch_one(directory)?;
        let mut files = Vec::new();
        for entry in walk {
            match entry.kind {
                EntryKind::File => files.push(entry.path),
                EntryKind::Directory if self.mode == RecursiveMode::NonRecursive => {
                    self.watch_one_if_there(&entry.path)?;
                }
                EntryKind::Directory | EntryKind::NewDocument => {}
            }
        }
        Ok(files)
    }

    /// Gives up the watches of `directory` and below, which is gone or another one now; says whether there were any.
    pub(super) fn forget(&mut self, directory: &Path) -> bool {
        let below: Vec<PathBuf> = self
            .watched
            .iter()
            .filter(|path| path.starts_with(directory))
            .cloned()
            .collect();
        for path in &below {
            // The system has often dropped the watch together with the directory.
            let _gone = self.watcher.unwatch(path);
            self.watched.remove(path);
        }
        !below.is_empty()
    }

    /// Reads ignore files again and watches what they no longer exclude.
    pub(super) fn refresh(&mut self) -> Result<(), WatchError> {
        self.snapshot.exclusions = self
            .snapshot
            .exclusions
            .fresh(self.snapshot.folders.clone())
            .into();
        let folders: Vec<PathBuf> = self
            .snapshot
            .folders()
            .map(|folder| folder.path().to_path_buf())
            .collect();
        folders
            .iter()
            .filter(|folder| folder.is_dir())
            .try_for_each(|folder| self.watch_below(folder).map(drop))
    }

    fn watch_one(&mut self, directory: &Path) -> Result<(), WatchError> {
        if self.watched.contains(directory) {
            return Ok(());
        }
        self.watcher
            .watch(directory, self.mode)
            .map_err(|error| WatchError::new(&error, Some(directory.to_path_buf())))?;
        self.watched.insert(directory.to_path_buf());
        Ok(())
    }

    /// A directory that has gone since it was listed, or that is closed to us, keeps the others from nothing.
    fn watch_one_if_there(&mut self, directory: &Path) -> Result<(), WatchError> {
        match self.watch_one(directory) {
            Err(WatchError::FolderMissing { .. } | WatchError::PermissionDenied { .. }) => Ok(()),
            result => result,
        }
    }
}

/// Whether `path` is a directory and no link to one.
pub(super) fn is_directory(path: &Path) -> io::Result<bool> {
    Ok(std::fs::symlink_metadata(path)?.is_dir())
}
