//! Takes back what is done of a landing, going by what is on disk alone: after a failure, and after a crash.
//!
//! What is there and was put there by the landing becomes what it was. What somebody else made of it stays.

use std::{
    io,
    path::{Path, PathBuf},
};

use changes::FileState;

use crate::landing::{
    disk::{Disk, Found, Permissions, is_missing},
    step::{FileStep, PermissionSource, Step, Steps},
};

use super::{Failure, sweep, sync_folders, write};

/// What became of taking back.
#[derive(Debug, Default)]
pub(in crate::landing) struct RolledBack {
    /// Files that somebody else has changed since; they are as those left them.
    pub(in crate::landing) left: Vec<PathBuf>,
    /// What the disk would not put back. It can be tried again.
    pub(in crate::landing) failed: Vec<Unrestored>,
    /// Names of our own that hold what nobody has kept elsewhere.
    pub(in crate::landing) kept: Vec<PathBuf>,
}

/// What could not be put back.
#[derive(Debug)]
pub(in crate::landing) struct Unrestored {
    pub(in crate::landing) path: PathBuf,
    /// The file that was there, if there was one and it has its temporary name.
    pub(in crate::landing) now_at: Option<PathBuf>,
    pub(in crate::landing) error: io::Error,
}

/// Takes back whatever is done of `steps`, and removes the names of our own.
pub(in crate::landing) fn roll_back(disk: &dyn Disk, steps: &Steps) -> RolledBack {
    let mut rolled_back = RolledBack::default();
    for step in steps.list.iter().rev() {
        let (path, result) = match step {
            Step::RemoveFolder { path, mode } => (path, restore_folder(disk, path, *mode)),
            Step::CreateFolder { path } => (path, remove_folder(disk, path)),
            Step::File(step) => (&step.place, restore(disk, step)),
        };
        match result {
            Ok(Restored::AsBefore) => {}
            Ok(Restored::Left) => rolled_back.left.push(path.clone()),
            Err(error) => rolled_back.failed.push(Unrestored {
                path: path.clone(),
                now_at: step.as_file().and_then(|step| displaced(disk, step)),
                error,
            }),
        }
    }
    if let Err(Failure::Disk { path, error }) = sync_folders(disk, steps) {
        rolled_back.failed.push(Unrestored::at(path, error));
    }
    // Until everything is back, what is under the temporary names may still be needed.
    if rolled_back.failed.is_empty() {
        let swept = sweep::remove_temporaries(disk, steps);
        rolled_back.kept = swept.kept;
        let failed = swept.failed.into_iter();
        let failed = failed.map(|(path, error)| Unrestored::at(path, error));
        rolled_back.failed = failed.collect();
    }
    rolled_back.left.reverse();
    rolled_back
}

impl Unrestored {
    fn at(path: PathBuf, error: io::Error) -> Self {
        Self {
            path,
            now_at: None,
            error,
        }
    }
}

/// The temporary name, if the file has it that was replaced or removed.
fn displaced(disk: &dyn Disk, step: &FileStep) -> Option<PathBuf> {
    step.before.as_ref()?;
    let found = disk.look(&step.temporary).ok()?;
    found
        .is(step.before.as_ref())
        .then(|| step.temporary.clone())
}

enum Restored {
    AsBefore,
    Left,
}

fn restore_folder(disk: &dyn Disk, path: &Path, mode: u32) -> io::Result<Restored> {
    match disk.create_folder(path, Permissions::Exactly(mode)) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match disk.look(path)? {
            Found::Folder { .. } => Ok(Restored::AsBefore),
            _ => Ok(Restored::Left),
        },
        result => result.map(|()| Restored::AsBefore),
    }
}

fn remove_folder(disk: &dyn Disk, path: &Path) -> io::Result<Restored> {
    match disk.remove_folder(path) {
        // Somebody else has put something there.
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(Restored::AsBefore),
        Err(error) if is_missing(&error) => Ok(Restored::AsBefore),
        result => result.map(|()| Restored::AsBefore),
    }
}

