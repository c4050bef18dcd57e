//! Which entries a walk yields and which directories it enters: exclusions, globs, folders that are walked on their own.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use ignore::overrides::{Override, OverrideBuilder};

use super::{IgnoredFiles, descent::Met};
use crate::{
    disk::FileKind,
    exclusion::{Exclusions, PatternError, Reach},
    folder::Folders,
    snapshot::WorkspaceSnapshot,
};

/// Decides about each entry of a walk, before a directory is entered.
pub(super) struct EntryFilter {
    exclusions: Exclusions,
    folders: Arc<Folders>,
    globs: Vec<(PathBuf, Override)>,
    ignored: IgnoredFiles,
}

impl EntryFilter {
    /// # Errors
    /// One of the globs is none.
    pub(super) fn new(
        snapshot: &WorkspaceSnapshot,
        globs: &[String],
        ignored: IgnoredFiles,
    ) -> Result<Self, PatternError> {
        Ok(Self {
            exclusions: snapshot.exclusions.fresh(Arc::clone(&snapshot.folders)),
            folders: Arc::clone(&snapshot.folders),
            globs: globs_by_folder(&snapshot.folders, globs)?,
            ignored,
        })
    }

    pub(super) fn allows(&self, met: &Met) -> bool {
        let path = &met.path;
        let is_directory = met.kind == FileKind::Directory;
        if met.depth == 0 {
            return self.exclusions.hidden(path, is_directory).is_none();
        }
        let is_passed_by = met.kind == FileKind::Link
            || (is_directory && self.begins_elsewhere(path))
            || self.excludes(path, is_directory)
            || self.globs_reject(path, is_directory);
        !is_passed_by
    }

    /// Whether `directory` is itself an open folder, perhaps under another name. It is walked on its own.
    fn begins_elsewhere(&self, directory: &Path) -> bool {
        let Some(folder) = self.folders.innermost(directory) else {
            return false;
        };
        if folder.path() == directory {
            return true;
        }
        let Ok(relative) = directory.strip_prefix(folder.path()) else {
            return false;
        };
        let real_path = folder.real_path().join(relative);
        self.folders
            .iter()
            .any(|other| other.real_path() == real_path)
    }

    fn excludes(&self, path: &Path, is_directory: bool) -> bool {
        match self.ignored {
            IgnoredFiles::Skip => self.exclusions.check_name(path, is_directory).is_some(),
            IgnoredFiles::Include => self.exclusions.hidden(path, is_directory).is_some(),
        }
    }

    fn globs_reject(&self, path: &Path, is_directory: bool) -> bool {
        let Some(folder) = self.folders.innermost(path) else {
            return false;
        };
        let globs = self
            .globs
            .iter()
            .find(|(directory, _)| directory == folder.path());
        globs.is_some_and(|(_, globs)| globs.matched(path, is_directory).is_ignore())
    }

    pub(super) fn allows_document(&self, path: &Path) -> bool {
        let excluded = match self.exclusions.check(path) {
            None => false,
            Some(exclusion) => {
                self.ignored == IgnoredFiles::Skip || exclusion.reach() == Reach::Hidden
            }
        };
        let Some(folder) = self.folders.innermost(path) else {
            return false;
        };
        let directories = path
            .ancestors()
            .skip(1)
            .take_while(|above| *above != folder.path());
        !excluded
            && !self.globs_reject(path, false)
            && directories
                .into_iter()
                .all(|directory| !self.globs_reject(directory, true))
    }
}

fn globs_by_folder(
    folders: &Folders,
    globs: &[String],
) -> Result<Vec<(PathBuf, Override)>, PatternError> {
    if globs.is_empty() {
        return Ok(Vec::new());
    }
    folders
        .iter()
        .map(|folder| {
            Ok((
                folder.path().to_path_buf(),
                build_globs(folder.path(), globs)?,
            ))
        })
        .collect()
}

fn build_globs(folder: &Path, globs: &[String]) -> Result<Override, PatternError> {
    let mut builder = OverrideBuilder::new(folder);
    for glob in globs {
        builder.add(glob).map_err(|error| PatternError {
            pattern: glob.clone(),
            reason: error.to_string(),
        })?;
    }
    builder.build().map_err(|error| PatternError {
        pattern: globs.join("`, `"),
        reason: error.to_string(),
    })
}
