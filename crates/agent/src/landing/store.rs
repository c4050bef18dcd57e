//! The checkpoints on disk: `checkpoints/ID/` with `checkpoint.json`, which says what was there and what came, and
//! `contents`, all files' bytes one behind the other.
//!
//! A checkpoint is written as `.pending-ID` and gets its name once what it is for is done. For their owner alone.

use std::{
    fs::DirBuilder,
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use changes::{Base, FileChange};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    CheckpointId, LandingError,
    disk::{Disk, Found, NewContent, Permissions, is_missing},
    lock::Lock,
    plan::{Modes, Outcome},
    stored::{Damaged, Packer, StoredPath, StoredState},
};

const FORMAT: u32 = 1;
const FOLDER: &str = "checkpoints";
const LOCK: &str = "lock";
const MANIFEST: &str = "checkpoint.json";
const CONTENTS: &str = "contents";
const PENDING: &str = ".pending-";

/// The folder of all checkpoints.
pub(super) struct Store<'a> {
    disk: &'a dyn Disk,
    folder: PathBuf,
}

/// What a checkpoint says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    format: u32,
    pub(super) id: CheckpointId,
    pub(super) time: Timestamp,
    pub(super) title: String,
    pub(super) thread: Option<String>,
    /// Missing in what earlier versions wrote, and where a thread's changes were applied as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) turn: Option<u32>,
    folders: Vec<StoredPath>,
    /// The checkpoint that was restored with this change.
    pub(super) undoes: Option<CheckpointId>,
    files: Vec<ManifestFile>,
}

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ManifestFile {
    path: StoredPath,
    renamed_from: Option<StoredPath>,
    before: Option<StoredState>,
    mode_before: Option<u32>,
    after: Option<StoredState>,
}

/// What is about to be changed, and for what.
pub(super) struct Occasion<'a> {
    pub(super) title: &'a str,
    pub(super) thread: Option<&'a str>,
    pub(super) turn: Option<u32>,
    pub(super) folders: &'a [PathBuf],
    pub(super) undoes: Option<CheckpointId>,
}