fn restore(disk: &dyn Disk, step: &FileStep) -> io::Result<Restored> {
    let temporary = disk.look(&step.temporary)?;
    let found = disk.look(&step.place)?;
    if found.is(step.before.as_ref()) || !is_done(step, &temporary) {
        return Ok(Restored::AsBefore);
    }
    if !found.is(step.after.as_ref()) {
        // A folder that was to be replaced has not gone yet.
        let is_folder_yet = matches!(found, Found::Folder { .. }) && step.before.is_none();
        return Ok(if is_folder_yet {
            Restored::AsBefore
        } else {
            Restored::Left
        });
    }
    let result = match (&step.before, &step.after) {
        (None, _) => take_away(disk, step),
        (Some(_), None) => put_back(disk, step, &temporary),
        (Some(before), Some(_)) => swap_back(disk, step, before, &temporary),
    };
    match result {
        // The whole folder is gone.
        Err(error) if is_missing(&error) => Ok(Restored::Left),
        result => result,
    }
}

/// Whether this step has been made, going by what is under its temporary name. Somebody else may have made the same
/// change, and that is not ours to take back.
fn is_done(step: &FileStep, temporary: &Found) -> bool {
    match (&step.before, &step.after) {
        // Its name was the file's first one, where names cannot be changed otherwise.
        (None, _) => match temporary {
            Found::File { names, .. } => 1 < *names,
            _ => true,
        },
        (Some(_), None) => *temporary != Found::Absent,
        // Where names cannot be swapped, nothing is left under the temporary one.
        (Some(_), Some(_)) => {
            temporary.is(step.before.as_ref())
                || *temporary == Found::Absent
                || !sweep::is_beginning(temporary, step.after.as_ref())
        }
    }
}

/// Takes a new file's name away, unless somebody changed it at this very moment.
fn take_away(disk: &dyn Disk, step: &FileStep) -> io::Result<Restored> {
    match disk.remove_file(&step.temporary) {
        Err(error) if !is_missing(&error) => return Err(error),
        _ => {}
    }
    disk.move_new(&step.place, &step.temporary)?;
    if disk.look(&step.temporary)?.is(step.after.as_ref()) {
        return Ok(Restored::AsBefore);
    }
    disk.move_new(&step.temporary, &step.place)?;
    Ok(Restored::Left)
}

/// Gives a removed file its name back.
fn put_back(disk: &dyn Disk, step: &FileStep, temporary: &Found) -> io::Result<Restored> {
    match disk.move_new(&step.temporary, &step.place) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Restored::Left),
        result => result.map(|()| verdict(step, temporary)),
    }
}

/// Gives the file that was replaced its name back; where it is gone, a new one with what was in it.
fn swap_back(
    disk: &dyn Disk,
    step: &FileStep,
    before: &FileState,
    temporary: &Found,
) -> io::Result<Restored> {
    if *temporary == Found::Absent {
        let restaged = FileStep {
            permissions: PermissionSource::Like(step.place.clone()),
            ..step.clone()
        };
        write(disk, &restaged, before)?;
        disk.sync_file(&step.temporary)?;
    }
    let restored = match temporary {
        Found::Absent => Restored::AsBefore,
        found => verdict(step, found),
    };
    match disk.exchange(&step.temporary, &step.place) {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {
            disk.move_over(&step.temporary, &step.place)?;
            return Ok(restored);
        }
        result => result?,
    }
    if disk.look(&step.temporary)?.is(step.after.as_ref()) {
        return Ok(restored);
    }
    disk.exchange(&step.temporary, &step.place)?;
    Ok(Restored::Left)
}

/// What is put back is what was there, or else what somebody saved there at the moment of the change.
fn verdict(step: &FileStep, temporary: &Found) -> Restored {
    if temporary.is(step.before.as_ref()) {
        Restored::AsBefore
    } else {
        Restored::Left
    }
}
