//! Removes what is left of a twin, whatever permissions commands have left on it.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::Path,
    thread,
    time::Duration,
};

/// How often a folder is emptied that is being written to.
const ATTEMPTS: usize = 100;

/// Removes `path` with all that is in it; it is no error when it is gone already, or goes meanwhile.
///
/// # Errors
/// What cannot be removed: files of another user, in folders of theirs.
pub(super) fn remove_tree(path: &Path) -> io::Result<()> {
    match remove(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            make_removable(path);
            remove(path)
        }
        result => result,
    }
}

/// The processes of a killed owner end a moment later, and may write until then: so it is tried more than once.
fn remove(path: &Path) -> io::Result<()> {
    for _ in 0..ATTEMPTS {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
                thread::sleep(Duration::from_millis(10));
            }
            result => return result,
        }
    }
    fs::remove_dir_all(path)
}

/// The kernel keeps folders that nobody may enter in an overlay's `work`, and commands can make such, too.
fn make_removable(folder: &Path) {
    // What cannot be changed makes the removal fail, which tells it.
    let _ = fs::set_permissions(folder, Permissions::from_mode(0o700));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_removable(&entry.path());
        }
    }
}
