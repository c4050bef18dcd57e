//! A minimal `/dev`: the harmless devices of the machine, terminals of the task's own, and memory to share.

use std::{
    os::fd::{AsFd, OwnedFd},
    path::Path,
};

use rustix::{
    fs::{Mode, OFlags, mkdirat, openat, symlinkat},
    mount::MountAttrFlags,
};

use super::{
    mount::{self, Extent, NO_PROGRAMS, SAFE},
    new_root::{IfMissing, Place},
};
use crate::confined::{SetupError, Step, error::OrStep};

/// Devices that say nothing about the machine and change nothing of it.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];

/// Names that programs expect.
const LINKS: [(&str, &str); 5] = [
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
    ("ptmx", "pts/ptmx"),
];

/// How much memory programs can share by files.
const SHARED_MEMORY: &str = "512m";

/// The mounts that make up `/dev`.
pub(super) struct Devices {
    pub(super) places: Vec<Place>,
    /// `/dev` itself, to be made read-only when everything is in its place.
    pub(super) folder: OwnedFd,
}

/// Makes and clones them all; to be called while the machine's `/dev` is seen.
pub(super) fn make() -> Result<Devices, SetupError> {
    let options = [("mode", "0755"), ("size", "64k"), ("nr_inodes", "256")];
    // The devices of the machine are devices only where they are mounted as such.
    let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID | NO_PROGRAMS;
    let folder = mount::make("tmpfs", &options, attributes, Step::Mount)?;
    fill(&folder).or_step(Step::Mount, || "the folder of devices could not be filled")?;
    let kept = folder
        .try_clone()
        .or_step(Step::Mount, || "the folder of devices was lost")?;
    let mut places = vec![place("/dev", kept)];
    for name in DEVICES {
        let path = format!("/dev/{name}");
        if Path::new(&path).exists() {
            let device = mount::clone(Path::new(&path))?;
            mount::restrict(device.as_fd(), attributes, Extent::Tree)?;
            places.push(place(&path, device));
        }
    }
    let terminals = [("newinstance", ""), ("ptmxmode", "0666"), ("mode", "0620")];
    let terminals = mount::make("devpts", &terminals, attributes, Step::Mount)?;
    places.push(place("/dev/pts", terminals));
    let shared = [("mode", "1777"), ("size", SHARED_MEMORY)];
    let shared = mount::make("tmpfs", &shared, SAFE, Step::Mount)?;
    places.push(place("/dev/shm", shared));
    Ok(Devices { places, folder })
}

fn place(at: &str, tree: OwnedFd) -> Place {
    Place {
        at: at.into(),
        tree,
        if_missing: IfMissing::LeaveOut,
    }
}

/// What the mounts are attached to, and the links.
fn fill(folder: &OwnedFd) -> rustix::io::Result<()> {
    let flags = OFlags::CREATE | OFlags::WRONLY | OFlags::CLOEXEC;
    for name in DEVICES {
        openat(folder, name, flags, Mode::from_raw_mode(0o600))?;
    }
    for name in ["pts", "shm"] {
        mkdirat(folder, name, Mode::from_raw_mode(0o755))?;
    }
    LINKS
        .iter()
        .try_for_each(|(name, target)| symlinkat(*target, folder, *name))
}
