//! Goes through the directories of a disk, each directory's names in their order, a directory before its content.
//! Enters what a filter allows and follows no link. Used by `walk`, which makes of it what the workspace has.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    vec,
};

use super::{WalkProblem, filter::EntryFilter};
use crate::disk::{DirectoryEntry, Disk, FileKind};

/// Something met on disk.
pub(super) struct Met {
    pub(super) path: PathBuf,
    pub(super) kind: FileKind,
    /// How many directories it is below the place where the walk began; 0 for that place.
    pub(super) depth: usize,
}

/// A way through directories, as far as it has come.
pub(super) struct Descent {
    disk: Arc<dyn Disk>,
    filter: Arc<EntryFilter>,
    max_depth: usize,
    /// Where to begin next.
    starts: vec::IntoIter<PathBuf>,
    /// The directory that was met last, which comes next.
    to_enter: Option<PathBuf>,
    /// The directories that were entered and not yet left, innermost last.
    entered: Vec<Directory>,
}

struct Directory {
    path: PathBuf,
    entries: vec::IntoIter<DirectoryEntry>,
}

impl Descent {
    pub(super) fn new(
        disk: Arc<dyn Disk>,
        starts: Vec<PathBuf>,
        max_depth: Option<usize>,
        filter: Arc<EntryFilter>,
    ) -> Self {
        Self {
            disk,
            filter,
            max_depth: max_depth.unwrap_or(usize::MAX),
            starts: starts.into_iter(),
            to_enter: None,
            entered: Vec::new(),
        }
    }

    fn enter(&mut self, path: PathBuf) -> Result<(), WalkProblem> {
        let mut entries = self
            .disk
            .read_directory(&path)
            .map_err(|error| problem(&path, &error))?;
        entries.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        self.entered.push(Directory {
            path,
            entries: entries.into_iter(),
        });
        Ok(())
    }

    /// The next thing below the directories that are entered; what the filter refuses is passed by.
    fn next_within(&mut self) -> Option<Met> {
        while let Some(directory) = self.entered.last_mut() {
            let Some(entry) = directory.entries.next() else {
                self.entered.pop();
                continue;
            };
            let met = Met {
                path: directory.path.join(&entry.name),
                kind: entry.kind,
                depth: self.entered.len(),
            };
            if self.filter.allows(&met) {
                return Some(met);
            }
        }
        None
    }

    fn next_start(&mut self) -> Option<Result<Met, WalkProblem>> {
        loop {
            let path = self.starts.next()?;
            match self.disk.metadata(&path) {
                Err(error) => return Some(Err(problem(&path, &error))),
                Ok(metadata) => {
                    let kind = metadata.kind;
                    let depth = 0;
                    let met = Met { path, kind, depth };
                    if self.filter.allows(&met) {
                        return Some(Ok(met));
                    }
                }
            }
        }
    }
}

impl Iterator for Descent {
    type Item = Result<Met, WalkProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(path) = self.to_enter.take()
            && let Err(problem) = self.enter(path)
        {
            return Some(Err(problem));
        }
        let met = match self.next_within() {
            Some(met) => met,
            None => match self.next_start()? {
                Ok(met) => met,
                problem => return Some(problem),
            },
        };
        if met.kind == FileKind::Directory && met.depth < self.max_depth {
            self.to_enter = Some(met.path.clone());
        }
        Some(Ok(met))
    }
}

fn problem(path: &Path, error: &std::io::Error) -> WalkProblem {
    WalkProblem {
        path: Some(path.to_path_buf()),
        reason: error.to_string(),
    }
}
