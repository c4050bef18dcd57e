//! The workspace that the main loop owns and alone changes: folders, documents, exclusions.
//! Everything slow is done on its snapshots.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use text::{ChangeSet, ContentChange, PositionEncoding};

use crate::{
    disk::{Disk, RealDisk},
    document::{Document, DocumentError, Documents, FrozenDocuments},
    exclusion::{ExclusionOptions, Exclusions, PatternError, is_rule_file},
    folder::{Folder, FolderError, Folders},
    snapshot::WorkspaceSnapshot,
    watch::FileEvent,
};

/// What the editor has open.
#[derive(Debug)]
pub struct Workspace {
    folders: Arc<Folders>,
    documents: Documents,
    exclusions: Arc<Exclusions>,
    /// The documents of the last snapshot, while none has changed since.
    frozen: Option<Arc<FrozenDocuments>>,
}

impl Workspace {
    /// A workspace with no folder and no document.
    ///
    /// # Errors
    /// One of the user's patterns is no glob.
    pub fn new(options: &ExclusionOptions) -> Result<Self, PatternError> {
        Self::over(options, Arc::new(RealDisk))
    }

    /// As [`Self::new`], with `disk` behind the paths.
    ///
    /// # Errors
    /// One of the user's patterns is no glob.
    pub fn over(options: &ExclusionOptions, disk: Arc<dyn Disk>) -> Result<Self, PatternError> {
        let folders = Arc::new(Folders::on(disk));
        let exclusions = Arc::new(Exclusions::new(Arc::clone(&folders), options)?);
        Ok(Self {
            folders,
            documents: Documents::default(),
            exclusions,
            frozen: None,
        })
    }

    /// Replaces what the user adds to the exclusions. On an error everything stays as it was.
    ///
    /// # Errors
    /// One of the user's patterns is no glob.
    pub fn set_exclusions(&mut self, options: &ExclusionOptions) -> Result<(), PatternError> {
        self.exclusions = Arc::new(Exclusions::new(Arc::clone(&self.folders), options)?);
        Ok(())
    }

    /// Adds a folder. One that is open already, also under another name, is not added again.
    ///
    /// # Errors
    /// The path is relative.
    pub fn add_folder(&mut self, path: &Path) -> Result<Arc<Folder>, FolderError> {
        let folder = Arc::make_mut(&mut self.folders).add(path)?;
        self.refresh_rules();
        Ok(folder)
    }

    /// Removes a folder; says whether it was open. Its documents stay open until the editor closes them.
    pub fn remove_folder(&mut self, path: &Path) -> bool {
        let removed = Arc::make_mut(&mut self.folders).remove(path);
        self.refresh_rules();
        removed
    }

    /// The open folders' paths, in the editor's order.
    pub fn folders(&self) -> Vec<PathBuf> {
        self.folders
            .iter()
            .map(|folder| folder.path().to_path_buf())
            .collect()
    }

    /// A handle on the open documents as they are at any time.
    pub fn documents(&self) -> Documents {
        self.documents.clone()
    }

    /// Adds a document, and gives back the one it replaces where an editor opens the same twice.
    pub fn open_document(&mut self, document: Document) -> Option<Arc<Document>> {
        self.frozen = None;
        self.documents.open(document, self.folders.disk().as_ref())
    }

    /// Applies the changes in order and takes over the version; gives back what happened to the text.
    ///
    /// # Errors
    /// The document is not open.
    pub fn change_document(
        &mut self,
        path: &Path,
        version: i32,
        changes: &[ContentChange],
        encoding: PositionEncoding,
    ) -> Result<ChangeSet, DocumentError> {
        self.frozen = None;
        self.documents.change(path, version, changes, encoding)
    }

    /// Removes a document. From now on its file counts.
    pub fn close_document(&mut self, path: &Path) -> Option<Arc<Document>> {
        self.frozen = None;
        self.documents.close(path)
    }

    /// Takes note of changes on disk. To be called with every event, and for each document that the editor saves.
    pub fn files_changed(&mut self, events: &[FileEvent]) {
        let concerns_folder = |event: &FileEvent| {
            self.folders
                .iter()
                .any(|folder| folder.path().starts_with(&event.path))
        };
        if events
            .iter()
            .any(|event| is_rule_file(&event.path) || concerns_folder(event))
        {
            self.refresh_rules();
        }
    }

    /// Forgets what was read of ignore files and links. Needed only after changes of which no event tells.
    pub fn refresh_rules(&mut self) {
        Arc::make_mut(&mut self.folders).refresh();
        self.exclusions = Arc::new(self.exclusions.fresh(Arc::clone(&self.folders)));
    }

    /// The workspace as it is now. Costs no copy of any text, and almost nothing if no document changed since the last.
    pub fn snapshot(&mut self) -> WorkspaceSnapshot {
        let documents = self
            .frozen
            .get_or_insert_with(|| Arc::new(self.documents.freeze()));
        WorkspaceSnapshot {
            folders: Arc::clone(&self.folders),
            documents: Arc::clone(documents),
            exclusions: Arc::clone(&self.exclusions),
        }
    }
}

#[cfg(test)]
mod tests;
