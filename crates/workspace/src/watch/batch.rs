//! Many raw events become one a path: what was seen within a short while, compared with the disk when it is reported.
//! Does no waiting; the watcher's thread says when.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use super::{FileEvent, FileEventKind};

/// What was seen of a path since the last report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sighting {
    /// It came into being.
    Appeared,
    /// Another file took its name, whether there was one before or not.
    Replaced,
    /// Its content changed, or something about it.
    Touched,
    /// It went away.
    Vanished,
}

/// The paths seen since the last report, each with the first thing seen of it.
#[derive(Debug, Default)]
pub(super) struct Batch {
    first_sightings: BTreeMap<PathBuf, Sighting>,
    /// Directories that went away, whatever has their place now: what was below them is gone.
    gone_directories: BTreeSet<PathBuf>,
}

impl Batch {
    pub(super) fn add(&mut self, path: PathBuf, sighting: Sighting) {
        self.first_sightings.entry(path).or_insert(sighting);
    }

    pub(super) fn add_gone_directory(&mut self, path: PathBuf) {
        self.gone_directories.insert(path);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first_sightings.is_empty() && self.gone_directories.is_empty()
    }

    /// Empties the batch into events, ordered by path. What is not to be told is left to the caller.
    pub(super) fn take_events(&mut self) -> Vec<FileEvent> {
        let mut gone = std::mem::take(&mut self.gone_directories);
        let mut events = Vec::new();
        for (path, first) in std::mem::take(&mut self.first_sightings) {
            let now = What::at(&path);
            let was_directory = gone.remove(&path);
            if was_directory && now != What::Nothing {
                events.push(FileEvent {
                    path: path.clone(),
                    kind: FileEventKind::Deleted,
                });
            }
            let first = if was_directory {
                Sighting::Replaced
            } else {
                first
            };
            events.extend(kind(first, now).map(|kind| FileEvent { path, kind }));
        }
        let deleted = |path| FileEvent {
            path,
            kind: FileEventKind::Deleted,
        };
        events.extend(gone.into_iter().map(deleted));
        // A stable order: of one path, that it went away comes before what came in its place.
        events.sort_by(|a, b| a.path.cmp(&b.path));
        events
    }
}

/// What is under a path now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    File,
    /// A directory or a link: its files speak for themselves.
    Other,
    Nothing,
}

impl What {
    fn at(path: &Path) -> Self {
        match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_file() => Self::File,
            Ok(_) => Self::Other,
            Err(_) => Self::Nothing,
        }
    }
}

/// The disk has the last word: events may be reordered or merged, the state at the end is certain.
fn kind(first: Sighting, now: What) -> Option<FileEventKind> {
    match (first, now) {
        // A temporary file that came and went is nobody's business.
        (Sighting::Appeared, What::Nothing) => None,
        (_, What::Nothing) => Some(FileEventKind::Deleted),
        (Sighting::Vanished, What::Other) => Some(FileEventKind::Deleted),
        (_, What::Other) => None,
        (Sighting::Appeared | Sighting::Replaced, What::File) => Some(FileEventKind::Created),
        (Sighting::Touched | Sighting::Vanished, What::File) => Some(FileEventKind::Changed),
    }
}
