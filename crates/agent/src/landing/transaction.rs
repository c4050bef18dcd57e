//! Makes all steps of a landing, so that each can be taken back.
//!
//! Everything new is written under names of our own first and made safe, then it is looked whether every file still is
//! what it was, then the names change one after another, each in one step. Taking back, after a failure as after a crash,
//! is in `transaction/roll_back.rs`, and removing the names of our own in `transaction/sweep.rs`.

mod roll_back;
mod sweep;

pub(super) use roll_back::{RolledBack, Unrestored, roll_back};
pub(super) use sweep::sweep;

use std::{
    collections::HashSet,
    io,
    path::{Path, PathBuf},
};

use changes::{Content, FileState};

use super::{
    disk::{Disk, Execution, Found, NewContent, Permissions, is_missing},
    step::{FileStep, PermissionSource, Step, Steps},
};

/// Why not everything could be done.
#[derive(Debug)]
pub(super) enum Failure {
    /// Somebody has changed this file meanwhile.
    Changed { path: PathBuf },
    /// The disk would not do something at `path`.
    Disk { path: PathBuf, error: io::Error },
}

/// Does everything; on an error some of it may be done.
///
/// # Errors
/// What could not be done. The caller takes back what was.
pub(super) fn perform(disk: &dyn Disk, steps: &Steps) -> Result<(), Failure> {
    stage(disk, steps)?;
    require_unchanged(disk, steps)?;
    for step in &steps.list {
        match step {
            Step::RemoveFolder { path, .. } => disk.remove_folder(path).map_err(at(path))?,
            Step::CreateFolder { path } => create_folder(disk, path)?,
            Step::File(step) => change(disk, step)?,
        }
    }
    sync_folders(disk, steps)
}

/// Makes the names safe in every folder that still is there.
pub(super) fn sync_folders(disk: &dyn Disk, steps: &Steps) -> Result<(), Failure> {
    for folder in steps.folders() {
        match disk.sync_folder(folder) {
            Err(error) if is_missing(&error) => {}
            result => result.map_err(at(folder))?,
        }
    }
    Ok(())
}

/// Refuses to begin if any file is not what it was when this was planned.
fn require_unchanged(disk: &dyn Disk, steps: &Steps) -> Result<(), Failure> {
    let folders_yet: HashSet<&Path> = steps.folders_removed().collect();
    let files = steps.files();
    for step in files.filter(|step| !folders_yet.contains(step.place.as_path())) {
        require(disk, &step.place, step.before.as_ref())?;
    }
    Ok(())
}

/// Writes every new content. The disk writes them out together, and so sooner than one after another.
fn stage(disk: &dyn Disk, steps: &Steps) -> Result<(), Failure> {
    let staged = || steps.files().filter(|step| step.after.is_some());
    for step in staged() {
        if let Some(after) = &step.after {
            write(disk, step, after).map_err(at(&step.place))?;
        }
    }
    for step in staged() {
        disk.sync_file(&step.temporary).map_err(at(&step.place))?;
    }
    Ok(())
}

/// A folder that somebody else has made meanwhile is as good.
fn create_folder(disk: &dyn Disk, path: &Path) -> Result<(), Failure> {
    match disk.create_folder(path, Permissions::Usual(Execution::Allowed)) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            match disk.look(path).map_err(at(path))? {
                Found::Folder { .. } => Ok(()),
                _ => Err(changed(path)),
            }
        }
        result => result.map_err(at(path)),
    }
}

/// Writes `state` under the step's temporary name.
fn write(disk: &dyn Disk, step: &FileStep, state: &FileState) -> io::Result<()> {
    let execution = Execution::of(state);
    let permissions = match &step.permissions {
        PermissionSource::Usual => Permissions::Usual(execution),
        PermissionSource::Like(path) => Permissions::Like(path, execution),
        PermissionSource::Exactly(mode) => Permissions::Exactly(execution.on(*mode)),
    };
    match &state.content {
        Content::Bytes(bytes) => {
            disk.write_new(&step.temporary, NewContent::Bytes(&[bytes]), permissions)
        }
        Content::Link(target) => {
            disk.write_new(&step.temporary, NewContent::Link(target), permissions)
        }
    }
}

/// Changes one name. What comes out under the temporary name must be what was expected: a file that was saved between the
/// last look and this moment gets its name back.
fn change(disk: &dyn Disk, step: &FileStep) -> Result<(), Failure> {
    let FileStep {
        place,
        temporary,
        before,
        after,
        ..
    } = step;
    if before.is_none() {
        return match disk.move_new(temporary, place) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(changed(place)),
            result => result.map_err(at(place)),
        };
    }
    require(disk, place, before.as_ref())?;
    if after.is_none() {
        disk.move_new(place, temporary).map_err(at(place))?;
        return require(disk, temporary, before.as_ref()).or_else(|_| {
            disk.move_new(temporary, place).map_err(at(place))?;
            Err(changed(place))
        });
    }
    match disk.exchange(temporary, place) {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {
            disk.move_over(temporary, place).map_err(at(place))
        }
        Err(error) => Err(at(place)(error)),
        Ok(()) => require(disk, temporary, before.as_ref()).or_else(|_| {
            disk.exchange(temporary, place).map_err(at(place))?;
            Err(changed(place))
        }),
    }
}

/// Refuses to go on unless `expected` is at `path`.
fn require(disk: &dyn Disk, path: &Path, expected: Option<&FileState>) -> Result<(), Failure> {
    let found = disk.look(path).map_err(at(path))?;
    if found.is(expected) {
        Ok(())
    } else {
        Err(changed(path))
    }
}

fn changed(path: &Path) -> Failure {
    Failure::Changed {
        path: path.to_path_buf(),
    }
}

/// What an error of the disk means while something is done at `path`.
pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Failure {
    let path = path.to_path_buf();
    move |error| Failure::Disk { path, error }
}
