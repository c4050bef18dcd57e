//! The folders the editor has open: which one a path belongs to, nested folders and folders named twice.
//! Owned by `Workspace`, shared unchanged with every snapshot.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    disk::{Disk, RealDisk},
    path::normalize,
};

/// One folder that the editor has open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    path: PathBuf,
    real_path: PathBuf,
}

impl Folder {
    /// The absolute path as the editor names it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The same place with every link followed.
    pub fn real_path(&self) -> &Path {
        &self.real_path
    }

    fn new(path: &Path, disk: &dyn Disk) -> Result<Self, FolderError> {
        if !path.is_absolute() {
            return Err(FolderError::NotAbsolute {
                path: path.to_path_buf(),
            });
        }
        let path = normalize(path);
        // A folder that is missing, or not to be entered, stays in the list: the editor has it open, and it may come back.
        let real_path = disk.real_path(&path).unwrap_or_else(|_| path.clone());
        Ok(Self { path, real_path })
    }
}

/// Why a folder cannot be part of the workspace.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FolderError {
    /// Relative paths would depend on where the server was started.
    #[error("the workspace folder `{}` is not an absolute path; give the full path", path.display())]
    NotAbsolute {
        /// What was given.
        path: PathBuf,
    },
}

/// The list of open folders, in the editor's order, and the disk that they are on.
#[derive(Debug, Clone)]
pub(crate) struct Folders {
    disk: Arc<dyn Disk>,
    list: Vec<Arc<Folder>>,
}

impl Default for Folders {
    fn default() -> Self {
        Self::on(Arc::new(RealDisk))
    }
}

impl Folders {
    /// No folder yet, of those on `disk`.
    pub(crate) fn on(disk: Arc<dyn Disk>) -> Self {
        Self {
            disk,
            list: Vec::new(),
        }
    }

    pub(crate) fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    /// Adds `path`; a folder that is there already, under this or another name, stays as it is.
    pub(crate) fn add(&mut self, path: &Path) -> Result<Arc<Folder>, FolderError> {
        let folder = Folder::new(path, self.disk.as_ref())?;
        if let Some(known) = self
            .list
            .iter()
            .find(|known| known.real_path == folder.real_path)
        {
            return Ok(Arc::clone(known));
        }
        let folder = Arc::new(folder);
        self.list.push(Arc::clone(&folder));
        Ok(folder)
    }

    /// Removes the folder at `path`, under whichever name it was added; says whether there was one.
    pub(crate) fn remove(&mut self, path: &Path) -> bool {
        let path = normalize(path);
        let real_path = self.disk.real_path(&path).unwrap_or_else(|_| path.clone());
        let count = self.list.len();
        self.list
            .retain(|folder| folder.path != path && folder.real_path != real_path);
        self.list.len() < count
    }

    /// Follows the folders' links anew, for folders that came back or moved.
    pub(crate) fn refresh(&mut self) {
        let paths: Vec<PathBuf> = self.list.iter().map(|folder| folder.path.clone()).collect();
        self.list.clear();
        for path in paths {
            self.add(&path)
                .expect("the path was absolute when it was added before");
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Folder>> {
        self.list.iter()
    }

    /// The innermost folder that contains the normalized `path`, going by the names the editor uses.
    pub(crate) fn innermost(&self, path: &Path) -> Option<&Arc<Folder>> {
        self.list
            .iter()
            .filter(|folder| path.starts_with(&folder.path))
            .max_by_key(|folder| folder.path.components().count())
    }

    /// The outermost folder that contains `path`.
    pub(crate) fn outermost(&self, path: &Path) -> Option<&Arc<Folder>> {
        self.list
            .iter()
            .filter(|folder| path.starts_with(&folder.path))
            .min_by_key(|folder| folder.path.components().count())
    }

    /// Whether `path` is itself an open folder.
    pub(crate) fn is_folder(&self, path: &Path) -> bool {
        self.list.iter().any(|folder| folder.path == path)
    }

    /// A path without links, under the name its folder has in the editor; `None` outside every folder.
    pub(crate) fn named_by_editor(&self, real_path: &Path) -> Option<PathBuf> {
        let folder = self
            .list
            .iter()
            .filter(|folder| real_path.starts_with(&folder.real_path))
            .max_by_key(|folder| folder.real_path.components().count())?;
        let rest = real_path.strip_prefix(&folder.real_path).ok()?;
        Some(below(&folder.path, rest))
    }

    /// Where a path below a folder really is, given that no link is on the way from the folder to it.
    pub(crate) fn to_real(&self, path: &Path) -> PathBuf {
        let relative = |folder: &Arc<Folder>| {
            let rest = path.strip_prefix(&folder.path).ok()?;
            Some(below(&folder.real_path, rest))
        };
        self.innermost(path)
            .and_then(relative)
            .unwrap_or_else(|| path.to_path_buf())
    }
}

/// Joining an empty path would add a separator at the end.
fn below(directory: &Path, rest: &Path) -> PathBuf {
    if rest.as_os_str().is_empty() {
        directory.to_path_buf()
    } else {
        directory.join(rest)
    }
}

#[cfg(test)]
mod tests;
