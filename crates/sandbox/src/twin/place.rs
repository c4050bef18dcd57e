//! Where a twin's folder lies: below the state folder, unless an overlay could not have its upper folder there.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// File systems (`statfs(2)`, `f_type`) on which no overlay can have its upper folder, by the names that people know.
#[cfg(target_os = "linux")]
const UNFIT: &[(i64, &str)] = &[
    (0x794c_7630, "overlayfs"),
    (0x6969, "NFS"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x6573_5546, "FUSE"),
    (0x0102_1997, "9P"),
    (0x4d44, "FAT"),
    (0x2011_bab0, "exFAT"),
    (0xf15f, "eCryptfs"),
];

/// Places to keep twins in, the preferred one of each kind first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) for_overlays: Vec<PathBuf>,
    /// Those, and others that can hold copies.
    pub(super) for_copies: Vec<PathBuf>,
    /// Why a place was passed by, a sentence each.
    pub(super) reasons: Vec<String>,
}

/// The places for twins of `folders`, which are real paths; `state` is where they belong.
pub(super) fn places(state: &Path, folders: &[PathBuf]) -> Places {
    let mut places = Places {
        for_overlays: Vec::new(),
        for_copies: Vec::new(),
        reasons: Vec::new(),
    };
    for place in std::iter::once(state.to_path_buf()).chain(elsewhere()) {
        let reason = match check(&place, folders) {
            Ok(place) => {
                places.for_copies.push(place.clone());
                let Some(name) = unfit_file_system(&place) else {
                    places.for_overlays.push(place);
                    continue;
                };
                format!("lies on a file system that can hold no overlay ({name})")
            }
            Err(reason) => reason,
        };
        places.reasons.push(format!("{} {reason}", place.display()));
    }
    places
}

/// Where else, all of it the user's own: `/var/tmp` survives a restart and is on a disk, the other is in memory.
fn elsewhere() -> Vec<PathBuf> {
    let user = rustix::process::getuid().as_raw();
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let runtime = runtime.filter(|folder| folder.is_absolute() && folder.is_dir());
    let on_disk = PathBuf::from(format!("/var/tmp/ropewalk-{user}"));
    let in_memory = runtime.map(|folder| folder.join("ropewalk"));
    std::iter::once(on_disk).chain(in_memory).collect()
}

/// The real path of `place`, which need not be there yet: it is made once a twin shall lie in it.
fn check(place: &Path, folders: &[PathBuf]) -> Result<PathBuf, String> {
    let (existing, missing) = existing_part(place);
    let existing = existing
        .canonicalize()
        .map_err(|error| format!("cannot be used: {error}"))?;
    let place = match missing.as_os_str().is_empty() {
        true => existing,
        false => existing.join(missing),
    };
    if let Some(folder) = folders.iter().find(|folder| place.starts_with(folder)) {
        return Err(format!(
            "lies inside the workspace's folder {}",
            folder.display()
        ));
    }
    if place.exists() {
        is_ours(&place)?;
    }
    Ok(place)
}

/// Makes `place`, which [`places`] gave, if it is not there.
pub(super) fn make(place: &Path) -> io::Result<()> {
    create_private_folders(place)?;
    is_ours(place).map_err(io::Error::other)
}

/// The part of `place` that is there, and the rest.
fn existing_part(place: &Path) -> (&Path, &Path) {
    let existing = place.ancestors().find(|ancestor| ancestor.exists());
    let existing = existing.unwrap_or(Path::new("/"));
    (existing, place.strip_prefix(existing).unwrap_or(place))
}

/// In folders that everybody can write to, somebody else may have made it first.
fn is_ours(place: &Path) -> Result<(), String> {
    let user = rustix::process::getuid().as_raw();
    let metadata = fs::metadata(place).map_err(|error| format!("cannot be used: {error}"))?;
    if metadata.uid() != user {
        return Err("belongs to somebody else".to_owned());
    }
    if metadata.permissions().mode() & 0o022 != 0 {
        return Err("can be written by others".to_owned());
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn unfit_file_system(place: &Path) -> Option<&'static str> {
    let found = rustix::fs::statfs(existing_part(place).0).ok()?.f_type;
    let is_found = |(number, _): &&(i64, &str)| *number == found & 0xffff_ffff;
    UNFIT.iter().find(is_found).map(|(_, name)| *name)
}

#[cfg(not(target_os = "linux"))]
fn unfit_file_system(_place: &Path) -> Option<&'static str> {
    None
}

/// Makes a folder that only the user can enter.
pub(super) fn create_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

/// The same for a folder that may be there, with those above it.
pub(super) fn create_private_folders(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_folder_inside_the_workspace_is_passed_by_and_said_so() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let state = folder.join("state");
        let found = places(&state, std::slice::from_ref(&folder));
        assert!(!found.for_overlays.contains(&state));
        let reason = format!(
            "{} lies inside the workspace's folder {}",
            state.display(),
            folder.display()
        );
        assert!(found.reasons.contains(&reason), "{found:?}");
    }

    #[test]
    fn a_folder_that_others_can_write_is_no_place() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let found = check(folder.path(), &[]);
        assert_eq!(found, Err("can be written by others".to_owned()));
    }

    #[test]
    fn a_place_is_made_when_it_is_needed_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let state = folder.join("state/ropewalk");
        assert_eq!(check(&state, &[]), Ok(state.clone()));
        assert!(!folder.join("state").exists());
        make(&state).unwrap();
        assert_eq!(fs::metadata(&state).unwrap().mode() & 0o777, 0o700);
    }

    #[test]
    fn the_state_folder_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().canonicalize().unwrap().join("state");
        assert_eq!(places(&state, &[]).for_overlays.first(), Some(&state));
    }
}
