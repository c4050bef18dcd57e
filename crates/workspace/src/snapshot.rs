//! The workspace as it was at one moment: cheap to take, cheap to clone, to be used on any thread.
//! What it can do is beside what it is made of: `read`, `walk`, `search`, and here the questions about paths.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    disk::{Disk, FileKind},
    document::{Document, FrozenDocuments},
    exclusion::{Exclusion, Exclusions, git::is_git_directory},
    folder::{Folder, Folders},
    path::normalize,
};

/// The open folders, the exclusions and every open document, as they were when the snapshot was taken.
/// Files that are not open are read from disk as they are when they are read.
#[derive(Debug, Clone)]
pub struct WorkspaceSnapshot {
    pub(crate) folders: Arc<Folders>,
    pub(crate) documents: Arc<FrozenDocuments>,
    pub(crate) exclusions: Arc<Exclusions>,
}

impl WorkspaceSnapshot {
    /// The open folders, in the editor's order.
    pub fn folders(&self) -> impl Iterator<Item = &Folder> {
        self.folders.iter().map(Arc::as_ref)
    }

    /// The disk behind the paths. It knows no exclusions: ask [`Self::locate`] before.
    pub fn disk(&self) -> &Arc<dyn Disk> {
        self.folders.disk()
    }

    /// The same folders and exclusions as they are on disk, with no document over them. Holds no text.
    pub fn on_disk(&self) -> Self {
        Self {
            folders: Arc::clone(&self.folders),
            documents: Arc::default(),
            exclusions: Arc::clone(&self.exclusions),
        }
    }

    /// The innermost open folder that contains `path`, going by its name.
    pub fn folder_of(&self, path: &Path) -> Option<&Folder> {
        self.folders.innermost(&normalize(path)).map(Arc::as_ref)
    }

    /// The directory above `path`, in the workspace, in which git keeps a repository under another name than `.git`. What is
    /// below it is hooks and settings that git obeys. `path` is normalised.
    pub fn git_directory_above(&self, path: &Path) -> Option<PathBuf> {
        let folders = self.folders();
        let roots = folders.flat_map(|folder| [folder.path(), folder.real_path()]);
        let around = roots.filter(|root| path.starts_with(root));
        let outermost = around.min_by_key(|root| root.as_os_str().len())?;
        let above = path.ancestors().skip(1);
        above
            .take_while(|directory| directory.starts_with(outermost))
            .find(|directory| is_git_directory(self.disk().as_ref(), directory))
            .map(Path::to_path_buf)
    }

    /// The open document at `path`, excluded or not.
    pub fn document(&self, path: &Path) -> Option<&Arc<Document>> {
        self.documents.get(&normalize(path))
    }

    /// Every open document, excluded or not, in no particular order.
    pub fn documents(&self) -> impl Iterator<Item = &Arc<Document>> {
        self.documents.iter()
    }

    /// Why `path` is out of bounds, if it is; its name and the place its links lead to must both be allowed.
    /// It need not exist. Of several reasons the one that reaches furthest is given.
    pub fn is_excluded(&self, path: &Path) -> Option<Exclusion> {
        self.exclusions.check(path)
    }

    /// As [`Self::is_excluded`], going by the name alone: nothing at `path` is looked at and no link followed, only the lists
    /// in the folders above it are read. `path` is normalised.
    pub fn is_name_excluded(&self, path: &Path, kind: FileKind) -> Option<Exclusion> {
        self.exclusions
            .check_name(path, kind == FileKind::Directory)
    }

    /// As [`Self::is_name_excluded`] for all of `names`, which are all that is in `directory`: the positions of those that
    /// nobody may see, with the reasons. What is merely ignored is none of them.
    pub fn hidden_among(
        &self,
        directory: &Path,
        names: &[(OsString, FileKind)],
    ) -> Vec<(usize, Exclusion)> {
        self.exclusions.hidden_among(directory, names)
    }

    /// Where `path` really leads, once every link is followed, and why it is out of bounds, if it is.
    ///
    /// It need not exist: then this is where a file written under its name would be.
    pub fn locate(&self, path: &Path) -> (PathBuf, Option<Exclusion>) {
        self.exclusions.locate(path)
    }

    pub(crate) fn document_at(&self, path: &Path, real_path: &Path) -> Option<&Arc<Document>> {
        self.documents
            .get(&normalize(path))
            .or_else(|| self.documents.get(real_path))
    }
}
