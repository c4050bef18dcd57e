//! After a crash: finishes what was as good as done, and takes back everything else.
//!
//! A landing is done once its checkpoint has its name. Before that all its files go back to what they were, but for those
//! that somebody has changed since.

use std::path::Path;

use super::{
    CheckpointId, LandingError, Recovered, RecoveredAs,
    disk::{Disk, Found},
    journal::{self, Journal},
    step::Steps,
    store::{Manifest, Store},
    transaction,
};

/// Takes back or finishes what a killed process has left, unless somebody is changing files right now.
pub(super) fn recover(
    disk: &dyn Disk,
    state_folder: &Path,
) -> Result<Option<Recovered>, LandingError> {
    let Some(store) = Store::open(disk, state_folder)? else {
        return Ok(None);
    };
    // The usual case costs one look, and no right to write anything.
    if !journal::is_there(disk, store.folder())? {
        return Ok(None);
    }
    match store.try_lock()? {
        Some(_lock) => recover_under_lock(&store),
        // The journal is that of the living process which has the lock.
        None => Ok(None),
    }
}

/// As [`recover`], for whoever has the lock.
pub(super) fn recover_under_lock(store: &Store<'_>) -> Result<Option<Recovered>, LandingError> {
    let Some(journal) = Journal::read(store)? else {
        return Ok(None);
    };
    let interrupted = Interrupted::of(&journal, store)?;
    let is_complete = store.is_complete(journal.checkpoint)?;
    if is_complete || is_all_done(store.disk(), &interrupted.steps)? {
        finish(store, interrupted).map(Some)
    } else {
        take_back(store, interrupted).map(Some)
    }
}

/// What a killed process was about to do.
struct Interrupted {
    manifest: Manifest,
    steps: Steps,
}

impl Interrupted {
    fn of(journal: &Journal, store: &Store<'_>) -> Result<Self, LandingError> {
        let id = journal.checkpoint;
        let unusable = |message: String| journal::unusable(store.folder(), message);
        let manifest = store
            .manifest(id)
            .map_err(|error| unusable(error.to_string()))?;
        let contents = store
            .contents(id)
            .map_err(|error| unusable(error.to_string()))?;
        let steps = journal.steps(&contents);
        let steps = steps.map_err(|_| unusable(store.damaged(id).to_string()))?;
        Ok(Self { manifest, steps })
    }

    fn recovered(self, outcome: RecoveredAs) -> Recovered {
        Recovered {
            title: self.manifest.title,
            thread: self.manifest.thread,
            outcome,
            checkpoint: None,
            left: Vec::new(),
            kept: Vec::new(),
        }
    }
}

fn finish(store: &Store<'_>, interrupted: Interrupted) -> Result<Recovered, LandingError> {
    let id = interrupted.manifest.id;
    if !store.is_complete(id)? {
        let completed = store.complete(id);
        completed.map_err(|error| LandingError::keep(store.folder(), error))?;
    }
    let swept = transaction::sweep(store.disk(), &interrupted.steps);
    if let Some((path, source)) = swept.failed.into_iter().next() {
        return Err(LandingError::Write { path, source });
    }
    Journal::remove(store)?;
    Ok(Recovered {
        checkpoint: Some(id),
        kept: swept.kept,
        ..interrupted.recovered(RecoveredAs::Finished)
    })
}

fn take_back(store: &Store<'_>, interrupted: Interrupted) -> Result<Recovered, LandingError> {
    let id = interrupted.manifest.id;
    let rolled_back = transaction::roll_back(store.disk(), &interrupted.steps);
    if !rolled_back.failed.is_empty() {
        return Err(LandingError::HalfDone {
            cause: "an earlier change of files was interrupted".to_owned(),
            remains: rolled_back.describe(),
        });
    }
    let is_whole = rolled_back.left.is_empty() && rolled_back.kept.is_empty();
    if is_whole {
        forget(store, id)?;
    } else {
        keep(store, id)?;
    }
    Ok(Recovered {
        checkpoint: (!is_whole).then_some(id),
        left: rolled_back.left,
        kept: rolled_back.kept,
        ..interrupted.recovered(RecoveredAs::TakenBack)
    })
}

/// Everything is as it was: neither journal nor checkpoint are needed.
pub(super) fn forget(store: &Store<'_>, id: CheckpointId) -> Result<(), LandingError> {
    Journal::remove(store)?;
    if let Err(error) = store.remove(id) {
        tracing::warn!(%error, "a checkpoint that nobody needs is left for later");
    }
    Ok(())
}

/// Not everything is as it was: the checkpoint has what is missing.
pub(super) fn keep(store: &Store<'_>, id: CheckpointId) -> Result<(), LandingError> {
    let completed = store.complete(id);
    completed.map_err(|error| LandingError::keep(store.folder(), error))?;
    Journal::remove(store)
}

/// Whether nothing is left to do. Files that are neither as they were nor as they shall be were changed by somebody who
/// saw them done, if all others are.
fn is_all_done(disk: &dyn Disk, steps: &Steps) -> Result<bool, LandingError> {
    let mut is_any_done = false;
    for step in steps.files() {
        let found = disk.look(&step.place);
        let found: Found = found.map_err(|error| LandingError::read(&step.place, error))?;
        if found.is(step.before.as_ref()) {
            return Ok(false);
        }
        is_any_done |= found.is(step.after.as_ref());
    }
    Ok(is_any_done)
}
