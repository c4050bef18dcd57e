//! The table of open documents: written by the main loop through `Workspace`, read anywhere.
//! Knows nothing of folders or exclusions: an excluded file can be open, and its editor is still answered.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use dashmap::DashMap;
use text::{ChangeSet, ContentChange, PositionEncoding, Text};

use crate::{disk::Disk, path::normalize};

/// One open buffer. Cloning is cheap: the text is shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The absolute path of its file. A buffer without a file has a name that is no absolute path and is in no folder.
    pub path: PathBuf,
    /// What the editor shows, unsaved changes included.
    pub text: Text,
    /// The editor's number for this text; it grows with every change.
    pub version: i32,
    /// The editor's name for the language, such as `rust`.
    pub language_id: String,
}

/// A read handle on the table of open documents. Cloning is cheap, and every clone sees the table as it is *now*.
#[derive(Debug, Clone, Default)]
pub struct Documents {
    entries: Arc<DashMap<PathBuf, Entry>>,
}

#[derive(Debug, Clone)]
struct Entry {
    document: Arc<Document>,
    /// Where the path leads, so that the document is found under its other names as well.
    real_path: PathBuf,
}

/// Why a document could not be changed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DocumentError {
    /// The editor must open a document before it changes it.
    #[error("`{}` is not open: the editor must open a document before it changes it", path.display())]
    NotOpen {
        /// The document's path.
        path: PathBuf,
    },
}

impl Documents {
    /// The document at `path` as it is now.
    pub fn get(&self, path: &Path) -> Option<Arc<Document>> {
        let entry = self.entries.get(&normalize(path))?;
        Some(Arc::clone(&entry.document))
    }

    /// Every open document, ordered by path.
    pub fn all(&self) -> Vec<Arc<Document>> {
        let mut documents: Vec<_> = self
            .entries
            .iter()
            .map(|entry| Arc::clone(&entry.document))
            .collect();
        documents.sort_by(|a, b| a.path.cmp(&b.path));
        documents
    }

    /// How many documents are open.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no document is open.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn open(&self, mut document: Document, disk: &dyn Disk) -> Option<Arc<Document>> {
        document.path = normalize(&document.path);
        let path = document.path.clone();
        let real_path = disk.real_path(&path).unwrap_or_else(|_| path.clone());
        let entry = Entry {
            document: Arc::new(document),
            real_path,
        };
        self.entries
            .insert(path, entry)
            .map(|before| before.document)
    }

    pub(crate) fn change(
        &self,
        path: &Path,
        version: i32,
        changes: &[ContentChange],
        encoding: PositionEncoding,
    ) -> Result<ChangeSet, DocumentError> {
        let path = normalize(path);
        let Some(mut entry) = self.entries.get_mut(&path) else {
            return Err(DocumentError::NotOpen { path });
        };
        // Copies only while a snapshot still holds the document as it was before.
        let document = Arc::make_mut(&mut entry.document);
        document.version = version;
        Ok(document.text.apply_changes(changes, encoding))
    }

    pub(crate) fn close(&self, path: &Path) -> Option<Arc<Document>> {
        self.entries
            .remove(&normalize(path))
            .map(|(_, entry)| entry.document)
    }

    pub(crate) fn freeze(&self) -> FrozenDocuments {
        let mut frozen = FrozenDocuments::default();
        for entry in self.entries.iter() {
            let document = Arc::clone(&entry.document);
            if entry.real_path != document.path {
                frozen
                    .by_real_path
                    .insert(entry.real_path.clone(), Arc::clone(&document));
            }
            frozen.by_path.insert(document.path.clone(), document);
        }
        frozen
    }
}

/// The documents as they were at one moment, found by the editor's path or by the path without links.
#[derive(Debug, Default)]
pub(crate) struct FrozenDocuments {
    by_path: HashMap<PathBuf, Arc<Document>>,
    by_real_path: HashMap<PathBuf, Arc<Document>>,
}

impl FrozenDocuments {
    /// `path` must be normalized.
    pub(crate) fn get(&self, path: &Path) -> Option<&Arc<Document>> {
        self.by_path
            .get(path)
            .or_else(|| self.by_real_path.get(path))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Document>> {
        self.by_path.values()
    }
}

#[cfg(test)]
mod tests;
