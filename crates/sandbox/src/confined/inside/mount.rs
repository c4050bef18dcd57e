//! Mounts as descriptors: each is made or cloned detached, restricted, and only then attached to its place.

use std::{
    io,
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
    path::Path,
};

use rustix::{
    fs::{CWD, Mode, OFlags, ResolveFlags, openat2},
    mount::{
        FsMountFlags, FsOpenFlags, MountAttrFlags, MoveMountFlags, OpenTreeFlags, fsconfig_create,
        fsconfig_set_flag, fsconfig_set_string, fsmount, fsopen, move_mount, open_tree,
    },
};

use super::mount_points;
use crate::confined::{OverlayMount, SetupError, Step, error::OrStep};

/// No device files, no programs that run as somebody else.
pub(super) const SAFE: MountAttrFlags =
    MountAttrFlags::MOUNT_ATTR_NOSUID.union(MountAttrFlags::MOUNT_ATTR_NODEV);

/// No programs can be started from there.
pub(super) const NO_PROGRAMS: MountAttrFlags = MountAttrFlags::MOUNT_ATTR_NOEXEC;

/// Safe, and nothing can be written.
pub(super) const READ_ONLY: MountAttrFlags = SAFE.union(MountAttrFlags::MOUNT_ATTR_RDONLY);

/// A copy of a mount with all that is mounted below.
const CLONE: OpenTreeFlags = OpenTreeFlags::OPEN_TREE_CLONE
    .union(OpenTreeFlags::OPEN_TREE_CLOEXEC)
    .union(OpenTreeFlags::AT_RECURSIVE);

/// How much of a tree of mounts is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// The one mount.
    One,
    /// It and all that is mounted below.
    Tree,
}

/// The kernel's `struct mount_attr`.
#[repr(C)]
struct MountAttributes {
    set: u64,
    clear: u64,
    propagation: u64,
    user_namespace: u64,
}

/// A detached copy of what is mounted at `path` and below.
pub(super) fn clone(path: &Path) -> Result<OwnedFd, SetupError> {
    open_tree(CWD, path, CLONE).or_step(Step::Mount, not_taken(path))
}

/// As [`clone`], restricted to `attributes` with all that is mounted below.
pub(super) fn clone_with(path: &Path, attributes: MountAttrFlags) -> Result<OwnedFd, SetupError> {
    let tree = clone(path)?;
    restrict(tree.as_fd(), attributes, Extent::Tree)?;
    Ok(tree)
}

/// A detached copy of what is mounted at `place`, which `path` leads to, and below.
pub(super) fn clone_of(place: BorrowedFd<'_>, path: &Path) -> Result<OwnedFd, SetupError> {
    open_tree(place, "", CLONE | OpenTreeFlags::AT_EMPTY_PATH).or_step(Step::Mount, not_taken(path))
}

fn not_taken(path: &Path) -> impl FnOnce() -> String {
    move || format!("{} could not be taken along", path.display())
}

/// What `path` leads to, if no link is on the way.
pub(super) fn open_exactly(path: &Path) -> Result<OwnedFd, SetupError> {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let resolve = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    openat2(CWD, path, flags, Mode::empty(), resolve).or_step(Step::Mount, || {
        format!("{} is not to be had without links", path.display())
    })
}

/// Adds `attributes` to a mount.
pub(super) fn restrict(
    mount: BorrowedFd<'_>,
    attributes: MountAttrFlags,
    extent: Extent,
) -> Result<(), SetupError> {
    let attributes = MountAttributes {
        set: attributes.bits().into(),
        clear: 0,
        propagation: 0,
        user_namespace: 0,
    };
    set_attributes(mount, &attributes, extent)
        .or_step(Step::Mount, || "a mount could not be made read-only")
}

/// Lets a mount be written that was made read-only here; what is mounted below stays as it is.
pub(super) fn make_writable(mount: BorrowedFd<'_>) -> Result<(), SetupError> {
    let attributes = MountAttributes {
        set: 0,
        clear: MountAttrFlags::MOUNT_ATTR_RDONLY.bits().into(),
        propagation: 0,
        user_namespace: 0,
    };
    set_attributes(mount, &attributes, Extent::One)
        .or_step(Step::Mount, || "a mount could not be made writable")
}

