//! Walking the workspace: every file once, in a stable order, excluded ones left out, unsaved new documents included.
//! Symbolic links are not followed: what they lead to inside the workspace is met under its own name.
//! Used for indexing, listing and by `search`; reads no file's content.

mod descent;
mod filter;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    vec,
};

use self::{
    descent::{Descent, Met},
    filter::EntryFilter,
};
use crate::{
    disk::FileKind,
    exclusion::{Exclusion, PatternError, Reach},
    path::normalize,
    snapshot::WorkspaceSnapshot,
};

/// Which part of the workspace to walk and what to yield.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WalkOptions {
    /// Only this directory (or file); `None` for every open folder.
    pub under: Option<PathBuf>,
    /// Globs in gitignore syntax, relative to each folder. With plain globs only files matching one are yielded;
    /// `!glob` leaves out what matches it. The last glob that matches decides.
    pub globs: Vec<String>,
    /// Whether to pass ignored files by. Hidden ones always are.
    pub ignored: IgnoredFiles,
    /// What is yielded.
    pub yields: Yields,
    /// How deep to go: 1 for the direct children only. `None` for no limit.
    pub max_depth: Option<usize>,
}

/// What to do with files that a `.gitignore` or its like names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IgnoredFiles {
    /// Pass them by.
    #[default]
    Skip,
    /// Treat them as any other file.
    Include,
}

/// What a walk yields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Yields {
    /// Regular files and new documents.
    #[default]
    Files,
    /// Directories as well, each before its content; not those at which the walk begins.
    FilesAndDirectories,
}

/// One file or directory of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// Its absolute path, under the name that the editor has for its folder.
    pub path: PathBuf,
    /// What it is.
    pub kind: EntryKind,
}

/// What a walk met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// A regular file on disk. It may be open as a document too.
    File,
    /// A directory.
    Directory,
    /// A document that has no file on disk (yet).
    NewDocument,
}

/// Why a walk cannot begin.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WalkError {
    /// One of the globs.
    #[error(transparent)]
    Glob(#[from] PatternError),
    /// The place to walk is out of bounds.
    #[error("`{}` is not walked: {exclusion}", path.display())]
    Excluded {
        /// The place.
        path: PathBuf,
        /// Why.
        exclusion: Exclusion,
    },
}

/// A place that a walk could not enter. The rest of the walk goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalkProblem {
    /// The place, where it is known.
    pub path: Option<PathBuf>,
    /// What the system says.
    pub reason: String,
}

/// A walk under way.
pub struct Walk {
    descent: Descent,
    new_documents: vec::IntoIter<FileEntry>,
    yields: Yields,
    problems: Vec<WalkProblem>,
}

impl WorkspaceSnapshot {
    /// Walks the workspace. Ignore files are read as they are now.
    ///
    /// Directories are walked in the order of their names. New documents come last, ordered by path.
    ///
    /// # Errors
    /// See [`WalkError`]. A folder that cannot be entered is no error but one of [`Walk::problems`].
    pub fn walk(&self, options: &WalkOptions) -> Result<Walk, WalkError> {
        let roots = self.roots(options)?;
        let filter = Arc::new(EntryFilter::new(self, &options.globs, options.ignored)?);
        let new_documents = self.new_documents(&roots, options.max_depth, &filter);
        let disk = Arc::clone(self.folders.disk());
        Ok(Walk {
            descent: Descent::new(disk, roots, options.max_depth, filter),
            new_documents: new_documents.into_iter(),
            yields: options.yields,
            problems: Vec::new(),
        })
    }

    /// Where to begin: no place lies below another unless it is an open folder, at which the outer walk stops.
    fn roots(&self, options: &WalkOptions) -> Result<Vec<PathBuf>, WalkError> {
        let folders = || {
            self.folders
                .iter()
                .map(|folder| folder.path().to_path_buf())
        };
        let Some(under) = &options.under else {
            return Ok(folders().collect());
        };
        let (real_path, exclusion) = self.exclusions.locate(under);
        if let Some(exclusion) = exclusion.filter(|found| found.reach() == Reach::Hidden) {
            return Err(WalkError::Excluded {
                path: under.clone(),
                exclusion,
            });
        }
        let start = self
            .folders
            .named_by_editor(&real_path)
            .unwrap_or_else(|| normalize(under));
        let below = folders().filter(|folder| folder.starts_with(&start) && *folder != start);
        Ok(std::iter::once(start.clone()).chain(below).collect())
    }

    fn new_documents(
        &self,
        roots: &[PathBuf],
        max_depth: Option<usize>,
        filter: &EntryFilter,
    ) -> Vec<FileEntry> {
        let in_reach = |path: &Path| {
            roots.iter().any(|root| match path.strip_prefix(root) {
                Ok(rest) => max_depth.is_none_or(|limit| rest.components().count() <= limit),
                Err(_) => false,
            })
        };
        let mut paths: Vec<PathBuf> = self
            .documents
            .iter()
            .map(|document| document.path.clone())
            .filter(|path| in_reach(path) && self.has_no_file(path) && filter.allows_document(path))
            .collect();
        paths.sort();
        paths
            .into_iter()
            .map(|path| FileEntry {
                path,
                kind: EntryKind::NewDocument,
            })
            .collect()
    }

    fn has_no_file(&self, path: &Path) -> bool {
        matches!(self.disk().metadata(path), Err(error) if error.kind() == io::ErrorKind::NotFound)
    }
}

impl Walk {
    /// The places that could not be entered so far.
    pub fn problems(&self) -> &[WalkProblem] {
        &self.problems
    }

    fn entry(&self, met: Met) -> Option<FileEntry> {
        let kind = match met.kind {
            FileKind::File => EntryKind::File,
            FileKind::Directory if self.yields == Yields::FilesAndDirectories => {
                EntryKind::Directory
            }
            FileKind::Directory | FileKind::Link | FileKind::Special => return None,
        };
        if kind == EntryKind::Directory && met.depth == 0 {
            return None;
        }
        let path = met.path;
        Some(FileEntry { path, kind })
    }
}

impl Iterator for Walk {
    type Item = FileEntry;

    fn next(&mut self) -> Option<FileEntry> {
        while let Some(met) = self.descent.next() {
            match met {
                Ok(met) => {
                    if let Some(entry) = self.entry(met) {
                        return Some(entry);
                    }
                }
                Err(problem) => self.problems.push(problem),
            }
        }
        self.new_documents.next()
    }
}

#[cfg(test)]
mod tests;
