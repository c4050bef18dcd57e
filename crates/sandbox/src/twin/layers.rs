//! One folder of the workspace in a twin: what the user has, and what the task has in its place.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{
    bases::{Bases, Key, Start},
    change::Judge,
    copied,
    manifest::Manifest,
    moment::Moment,
    start::{self, Found},
    touched::{self, Depth, Search, Touched},
    tree::Tree,
};

/// One folder of the workspace in a twin.
#[derive(Debug)]
pub(super) struct Layers {
    /// Its number in the twin.
    pub(super) number: usize,
    /// The workspace's name of it: absolute, with links resolved.
    pub(super) folder: PathBuf,
    /// What the user has.
    pub(super) lower: Tree,
    /// What the task has written: an overlay's upper folder, or a whole copy.
    pub(super) own: Tree,
    /// What was copied, if it is a copy.
    pub(super) manifest: Option<Manifest>,
}

impl Layers {
    /// What was touched in it.
    pub(super) fn touched(&self, bases: &Bases, judge: &Judge<'_>) -> io::Result<Touched> {
        let search = Search {
            folder: &self.folder,
            lower: &self.lower,
            upper: &self.own,
            judge,
            is_edited: &|path, depth| match depth {
                Depth::Itself => bases.is_edited(&self.key(path)),
                Depth::Below => bases.is_edited_at_or_below(&self.key(path)),
            },
        };
        let mut touched = match &self.manifest {
            None => touched::in_overlay(&search)?,
            Some(manifest) => copied::in_copy(&search, manifest)?,
        };
        for path in bases.known(self.number) {
            if !touched.files.contains_key(&path) && self.is_gone(&path)? {
                touched::take_gone(&search, &mut touched, path);
            }
        }
        Ok(touched)
    }

    /// Whether the task has removed what is known to have been at `path`, without a trace: an unsaved document that nobody
    /// had saved; in a copy any.
    fn is_gone(&self, path: &Path) -> io::Result<bool> {
        let is_left = self.manifest.is_none() && self.lower.status(path)?.is_some();
        Ok(!is_left && self.own.status(path)?.is_none())
    }

    /// What the task started from at `path` if nobody has kept it yet.
    pub(super) fn find_start(&self, path: &Path, start: Moment) -> Found {
        match &self.manifest {
            Some(manifest) if !manifest.contains(path) => Found::Absent,
            Some(_) => start::find(&self.lower, None, path, start),
            None => start::find(&self.lower, Some(&self.own), path, start),
        }
    }

    /// Whether what the task sees at `path` is the user's own, not yet touched, or nothing.
    pub(super) fn is_untouched(&self, path: &Path) -> bool {
        match (self.own.status(path), &self.manifest) {
            (Ok(Some(status)), Some(manifest)) => manifest.is_untouched(path, &status),
            (Ok(None), None) => !touched::is_hidden_above(&self.own, path),
            (Ok(None), Some(manifest)) => !manifest.contains(path),
            (Ok(Some(_)) | Err(_), _) => false,
        }
    }

    /// Keeps aside what the task started from at `path`.
    pub(super) fn keep_start(
        &self,
        bases: &Bases,
        path: &Path,
        start: Moment,
    ) -> io::Result<Start> {
        let found = self.find_start(path, start);
        start::keep(bases, &self.lower, &self.key(path), found, start)
    }

    pub(super) fn key(&self, path: &Path) -> Key {
        (self.number, path.to_path_buf())
    }
}
