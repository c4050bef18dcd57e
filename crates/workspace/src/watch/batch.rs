//! Many raw events become one a path: what was seen within a short while, compared with the disk when it is reported.
//! Does no waiting; the watcher's thread says when.

use std::{collections::BTreeMap, fs, path::PathBuf};

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
}

impl Batch {
    pub(super) fn add(&mut self, path: PathBuf, sighting: Sighting) {
        self.first_sightings.entry(path).or_insert(sighting);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first_sightings.is_empty()
    }

    /// Empties the batch into events, ordered by path. What is not to be told is left to the caller.
    pub(super) fn take_events(&mut self) -> Vec<FileEvent> {
        std::mem::take(&mut self.first_sightings)
            .into_iter()
            .filter_map(|(path, first)| {
                let kind = kind(first, What::at(&path))?;
                Some(FileEvent { path, kind })
            })
            .collect()
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
    fn at(path: &std::path::Path) -> Self {
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
