//! Empty files and folders that are mounted over what a task must not see.

use std::{
    fs, io,
    os::{
        fd::AsFd,
        unix::fs::{OpenOptionsExt, symlink},
    },
    path::{Path, PathBuf},
};

use super::{
    mount::{self, READ_ONLY},
    new_root::{IfMissing, Place, own_folder},
};
use crate::{
    confined::{Confinement, SetupError, Step, error::OrStep},
    walls::places_kept_in_view,
};

/// What of the kernel's own files commands may read but not write; root could change the whole machine with them.
const KERNEL_READ_ONLY: [&str; 5] = [
    "/proc/bus",
    "/proc/fs",
    "/proc/irq",
    "/proc/sys",
    "/proc/sysrq-trigger",
];

/// What of them tells too much about the machine: its memory, its keys, its addresses, its firmware.
const KERNEL_HIDDEN: [&str; 14] = [
    "/proc/acpi",
    "/proc/asound",
    "/proc/kcore",
    "/proc/keys",
    "/proc/kmsg",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/sys/firmware",
    "/sys/kernel/debug",
    "/sys/kernel/security",
    "/sys/kernel/tracing",
];

/// The covers of all hidden places that exist, and what shows through them.
pub(super) fn covers(confinement: &Confinement) -> Result<Vec<Place>, SetupError> {
    let mut places = Vec::new();
    for (number, path) in hidden(confinement).into_iter().enumerate() {
        let visible = visible_below(&path, confinement);
        let cover = if !path.is_dir() {
            empty_file(&confinement.scratch)?
        } else if visible.is_empty() {
            own_folder(&confinement.scratch, "masks/empty")?
        } else {
            let folder = own_folder(&confinement.scratch, &format!("masks/{number}"))?;
            for visible in &visible {
                places.extend(show(&folder, &path, visible, confinement)?);
            }
            folder
        };
        places.push(Place {
            at: path,
            tree: mount::clone_with(&cover, READ_ONLY)?,
            if_missing: IfMissing::LeaveOut,
        });
    }
    Ok(places)
}

/// Makes read-only what root could change the machine with; to be called when the new `/proc` is mounted.
pub(super) fn protect_kernel() -> Result<(), SetupError> {
    let existing = KERNEL_READ_ONLY.map(Path::new).into_iter();
    for path in existing.filter(|path| path.exists()) {
        let tree = mount::clone_with(path, READ_ONLY)?;
        mount::attach(tree.as_fd(), path)?;
    }
    Ok(())
}

/// The hidden places that exist, where they really are; a folder that is worked in is none.
fn hidden(confinement: &Confinement) -> Vec<PathBuf> {
    let kernel = KERNEL_HIDDEN.map(Path::new);
    let named = confinement.hidden.iter().map(PathBuf::as_path);
    let is_worked_in = |path: &PathBuf| {
        confinement
            .overlays
            .iter()
            .any(|overlay| overlay.at == *path)
    };
    let mut hidden: Vec<PathBuf> = named
        .chain(kernel)
        .filter_map(|path| path.canonicalize().ok())
        .filter(|path| !is_worked_in(path))
        .collect();
    hidden.sort();
    hidden.dedup();
    hidden
}

/// What below a hidden folder stays visible: folders that are worked in, and what programs cannot do without.
fn visible_below(hidden: &Path, confinement: &Confinement) -> Vec<PathBuf> {
    let worked_in = confinement
        .overlays
        .iter()
        .map(|overlay| overlay.at.clone());
    let is_below = |path: &PathBuf| path != hidden && path.starts_with(hidden);
    worked_in
        .chain(places_kept_in_view())
        .filter(is_below)
        .collect()
}

/// Prepares `cover`, which will lie over `hidden`, for showing `visible`, and says what is to be mounted there.
///
/// A link is made anew. A folder that is worked in is mounted by others, once there is something to mount it on.
fn show(
    cover: &Path,
    hidden: &Path,
    visible: &Path,
    confinement: &Confinement,
) -> Result<Option<Place>, SetupError> {
    let below = visible
        .strip_prefix(hidden)
        .expect("it was chosen for lying there");
    prepare(&cover.join(below), visible).or_step(Step::Mount, || {
        format!("{} could not be kept visible", visible.display())
    })?;
    let is_worked_in = confinement
        .overlays
        .iter()
        .any(|overlay| overlay.at == visible);
    if visible.is_symlink() || is_worked_in {
        return Ok(None);
    }
    Ok(Some(Place {
        at: visible.to_owned(),
        tree: mount::clone_with(visible, READ_ONLY)?,
        if_missing: IfMissing::LeaveOut,
    }))
}

/// Makes at `stand` something of the same kind as `visible`; that it is there already is as well.
fn prepare(stand: &Path, visible: &Path) -> io::Result<()> {
    if visible.is_dir() && !visible.is_symlink() {
        return fs::create_dir_all(stand);
    }
    if let Some(folder) = stand.parent() {
        fs::create_dir_all(folder)?;
    }
    let made = match fs::read_link(visible) {
        Ok(target) => symlink(target, stand),
        Err(_) => fs::File::create_new(stand).map(drop),
    };
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

/// An empty file. It can be read: programs take empty settings for none, and many give up over those that they may not read.
fn empty_file(scratch: &Path) -> Result<PathBuf, SetupError> {
    let path = own_folder(scratch, "masks")?.join("file");
    let mut options = fs::OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o444).open(&path);
    match opened {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(path),
        opened => opened
            .map(|_| path)
            .or_step(Step::Mount, || "an empty file could not be made"),
    }
}
