//! The root that a task sees: the machine's tree, read-only, with the task's own places in it.
//!
//! Everything is made and opened before the root is exchanged, because the sources may be hidden by it. Then the places
//! are mounted from the top of the tree downwards, so that a workspace can lie in `/tmp` and `/tmp` stays private.

use std::{
    ffi::OsString,
    fs,
    os::{
        fd::{AsFd, OwnedFd},
        unix::{ffi::OsStringExt, fs::PermissionsExt},
    },
    path::{Path, PathBuf},
};

use rustix::{
    mount::{UnmountFlags, unmount},
    process::{chdir, fchdir, pivot_root},
};

use super::{
    devices, masks,
    mount::{self, Extent, NO_PROGRAMS, READ_ONLY, SAFE},
};
use crate::{
    confined::{Confinement, OverlayMount, SetupError, Step, error::OrStep},
    walls::limit_process_ids,
};

/// Something to mount.
pub(super) struct Place {
    pub(super) at: PathBuf,
    pub(super) tree: OwnedFd,
    pub(super) if_missing: IfMissing,
}

/// What to do when there is nothing to mount it on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum IfMissing {
    /// Make a folder.
    MakeFolder,
    /// Leave it out: what is not there need not be covered.
    LeaveOut,
}

/// Exchanges the root for the task's, and returns the roots of its overlays, which the program works with.
pub(super) fn enter(confinement: &Confinement) -> Result<Vec<OwnedFd>, SetupError> {
    let machine = mount::clone_with(Path::new("/"), READ_ONLY)?;
    mount::make_private(machine.as_fd())?;
    let (mut places, roots) = overlays(&confinement.overlays)?;
    places.extend(temporary_folders(&confinement.scratch)?);
    places.extend(caches(confinement)?);
    places.push(processes()?);
    let devices = devices::make()?;
    places.extend(devices.places);
    places.extend(foreign_mounts(&confinement.overlays)?);
    places.extend(protected(&confinement.read_only)?);
    places.extend(masks::covers(confinement)?);
    exchange(&machine, &confinement.scratch)?;
    place(places)?;
    mount::restrict(devices.folder.as_fd(), READ_ONLY, Extent::One)?;
    limit_process_ids(&confinement.limits);
    masks::protect_kernel()?;
    Ok(roots)
}

/// Lets `paths`, which the task sees as the machine has them, be written.
pub(super) fn make_writable(paths: &[PathBuf]) -> Result<(), SetupError> {
    for path in paths {
        let tree = mount::clone(path)?;
        mount::make_writable(tree.as_fd())?;
        mount::attach(tree.as_fd(), path)?;
    }
    Ok(())
}

/// The overlays, and their roots once more for the program.
///
/// The program gets a mount of its own, without what is mounted over parts of it for commands.
fn overlays(overlays: &[OverlayMount]) -> Result<(Vec<Place>, Vec<OwnedFd>), SetupError> {
    let mut places = Vec::new();
    let mut roots = Vec::new();
    for overlay in overlays {
        let tree = mount::overlay(overlay)?;
        roots.push(
            tree.try_clone()
                .or_step(Step::Overlay, || "an overlay's root could not be kept")?,
        );
        places.push(Place {
            at: overlay.at.clone(),
            tree,
            if_missing: IfMissing::MakeFolder,
        });
    }
    Ok((places, roots))
}

/// `/tmp` and `/var/tmp`, which are folders of the task's.
fn temporary_folders(scratch: &Path) -> Result<Vec<Place>, SetupError> {
    /// Everybody may make files, and remove their own.
    const TEMPORARY: u32 = 0o1777;
    let mut places = Vec::new();
    for (at, name) in [("/tmp", "tmp"), ("/var/tmp", "var-tmp")] {
        let Ok(at) = Path::new(at).canonicalize() else {
            continue;
        };
        let folder = own_folder(scratch, name)?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(TEMPORARY)).or_step(
            Step::Mount,
            || "the temporary folder could not be opened to all",
        )?;
        places.push(Place {
            at,
            tree: mount::clone_with(&folder, SAFE)?,
            if_missing: IfMissing::MakeFolder,
        });
    }
    Ok(places)
}

/// Overlays over caches, whose upper layers are thrown away with the task.
fn caches(confinement: &Confinement) -> Result<Vec<Place>, SetupError> {
    let mut places = Vec::new();
    for (number, path) in confinement.caches.iter().enumerate() {
        let Ok(path) = path.canonicalize() else {
            continue;
        };
        let cache = OverlayMount {
            at: path.clone(),
            lower: path.clone(),
            upper: own_folder(&confinement.scratch, &format!("caches/{number}/upper"))?,
            work: own_folder(&confinement.scratch, &format!("caches/{number}/work"))?,
        };
        places.push(Place {
            at: path,
            tree: mount::overlay(&cache)?,
            if_missing: IfMissing::LeaveOut,
        });
    }
    Ok(places)
}