impl<'a> Store<'a> {
    /// The checkpoints in `state_folder`; the folder is made if need be.
    pub(super) fn create(disk: &'a dyn Disk, state_folder: &Path) -> Result<Self, LandingError> {
        let folder = state_folder.join(FOLDER);
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700);
        let created = builder.create(&folder).and_then(|()| folder.canonicalize());
        let folder = created.map_err(|error| LandingError::keep(&folder, error))?;
        Ok(Self { disk, folder })
    }

    /// The checkpoints in `state_folder`, if there ever were any.
    pub(super) fn open(
        disk: &'a dyn Disk,
        state_folder: &Path,
    ) -> Result<Option<Self>, LandingError> {
        let folder = state_folder.join(FOLDER);
        match folder.canonicalize() {
            Ok(folder) => Ok(Some(Self { disk, folder })),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(LandingError::read(&folder, error)),
        }
    }

    pub(super) fn disk(&self) -> &'a dyn Disk {
        self.disk
    }

    /// Without links.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Waits for whoever else is changing files.
    pub(super) fn lock(&self) -> Result<Lock, LandingError> {
        let path = self.folder.join(LOCK);
        match Lock::wait(&path) {
            Ok(Some(lock)) => Ok(lock),
            Ok(None) => Err(LandingError::Busy { path }),
            Err(error) => Err(LandingError::keep(&path, error)),
        }
    }

    /// Takes the lock unless somebody else is changing files.
    pub(super) fn try_lock(&self) -> Result<Option<Lock>, LandingError> {
        let path = self.folder.join(LOCK);
        Lock::try_take(&path).map_err(|error| LandingError::keep(&path, error))
    }

    /// The bytes of a file here, if there is one.
    pub(super) fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, LandingError> {
        let read = |error| LandingError::read(path, error);
        match self.disk.look(path).map_err(read)? {
            Found::File { state, .. } => match state.content {
                changes::Content::Bytes(bytes) => Ok(Some(bytes.to_vec())),
                changes::Content::Link(_) => Err(read(io::Error::other("it is a link"))),
            },
            Found::Absent => Ok(None),
            Found::Folder { .. } | Found::Special => {
                Err(read(io::Error::other("it is not a file")))
            }
        }
    }

    /// Writes down what is there and what shall come, safe from a crash; `packer` has packed the journal's contents.
    pub(super) fn write_pending<'data>(
        &self,
        id: CheckpointId,
        occasion: &Occasion<'_>,
        outcomes: &'data [Outcome],
        mut packer: Packer<'data>,
    ) -> Result<(), LandingError> {
        let files = outcomes.iter().map(|outcome| ManifestFile {
            path: outcome.path.as_path().into(),
            renamed_from: outcome
                .moved_from
                .as_ref()
                .map(|(path, _)| path.as_path().into()),
            before: outcome.before.as_ref().map(|state| packer.store(state)),
            mode_before: outcome.mode_before,
            after: outcome.after.as_ref().map(|state| packer.store(state)),
        });
        let manifest = Manifest {
            format: FORMAT,
            id,
            time: Timestamp::now(),
            title: occasion.title.to_owned(),
            thread: occasion.thread.map(str::to_owned),
            turn: occasion.turn,
            folders: occasion
                .folders
                .iter()
                .map(|folder| folder.as_path().into())
                .collect(),
            undoes: occasion.undoes,
            files: files.collect(),
        };
        let bytes = serde_json::to_vec(&manifest).expect("a checkpoint is text and numbers");
        let folder = self.pending(id);
        let written = || {
            self.disk
                .create_folder(&folder, Permissions::Exactly(0o700))?;
            write_safely(self.disk, &folder.join(CONTENTS), packer.parts())?;
            write_safely(self.disk, &folder.join(MANIFEST), &[&bytes])?;
            self.disk.sync_folder(&folder)?;
            self.disk.sync_folder(&self.folder)
        };
        written().map_err(|error| LandingError::keep(&folder, error))
    }

    /// What the checkpoint is for is done: from here on it is there.
    pub(super) fn complete(&self, id: CheckpointId) -> io::Result<()> {
        self.disk
            .move_new(&self.pending(id), &self.complete_path(id))?;
        self.disk.sync_folder(&self.folder)
    }

    /// Whether the checkpoint is there.
    pub(super) fn is_complete(&self, id: CheckpointId) -> Result<bool, LandingError> {
        let path = self.complete_path(id);
        let found = self.disk.look(&path);
        Ok(found.map_err(|error| LandingError::read(&path, error))? != Found::Absent)
    }

    /// Removes a checkpoint, complete or not.
    pub(super) fn remove(&self, id: CheckpointId) -> io::Result<()> {
        self.remove_folder(&self.pending(id))?;
        self.remove_folder(&self.complete_path(id))
    }

    /// Removes what processes left that were killed while they wrote or removed a checkpoint. Only under the lock, and
    /// while there is no journal.
    pub(super) fn remove_leftovers(&self) -> io::Result<()> {
        for name in self.disk.names_in(&self.folder)? {
            let path = self.folder.join(&name);
            let is_pending = name.as_encoded_bytes().starts_with(PENDING.as_bytes());
            let is_folder = matches!(self.disk.look(&path)?, Found::Folder { .. });
            if is_folder && (is_pending || self.disk.look(&path.join(MANIFEST))? == Found::Absent) {
                self.remove_folder(&path)?;
            }
        }
        Ok(())
    }

    /// The checkpoints that are there, in the order in which they were taken. What this version cannot read is passed by.
    pub(super) fn manifests(&self) -> Result<Vec<Manifest>, LandingError> {
        let names = self.disk.names_in(&self.folder);
        let names = names.map_err(|error| LandingError::read(&self.folder, error))?;
        let ids = names.iter().filter_map(|name| name.to_str()?.parse().ok());
        let mut manifests = Vec::new();
        for id in ids {
            match self.manifest(id) {
                Ok(manifest) => manifests.push(manifest),
                Err(error) => tracing::warn!(%error, "a checkpoint is passed by"),
            }
        }
        manifests.sort_by_key(|manifest: &Manifest| manifest.id);
        Ok(manifests)
    }

    /// What a checkpoint takes on disk, in bytes.
    pub(super) fn bytes_of(&self, id: CheckpointId) -> u64 {
        let folder = self.complete_path(id);
        let length = |name| std::fs::metadata(folder.join(name)).map_or(0, |found| found.len());
        length(MANIFEST) + length(CONTENTS)
    }

    /// What a checkpoint says of itself, complete or not.
    pub(super) fn manifest(&self, id: CheckpointId) -> Result<Manifest, LandingError> {
        let bytes = match self.read(&self.complete_path(id).join(MANIFEST))? {
            None => self.read(&self.pending(id).join(MANIFEST))?,
            bytes => bytes,
        };
        let manifest = bytes.and_then(|bytes| serde_json::from_slice::<Manifest>(&bytes).ok());
        manifest
            .filter(|manifest| manifest.format == FORMAT && manifest.id == id)
            .ok_or_else(|| self.damaged(id))
    }

    /// All bytes that a checkpoint keeps, complete or not.
    pub(super) fn contents(&self, id: CheckpointId) -> Result<Vec<u8>, LandingError> {
        for folder in [self.pending(id), self.complete_path(id)] {
            if let Some(bytes) = self.read(&folder.join(CONTENTS))? {
                return Ok(bytes);
            }
        }
        Err(self.damaged(id))
    }

    /// That a checkpoint is not what was written.
    pub(super) fn damaged(&self, id: CheckpointId) -> LandingError {
        LandingError::Damaged {
            id,
            path: self.complete_path(id),
        }
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        let mut names = match self.disk.names_in(folder) {
            Err(error) if is_missing(&error) => return Ok(()),
            names => names?,
        };
        // Without the manifest, what is left is known as a leftover.
        names.sort_by_key(|name| name != MANIFEST);
        for name in names {
            self.disk.remove_file(&folder.join(name))?;
        }
        self.disk.remove_folder(folder)
    }

    fn pending(&self, id: CheckpointId) -> PathBuf {
        self.folder.join(format!("{PENDING}{id}"))
    }

    fn complete_path(&self, id: CheckpointId) -> PathBuf {
        self.folder.join(id.to_string())
    }
}

