//! Changes that somebody else makes in the user's files, an editor with its buffers: looked at as a landing on disk is, and
//! kept as checkpoints beside those of landings on disk.
//!
//! Nothing is changed here. The server's landing calls [`survey`] and [`keep`] on a thread of its own, and [`reversal`]
//! when a checkpoint is to be restored through the editor.

use std::path::{Path, PathBuf};

use changes::{FileState, Proposal};

use super::{
    Checkpoint, CheckpointId, LandingError, LandingOptions, Obstacle, Wanted,
    disk::{Disk, Found, RealDisk},
    lander,
    place::Places,
    plan::Outcome,
    prune, recovery,
    store::{Occasion, Store},
    stored::Packer,
    undo,
};

/// What is on disk at the places of one change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surveyed {
    /// At [`changes::FileChange::base_path`]; `None` for nothing.
    pub current: Option<FileState>,
    /// At [`changes::FileChange::path`]; the same unless the change is a rename.
    pub at_target: Option<FileState>,
    /// Whether its permissions say that it is not to be written.
    pub is_read_only: bool,
}

/// A file's change that is about to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditedFile {
    /// Absolute. Where it is after the change; of a deleted file, where it was.
    pub path: PathBuf,
    /// Where it was before, if it is renamed.
    pub renamed_from: Option<PathBuf>,
    /// What is there, unsaved text included; `None` for nothing.
    pub before: Option<FileState>,
    /// What shall be there.
    pub after: Option<FileState>,
}

/// What a checkpoint is taken for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// The turn of the thread whose changes are made.
    pub turn: Option<u32>,
    /// The checkpoint that is restored.
    pub undoes: Option<CheckpointId>,
}

/// What is on disk for each change of `proposal`, in its order, or why it may not be changed there.
///
/// # Errors
/// The folders are not there, or a file cannot be read.
pub fn survey(
    proposal: &Proposal,
    options: &LandingOptions<'_>,
) -> Result<Vec<Result<Surveyed, Obstacle>>, LandingError> {
    let snapshot = lander::snapshot(&RealDisk, options)?;
    let state_folder = options.state_folder.canonicalize();
    let state_folder = state_folder.unwrap_or_else(|_| options.state_folder.to_path_buf());
    let places = Places {
        snapshot: &snapshot,
        state_folder: &state_folder,
        going: Default::default(),
    };
    let surveyed = proposal.files.iter().map(|change| {
        let found = look(&places, change.base_path())?;
        let (current, is_read_only) = match found {
            Ok(found) => found,
            Err(obstacle) => return Ok(Err(obstacle)),
        };
        let at_target = match look(&places, &change.path)? {
            Ok((state, _)) => state,
            Err(obstacle) => return Ok(Err(obstacle)),
        };
        Ok(Ok(Surveyed {
            current,
            at_target,
            is_read_only,
        }))
    });
    surveyed.collect()
}

/// Takes a checkpoint of what `files` are before they are changed.
///
/// # Errors
/// It cannot be written; nothing may be changed then.
pub fn keep(
    files: &[EditedFile],
    cause: Cause,
    options: &LandingOptions<'_>,
) -> Result<CheckpointId, LandingError> {
    let store = Store::create(&RealDisk, options.state_folder)?;
    let _lock = store.lock()?;
    recovery::recover_under_lock(&store)?;
    if let Err(error) = store.remove_leftovers() {
        tracing::warn!(%error, "an unfinished checkpoint is left behind");
    }
    let id = CheckpointId::new();
    let occasion = Occasion {
        title: options.title,
        thread: options.thread,
        turn: cause.turn,
        folders: options.folders,
        undoes: cause.undoes,
    };
    let outcomes: Vec<Outcome> = files.iter().map(outcome).collect();
    store.write_pending(id, &occasion, &outcomes, Packer::default())?;
    let completed = store.complete(id);
    completed.map_err(|error| LandingError::keep(store.folder(), error))?;
    prune::prune(&store, &options.limits, id);
    Ok(id)
}

/// Removes a checkpoint whose change was not made after all.
///
/// # Errors
/// It cannot be removed, or others keep changing files.
pub fn forget(state_folder: &Path, id: CheckpointId) -> Result<(), LandingError> {
    let Some(store) = Store::open(&RealDisk, state_folder)? else {
        return Ok(());
    };
    let _lock = store.lock()?;
    let removed = store.remove(id);
    removed.map_err(|error| LandingError::keep(store.folder(), error))
}

/// The change that takes a checkpoint's change back.
///
/// # Errors
/// There is no such checkpoint, or it is damaged.
pub fn reversal(
    wanted: &Wanted,
    options: &LandingOptions<'_>,
) -> Result<(Checkpoint, Proposal), LandingError> {
    undo::reversal(&RealDisk, wanted, options)
}

/// The file that is at `path`, and whether it is read-only; or why it may not be changed.
fn look(
    places: &Places<'_>,
    path: &Path,
) -> Result<Result<(Option<FileState>, bool), Obstacle>, LandingError> {
    let place = match places.find(path) {
        Ok(place) => place,
        Err(refusal) => return Ok(Err(Obstacle::Refused(refusal))),
    };
    let found = RealDisk.look(&place);
    Ok(
        match found.map_err(|error| LandingError::read(&place, error))? {
            Found::Absent => Ok((None, false)),
            Found::File { state, mode, .. } => {
                let is_read_only = !state.is_link() && mode & 0o222 == 0;
                Ok((Some(state), is_read_only))
            }
            Found::Folder { .. } | Found::Special => Err(Obstacle::InTheWay { path: place }),
        },
    )
}

fn outcome(file: &EditedFile) -> Outcome {
    let source = file.renamed_from.as_ref().unwrap_or(&file.path);
    let mode_before = match RealDisk.look(source) {
        Ok(Found::File { mode, .. }) => Some(mode),
        _ => None,
    };
    Outcome::edited(file, mode_before)
}
