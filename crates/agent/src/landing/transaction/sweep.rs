//! Removes what a landing leaves once it is done or taken back: names of our own, and folders that became empty.

use std::{io, path::PathBuf};

use changes::{Content, FileState};

use crate::landing::{
    disk::{Disk, Found, is_missing},
    step::{FileStep, Steps},
};

/// What could not be removed.
#[derive(Debug, Default)]
pub(in crate::landing) struct Swept {
    /// Names of our own that hold what nobody has kept elsewhere.
    pub(in crate::landing) kept: Vec<PathBuf>,
    /// What the disk would not remove, and why.
    pub(in crate::landing) failed: Vec<(PathBuf, io::Error)>,
}

/// Removes the temporary names and the folders from which the last file has gone.
pub(in crate::landing) fn sweep(disk: &dyn Disk, steps: &Steps) -> Swept {
    let swept = remove_temporaries(disk, steps);
    for folder in &steps.emptying {
        match disk.remove_folder(folder) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
            // An empty folder that stays does no harm.
            Err(_) => drop(disk.remove_folder(folder)),
            Ok(()) => {}
        }
    }
    swept
}

pub(super) fn remove_temporaries(disk: &dyn Disk, steps: &Steps) -> Swept {
    let mut swept = Swept::default();
    for step in steps.files() {
        match remove_temporary(disk, step) {
            Ok(Removed::Yes) => {}
            Ok(Removed::No) => swept.kept.push(step.temporary.clone()),
            Err(error) => swept.failed.push((step.temporary.clone(), error)),
        }
    }
    swept
}

enum Removed {
    Yes,
    No,
}

fn remove_temporary(disk: &dyn Disk, step: &FileStep) -> io::Result<Removed> {
    let found = disk.look(&step.temporary)?;
    if found == Found::Absent {
        return Ok(Removed::Yes);
    }
    if !is_replaceable(&found, step) {
        return Ok(Removed::No);
    }
    let remove = || match disk.remove_file(&step.temporary) {
        Err(error) if is_missing(&error) => Ok(()),
        result => result,
    };
    remove().or_else(|_| remove()).map(|()| Removed::Yes)
}

/// Whether nothing is lost when what is under a step's temporary name goes: it is what the checkpoint has kept, or what
/// was written of it before a crash.
fn is_replaceable(found: &Found, step: &FileStep) -> bool {
    is_beginning(found, step.before.as_ref()) || is_beginning(found, step.after.as_ref())
}

/// Whether `found` is `state`, or a file that was to become it when writing broke off.
pub(super) fn is_beginning(found: &Found, state: Option<&FileState>) -> bool {
    match (found, state.map(|state| &state.content)) {
        (Found::File { state: written, .. }, Some(content)) => match (&written.content, content) {
            (Content::Bytes(written), Content::Bytes(whole)) => whole.starts_with(written),
            (written, whole) => written == whole,
        },
        _ => false,
    }
}