/// A `/proc` of the new process namespace.
fn processes() -> Result<Place, SetupError> {
    Ok(Place {
        at: "/proc".into(),
        tree: mount::make("proc", &[], SAFE | NO_PROGRAMS, Step::Proc)?,
        if_missing: IfMissing::LeaveOut,
    })
}

/// What stays as it is on the disk. A link is protected by the folder that it stands in, as far as that is.
fn protected(paths: &[PathBuf]) -> Result<Vec<Place>, SetupError> {
    let is_meant = |path: &&PathBuf| {
        path.symlink_metadata()
            .is_ok_and(|metadata| !metadata.is_symlink())
    };
    let place = |path: &PathBuf| {
        Ok(Place {
            at: path.clone(),
            tree: mount::clone_with(path, READ_ONLY)?,
            if_missing: IfMissing::LeaveOut,
        })
    };
    paths.iter().filter(is_meant).map(place).collect()
}

/// Other file systems below the overlays' lower folders, which an overlay does not show: as they are, read-only.
fn foreign_mounts(overlays: &[OverlayMount]) -> Result<Vec<Place>, SetupError> {
    let mounts = fs::read("/proc/self/mountinfo")
        .or_step(Step::Mount, || "the list of mounts could not be read")?;
    let points = mount_points(&mounts);
    let mut places: Vec<Place> = Vec::new();
    for overlay in overlays {
        for point in &points {
            let Ok(below) = point.strip_prefix(&overlay.lower) else {
                continue;
            };
            let at = overlay.at.join(below);
            let is_taken_along = places.iter().any(|place| at.starts_with(&place.at));
            // One that is covered by another, or that this user may not enter, is not seen on the machine either.
            if below == Path::new("") || is_taken_along || point.symlink_metadata().is_err() {
                continue;
            }
            places.push(Place {
                at,
                tree: mount::clone_with(point, READ_ONLY)?,
                if_missing: IfMissing::LeaveOut,
            });
        }
    }
    Ok(places)
}

/// The mount points in `mounts`, the text of `/proc/self/mountinfo`; those higher up first.
fn mount_points(mounts: &[u8]) -> Vec<PathBuf> {
    let point = |line: &[u8]| {
        let field = line.split(|byte| *byte == b' ').nth(4)?;
        Some(OsString::from_vec(unescape(field)).into())
    };
    let mut points: Vec<PathBuf> = mounts
        .split(|byte| *byte == b'\n')
        .filter_map(point)
        .collect();
    points.sort();
    points.dedup();
    points
}

/// Takes the escapes out of a field of `/proc/self/mountinfo`: a backslash and three octal digits each.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let code = (byte == b'\\')
            .then(|| std::str::from_utf8(after.get(..3)?).ok())
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        if code.is_some() {
            rest = &after[3..];
        }
        bytes.push(code.unwrap_or(byte));
    }
    bytes
}

/// Makes `machine` the root of this process and leaves the old one behind. `stand` is any folder.
fn exchange(machine: &OwnedFd, stand: &Path) -> Result<(), SetupError> {
    mount::attach(machine.as_fd(), stand)?;
    let exchange = || {
        fchdir(machine)?;
        // The old root comes to lie upon the new one, from where it is taken away.
        pivot_root(".", ".")?;
        unmount(".", UnmountFlags::DETACH)?;
        chdir("/")
    };
    exchange().or_step(Step::Mount, || "the root could not be exchanged")
}

fn place(mut places: Vec<Place>) -> Result<(), SetupError> {
    places.sort_by_key(|place| place.at.components().count());
    for place in places {
        if !place.at.exists() {
            match place.if_missing {
                IfMissing::LeaveOut => continue,
                IfMissing::MakeFolder => fs::create_dir_all(&place.at)
                    .or_step(Step::Mount, || {
                        format!("{} could not be made", place.at.display())
                    })?,
            }
        }
        mount::attach(place.tree.as_fd(), &place.at)?;
    }
    Ok(())
}

/// A folder of the task's own below `scratch`.
pub(super) fn own_folder(scratch: &Path, name: &str) -> Result<PathBuf, SetupError> {
    let folder = scratch.join(name);
    fs::create_dir_all(&folder).or_step(Step::Mount, || {
        format!("{} could not be made", folder.display())
    })?;
    Ok(folder)
}
