//! Undoing: the change that takes a checkpoint's change back, applied like any other.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use changes::Proposal;

use super::{
    Checkpoint, CheckpointId, Landed, LandingError, LandingOptions, Wanted,
    disk::Disk,
    lander::{self, Request},
    plan::Modes,
    recovery,
    store::{Manifest, Store},
};

/// Restores the files of a checkpoint, merged with what has been changed since.
pub(super) fn undo(
    disk: &dyn Disk,
    wanted: &Wanted,
    options: &LandingOptions<'_>,
) -> Result<(Checkpoint, Landed), LandingError> {
    let recovered = recovery::recover(disk, options.state_folder)?;
    let store = Store::create(disk, options.state_folder)?;
    let manifests = store.manifests()?;
    let manifest = find(&manifests, wanted, options.folders)?;
    let (proposal, modes) = reverse(&store, manifest)?;
    let request = Request {
        proposal: &proposal,
        modes,
        title: &format!("undo: {}", manifest.title),
        undoes: Some(manifest.id),
    };
    // Undone is what was changed where it was changed, also if other folders are open by now.
    let folders = manifest.folders();
    let options = LandingOptions {
        folders: &folders,
        ..*options
    };
    let mut landed = lander::land(disk, &request, &options)?;
    landed.recovered = landed.recovered.or(recovered);
    Ok((checkpoint(&store, &undone(&manifests), manifest), landed))
}

/// The change that takes a checkpoint's change back.
pub(super) fn reversal(
    disk: &dyn Disk,
    wanted: &Wanted,
    options: &LandingOptions<'_>,
) -> Result<(Checkpoint, Proposal), LandingError> {
    let store = Store::create(disk, options.state_folder)?;
    let manifests = store.manifests()?;
    let manifest = find(&manifests, wanted, options.folders)?;
    let (proposal, _) = reverse(&store, manifest)?;
    Ok((checkpoint(&store, &undone(&manifests), manifest), proposal))
}

/// All checkpoints, the latest first.
pub(super) fn list(disk: &dyn Disk, state_folder: &Path) -> Result<Vec<Checkpoint>, LandingError> {
    let Some(store) = Store::open(disk, state_folder)? else {
        return Ok(Vec::new());
    };
    let manifests = store.manifests()?;
    let undone = undone(&manifests);
    let latest_first = manifests.iter().rev();
    Ok(latest_first
        .map(|manifest| checkpoint(&store, &undone, manifest))
        .collect())
}

fn reverse(store: &Store<'_>, manifest: &Manifest) -> Result<(Proposal, Modes), LandingError> {
    let contents = store.contents(manifest.id)?;
    let damaged = |_| store.damaged(manifest.id);
    let (mut files, modes) = manifest.reverse(&contents).map_err(damaged)?;
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok((Proposal { files }, modes))
}

fn checkpoint(
    store: &Store<'_>,
    undone: &HashSet<CheckpointId>,
    manifest: &Manifest,
) -> Checkpoint {
    Checkpoint {
        id: manifest.id,
        time: manifest.time,
        title: manifest.title.clone(),
        thread: manifest.thread.clone(),
        turn: manifest.turn,
        folders: manifest.folders(),
        undoes: manifest.undoes,
        is_undone: undone.contains(&manifest.id),
        files: manifest.names(),
        bytes: store.bytes_of(manifest.id),
    }
}

fn find<'a>(
    manifests: &'a [Manifest],
    wanted: &Wanted,
    folders: &[PathBuf],
) -> Result<&'a Manifest, LandingError> {
    let name = match wanted {
        Wanted::Last => return last(manifests, folders),
        Wanted::Id(name) => name,
    };
    let is_meant = |manifest: &&Manifest| manifest.id.to_string().starts_with(name.as_str());
    let candidates: Vec<&Manifest> = manifests.iter().filter(is_meant).collect();
    match candidates[..] {
        [manifest] => Ok(manifest),
        [] => Err(LandingError::NotFound {
            wanted: name.clone(),
        }),
        _ => Err(LandingError::Ambiguous {
            wanted: name.clone(),
            candidates: candidates.iter().map(|manifest| manifest.id).collect(),
        }),
    }
}

/// The last change in these folders that still stands. Undoing again goes further back; to take an undo back, name it.
fn last<'a>(manifests: &'a [Manifest], folders: &[PathBuf]) -> Result<&'a Manifest, LandingError> {
    let undone = undone(manifests);
    let is_meant = |manifest: &&Manifest| {
        let is_here = manifest
            .folders()
            .iter()
            .any(|folder| folders.contains(folder));
        is_here && manifest.undoes.is_none() && !undone.contains(&manifest.id)
    };
    manifests
        .iter()
        .rev()
        .find(is_meant)
        .ok_or_else(|| LandingError::NothingToUndo {
            folders: names(folders),
        })
}

/// Which changes are taken back by others that still stand.
fn undone(manifests: &[Manifest]) -> HashSet<CheckpointId> {
    let mut undone = HashSet::new();
    for manifest in manifests.iter().rev() {
        if !undone.contains(&manifest.id) {
            undone.extend(manifest.undoes);
        }
    }
    undone
}

fn names(folders: &[PathBuf]) -> String {
    let names: Vec<String> = folders
        .iter()
        .map(|folder| folder.display().to_string())
        .collect();
    names.join(", ")
}
