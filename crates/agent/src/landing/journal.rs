//! The journal: which steps a landing is about to make, written before the first and removed after the last.
//!
//! There is one for each state folder, `checkpoints/journal`, and it belongs to whoever holds the lock. A journal that is
//! found otherwise was left by a process that was killed.

use std::path::{Path, PathBuf};

use changes::FileState;
use serde::{Deserialize, Serialize};

use super::{
    CheckpointId, LandingError,
    disk::{Disk, Found},
    step::{FileStep, PermissionSource, Step, Steps},
    store::{self, Store},
    stored::{Damaged, Packer, StoredPath, StoredState},
};

const FORMAT: u32 = 1;

/// The journal as it is written.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Journal {
    format: u32,
    /// Keeps the bytes that the steps speak of.
    pub(super) checkpoint: CheckpointId,
    steps: Vec<StoredStep>,
    emptying: Vec<StoredPath>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredStep {
    RemoveFolder {
        path: StoredPath,
        mode: u32,
    },
    CreateFolder {
        path: StoredPath,
    },
    File {
        place: StoredPath,
        temporary: StoredPath,
        before: Option<StoredState>,
        after: Option<StoredState>,
    },
}

impl Journal {
    /// What is about to be done, its contents being packed for the checkpoint.
    pub(super) fn new<'a>(
        checkpoint: CheckpointId,
        steps: &'a Steps,
        packer: &mut Packer<'a>,
    ) -> Self {
        let mut store =
            |state: &'a Option<FileState>| state.as_ref().map(|state| packer.store(state));
        let stored = steps.list.iter().map(|step| match step {
            Step::RemoveFolder { path, mode } => StoredStep::RemoveFolder {
                path: path.as_path().into(),
                mode: *mode,
            },
            Step::CreateFolder { path } => StoredStep::CreateFolder {
                path: path.as_path().into(),
            },
            Step::File(step) => StoredStep::File {
                place: step.place.as_path().into(),
                temporary: step.temporary.as_path().into(),
                before: store(&step.before),
                after: store(&step.after),
            },
        });
        let steps_stored = stored.collect();
        let emptying = steps.emptying.iter();
        Self {
            format: FORMAT,
            checkpoint,
            steps: steps_stored,
            emptying: emptying.map(|path| path.as_path().into()).collect(),
        }
    }

    /// Writes it, safe from a crash.
    pub(super) fn write(&self, store: &Store<'_>) -> Result<(), LandingError> {
        let path = path(store.folder());
        let new = path.with_extension("new");
        let bytes = serde_json::to_vec(self).expect("a journal is text and numbers");
        let written = || {
            store::remove_if_there(store.disk(), &new)?;
            store::write_safely(store.disk(), &new, &[&bytes])?;
            store.disk().move_over(&new, &path)?;
            store.disk().sync_folder(store.folder())
        };
        written().map_err(|error| LandingError::keep(&path, error))
    }

    /// The journal that is there, if any.
    pub(super) fn read(store: &Store<'_>) -> Result<Option<Self>, LandingError> {
        let path = path(store.folder());
        let bytes = match store.read(&path)? {
            None => return Ok(None),
            Some(bytes) => bytes,
        };
        let unreadable = |message: String| unusable(store.folder(), message);
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        match serde_json::from_slice(&bytes) {
            Ok(Version { format: FORMAT }) => {}
            Ok(Version { format }) => {
                let message = format!("it was written by another version (format {format})");
                return Err(unreadable(message));
            }
            Err(error) => return Err(unreadable(error.to_string())),
        }
        let journal = serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()));
        journal.map(Some)
    }

    /// Removes the journal: what it speaks of is done, or taken back.
    pub(super) fn remove(store: &Store<'_>) -> Result<(), LandingError> {
        let path = path(store.folder());
        let removed = || {
            store::remove_if_there(store.disk(), &path.with_extension("new"))?;
            store::remove_if_there(store.disk(), &path)?;
            store.disk().sync_folder(store.folder())
        };
        removed().map_err(|error| LandingError::keep(&path, error))
    }

    /// The steps, with what the checkpoint has kept for them.
    pub(super) fn steps(&self, contents: &[u8]) -> Result<Steps, Damaged> {
        let state = |stored: &Option<StoredState>| {
            let restored = stored.as_ref().map(|stored| stored.restore(contents));
            restored.transpose()
        };
        let step = |stored: &StoredStep| match stored {
            StoredStep::RemoveFolder { path, mode } => Ok(Step::RemoveFolder {
                path: path.restore()?,
                mode: *mode,
            }),
            StoredStep::CreateFolder { path } => Ok(Step::CreateFolder {
                path: path.restore()?,
            }),
            StoredStep::File {
                place,
                temporary,
                before,
                after,
            } => Ok(Step::File(FileStep {
                place: place.restore()?,
                temporary: temporary.restore()?,
                before: state(before)?,
                after: state(after)?,
                permissions: PermissionSource::Usual,
            })),
        };
        let emptying = self.emptying.iter().map(StoredPath::restore);
        Ok(Steps {
            list: self.steps.iter().map(step).collect::<Result<_, _>>()?,
            emptying: emptying.collect::<Result<_, _>>()?,
        })
    }
}

/// Whether somebody has left a journal, or is writing one, in the folder of checkpoints.
pub(super) fn is_there(disk: &dyn Disk, folder: &Path) -> Result<bool, LandingError> {
    let path = path(folder);
    let found = disk.look(&path);
    let found = found.map_err(|error| LandingError::read(&path, error))?;
    Ok(found != Found::Absent)
}

/// That the journal in the folder of checkpoints cannot be used.
pub(super) fn unusable(folder: &Path, message: String) -> LandingError {
    LandingError::Journal {
        path: path(folder),
        message,
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("journal")
}
