//! The index on disk: one file for each set of folders, below the cache folder.

use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use predict::{Index, StoreError};
use rustc_hash::FxHasher;
use workspace::WorkspaceSnapshot;

use crate::config::{IndexConfig, paths};

/// Where the index of these folders is kept; nowhere when the settings say so or there is no cache folder.
pub(super) fn place(snapshot: &WorkspaceSnapshot, config: &IndexConfig) -> Option<PathBuf> {
    let folders: Vec<&Path> = snapshot.folders().map(|folder| folder.path()).collect();
    if !config.persist || folders.is_empty() {
        return None;
    }
    let mut hasher = FxHasher::default();
    folders.hash(&mut hasher);
    let name = folders[0].file_name().unwrap_or_default().to_string_lossy();
    let file = format!("{name}-{:016x}.index", hasher.finish());
    Some(paths::cache_folder()?.join("index").join(file))
}

/// The index that was kept, if there is one.
///
/// # Errors
///
/// When there is one that cannot be used; it is removed, so that the next one is written in any case.
pub(super) fn load(place: &Path) -> Result<Option<Index>, StoreError> {
    if !place.exists() {
        return Ok(None);
    }
    Index::load(place).map(Some).inspect_err(|_| {
        // Where it cannot be removed, it cannot be written either, which is reported then.
        drop(std::fs::remove_file(place));
    })
}

/// Keeps the index for the next start.
pub(super) fn save(index: &Index, place: &Path) -> Result<(), StoreError> {
    if let Some(folder) = place.parent() {
        // A folder that cannot be made is reported when the file cannot be written.
        drop(std::fs::create_dir_all(folder));
    }
    index.save(place)
}