impl Manifest {
    /// The folders of the workspace in which it was taken.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        let folders = self.folders.iter().map(StoredPath::restore);
        folders.filter_map(Result::ok).collect()
    }

    /// What was done to each file, with no contents.
    pub(super) fn names(&self) -> Vec<super::CheckpointFile> {
        let restore = |path: &StoredPath| path.restore().ok();
        let file = |file: &ManifestFile| {
            Some(super::CheckpointFile {
                path: restore(&file.path)?,
                renamed_from: file.renamed_from.as_ref().and_then(restore),
                was_there: file.before.is_some(),
                is_there: file.after.is_some(),
            })
        };
        self.files.iter().filter_map(file).collect()
    }

    /// The change that takes this one back, and the permission bits that files had which it makes again.
    pub(super) fn reverse(&self, contents: &[u8]) -> Result<(Vec<FileChange>, Modes), Damaged> {
        let mut modes = Modes::new();
        let mut changes = Vec::with_capacity(self.files.len());
        for file in &self.files {
            let path = file.path.restore()?;
            let restored = |state: &Option<StoredState>| {
                state
                    .as_ref()
                    .map(|state| state.restore(contents))
                    .transpose()
            };
            let (old_path, new_path) = match &file.renamed_from {
                Some(renamed_from) => (renamed_from.restore()?, Some(path)),
                None => (path, None),
            };
            if let Some(mode) = file.mode_before {
                modes.insert(old_path.clone(), mode);
            }
            changes.push(FileChange {
                path: old_path,
                renamed_from: new_path,
                base: restored(&file.after)?.map_or(Base::Absent, Base::Known),
                after: restored(&file.before)?,
            });
        }
        Ok((changes, modes))
    }
}

/// Writes a file for its owner alone, safe from a crash once its folder is synced.
pub(super) fn write_safely(disk: &dyn Disk, path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    disk.write_new(path, NewContent::Bytes(parts), Permissions::Exactly(0o600))?;
    disk.sync_file(path)
}

pub(super) fn remove_if_there(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    match disk.remove_file(path) {
        Err(error) if is_missing(&error) => Ok(()),
        result => result,
    }
}