/// Cuts all mounts off from those of the machine: nothing that is mounted later, here or there, is seen on the other side.
pub(super) fn make_private(mount: BorrowedFd<'_>) -> Result<(), SetupError> {
    let attributes = MountAttributes {
        set: 0,
        clear: 0,
        propagation: libc::MS_PRIVATE,
        user_namespace: 0,
    };
    set_attributes(mount, &attributes, Extent::Tree)
        .or_step(Step::Mount, || "the mounts could not be cut off")
}

#[allow(unsafe_code)]
fn set_attributes(
    mount: BorrowedFd<'_>,
    attributes: &MountAttributes,
    extent: Extent,
) -> io::Result<()> {
    let recursive = match extent {
        Extent::One => 0,
        Extent::Tree => libc::AT_RECURSIVE,
    };
    // SAFETY: the descriptor is open, the path is an empty string with its end, and the structure is the kernel's, of
    // the size that is given.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            libc::AT_EMPTY_PATH | recursive,
            std::ptr::from_ref(attributes),
            size_of::<MountAttributes>(),
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Attaches a detached mount. A symbolic link in the last place is not followed.
pub(super) fn attach(mount: BorrowedFd<'_>, at: &Path) -> Result<(), SetupError> {
    move_mount(mount, "", CWD, at, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)
        .or_step(Step::Mount, not_mounted(at))
}

/// Attaches a detached mount upon `place`, which `path` leads to.
pub(super) fn attach_upon(
    mount: BorrowedFd<'_>,
    place: BorrowedFd<'_>,
    path: &Path,
) -> Result<(), SetupError> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    move_mount(mount, "", place, "", flags).or_step(Step::Mount, not_mounted(path))
}

fn not_mounted(path: &Path) -> impl FnOnce() -> String {
    move || format!("nothing could be mounted at {}", path.display())
}

/// A new, detached file system of the kind `name` with `options`; those without value have an empty one.
pub(super) fn make(
    name: &str,
    options: &[(&str, &str)],
    attributes: MountAttrFlags,
    step: Step,
) -> Result<OwnedFd, SetupError> {
    let failed = || format!("a file system of the kind {name} could not be made");
    let context = fsopen(name, FsOpenFlags::FSOPEN_CLOEXEC).or_step(step, failed)?;
    let make = || {
        for (key, value) in options {
            if value.is_empty() {
                fsconfig_set_flag(&context, *key)?;
            } else {
                fsconfig_set_string(&context, *key, *value)?;
            }
        }
        fsconfig_create(&context)?;
        fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, attributes)
    };
    make()
        .or_step(step, failed)
        .map_err(|error| match said(&context) {
            Some(said) => error.with(format_args!("the kernel says: {said}")),
            None => error,
        })
}

/// The detached overlay of `mount`.
///
/// Its folders are named by descriptors, so that no character of their paths means anything.
pub(super) fn overlay(mount: &OverlayMount) -> Result<OwnedFd, SetupError> {
    let open = |path: &Path| {
        rustix::fs::open(
            path,
            OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
        )
        .or_step(Step::Overlay, || {
            format!("{} could not be opened", path.display())
        })
    };
    let folders = [open(&mount.lower)?, open(&mount.upper)?, open(&mount.work)?];
    let [lower, upper, work] = folders
        .each_ref()
        .map(|folder| format!("/proc/self/fd/{}", folder.as_raw_fd()));
    let options = [
        ("userxattr", ""),
        ("lowerdir", &*lower),
        ("upperdir", &*upper),
        ("workdir", &*work),
    ];
    make("overlay", &options, SAFE, Step::Overlay).map_err(|error| match mount_points::first_below(
        &mount.lower,
    ) {
        Some(point) => error.with(format_args!(
            "{} cannot be shown copy-on-write, for another file system is mounted in it at {}",
            mount.lower.display(),
            point.display()
        )),
        None => error,
    })
}

/// What the kernel has written down about a file system that could not be made.
fn said(context: &OwnedFd) -> Option<String> {
    let mut line = [0; 1024];
    let length = rustix::io::read(context, &mut line).ok()?;
    let line = String::from_utf8_lossy(&line[..length]);
    // A letter for how grave it is comes first.
    let said = line.split_once(' ').map_or(&*line, |(_, said)| said);
    Some(said.trim().to_owned())
}
