//! The root that a task sees: the machine's tree, read-only, with the task's own places in it.
//!
//! Everything is made and opened before the root is exchanged, because the sources may be hidden by it. Then the places
//! are mounted from the top of the tree downwards, so that a workspace can lie in `/tmp` and `/tmp` stays private.

use std::{
    fs,
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::PermissionsExt,
    },
    path::{Path, PathBuf},
};

use rustix::{
    io::Errno,
    mount::{UnmountFlags, unmount},
    process::{chdir, fchdir, pivot_root},
};

use super::{
    devices, masks,
    mount::{self, Extent, NO_PROGRAMS, READ_ONLY, SAFE},
};
use crate::{
    confined::{Confinement, OverlayMount, SetupError, Step, bounds_of_the_kernel, error::OrStep},
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
    let devices = devices::make()?;
    let (overlays, roots) = overlays(&confinement.overlays)?;
    // Of two that belong to one place, the later one is seen.
    let mut places = temporary_folders(&confinement.scratch)?;
    places.push(processes()?);
    places.extend(devices.places);
    places.extend(caches(confinement)?);
    places.extend(overlays);
    places.extend(protected(&confinement.read_only)?);
    places.extend(masks::covers(confinement)?);
    exchange(&machine, &confinement.scratch)?;
    place(places)?;
    mount::restrict(devices.folder.as_fd(), READ_ONLY, Extent::One)?;
    limit_process_ids(&bounds_of_the_kernel(&confinement.limits));
    masks::protect_kernel()?;
    Ok(roots)
}

/// Lets `paths`, which the task sees as the machine has them, be written, and returns them opened.
///
/// The person who allowed it meant the machine's places of these names. Somebody in the task may have put a link on the
/// way, in a cache say, so a path that leads through one is refused.
pub(super) fn make_writable(paths: &[PathBuf]) -> Result<Vec<OwnedFd>, SetupError> {
    let make_writable = |path: &PathBuf| {
        let place = mount::open_exactly(path)?;
        let tree = mount::clone_of(place.as_fd(), path)?;
        mount::make_writable(tree.as_fd())?;
        mount::attach_upon(tree.as_fd(), place.as_fd(), path)?;
        Ok(tree)
    };
    paths.iter().map(make_writable).collect()
}

/// The overlays, and their roots once more for the program.
///
/// They are the same mounts, so what is mounted over parts of them for commands holds for the program too.
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
        // A cache that cannot be an overlay's lower folder is read-only like everything else.
        if let Ok(tree) = mount::overlay(&cache) {
            places.push(Place {
                at: path,
                tree,
                if_missing: IfMissing::LeaveOut,
            });
        }
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
        match mount::attach(place.tree.as_fd(), &place.at) {
            // It has gone at this very moment, as a service's socket does when the service ends.
            Err(error)
                if place.if_missing == IfMissing::LeaveOut
                    && error.errno == Errno::NOENT.raw_os_error() => {}
            attached => attached?,
        }
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
