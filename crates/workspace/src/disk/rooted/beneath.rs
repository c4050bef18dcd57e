//! Opens what lies below a directory's descriptor, through no link at all.
//!
//! Linux has a system call for it, `openat2(2)`, since 5.6; elsewhere, and where it is refused, one name after another is
//! opened in the directory before it, each without following a link. Used by `rooted` alone.

use std::{
    ffi::OsStr,
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::{Component, Path},
};

use rustix::{
    fs::{AtFlags, FileType, Mode, OFlags, Stat, fstat, openat, statat},
    io::Errno,
};

/// How a directory is opened that is only passed through, or only named in.
#[cfg(target_os = "linux")]
pub(super) const PASSING: OFlags = OFlags::PATH.union(OFlags::DIRECTORY);
#[cfg(not(target_os = "linux"))]
pub(super) const PASSING: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY);

/// Who sees to it that no link is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// The kernel, in one call.
    #[cfg(target_os = "linux")]
    AtOnce,
    /// We, with one call for each part of the path.
    ByComponent,
}

impl Opening {
    /// The quickest that works for `directory`.
    #[cfg(target_os = "linux")]
    pub(super) fn of_kernel(directory: BorrowedFd<'_>) -> Self {
        // An old kernel does not know the call, and filters of containers refuse it with one error or another.
        match open_at_once(directory, Path::new("."), PASSING | OFlags::CLOEXEC) {
            Ok(_) => Self::AtOnce,
            Err(_) => Self::ByComponent,
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn of_kernel(_directory: BorrowedFd<'_>) -> Self {
        Self::ByComponent
    }

    /// Opens what is at `relative`, which has neither `..` nor a root; empty, it is `directory` itself.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::ResourceBusy`] where a link is on the way or at the end.
    pub(super) fn open(
        self,
        directory: BorrowedFd<'_>,
        relative: &Path,
        flags: OFlags,
    ) -> io::Result<OwnedFd> {
        let flags = flags | OFlags::CLOEXEC;
        if relative.as_os_str().is_empty() {
            return open_name(directory, ".".as_ref(), flags);
        }
        match self {
            #[cfg(target_os = "linux")]
            Self::AtOnce => open_at_once(directory, relative, flags),
            Self::ByComponent => open_by_component(directory, relative, flags),
        }
    }

    /// What is at `relative`, a link at its end not followed; empty, it is `directory` itself.
    ///
    /// # Errors
    /// As [`Opening::open`].
    pub(super) fn stat(self, directory: BorrowedFd<'_>, relative: &Path) -> io::Result<Stat> {
        if relative.as_os_str().is_empty() {
            return Ok(fstat(directory)?);
        }
        match self {
            #[cfg(target_os = "linux")]
            Self::AtOnce => stat_at_once(directory, relative),
            Self::ByComponent => stat_by_component(directory, relative),
        }
    }
}

#[cfg(target_os = "linux")]
fn stat_at_once(directory: BorrowedFd<'_>, relative: &Path) -> io::Result<Stat> {
    let found = open_at_once(
        directory,
        relative,
        OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC,
    )?;
    Ok(fstat(found)?)
}

fn stat_by_component(directory: BorrowedFd<'_>, relative: &Path) -> io::Result<Stat> {
    let name = relative.file_name().ok_or_else(|| error_of(Errno::XDEV))?;
    let flags = AtFlags::SYMLINK_NOFOLLOW;
    match relative.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => {
            let parent = open_by_component(directory, parent, PASSING | OFlags::CLOEXEC)?;
            Ok(statat(parent, name, flags)?)
        }
        _ => Ok(statat(directory, name, flags)?),
    }
}

#[cfg(target_os = "linux")]
fn open_at_once(directory: BorrowedFd<'_>, relative: &Path, flags: OFlags) -> io::Result<OwnedFd> {
    use rustix::fs::{ResolveFlags, openat2};

    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    openat2(directory, relative, flags, Mode::empty(), resolve).map_err(error_of)
}

fn open_by_component(
    directory: BorrowedFd<'_>,
    relative: &Path,
    flags: OFlags,
) -> io::Result<OwnedFd> {
    let mut parts = relative.components().peekable();
    let mut passed: Option<OwnedFd> = None;
    while let Some(part) = parts.next() {
        let Component::Normal(name) = part else {
            return Err(error_of(Errno::XDEV));
        };
        let within = passed.as_ref().map_or(directory, AsFd::as_fd);
        let flags = match parts.peek() {
            Some(_) => PASSING | OFlags::CLOEXEC | OFlags::NOFOLLOW,
            None => flags | OFlags::NOFOLLOW,
        };
        passed = Some(open_name(within, name, flags)?);
    }
    passed.ok_or_else(|| error_of(Errno::NOENT))
}

fn open_name(within: BorrowedFd<'_>, name: &OsStr, flags: OFlags) -> io::Result<OwnedFd> {
    openat(within, name, flags, Mode::empty()).map_err(|error| {
        // Where a directory was asked for, a link is told as something that is none.
        if error == Errno::NOTDIR && is_link(within, name) {
            return replaced();
        }
        error_of(error)
    })
}

fn is_link(within: BorrowedFd<'_>, name: &OsStr) -> bool {
    statat(within, name, AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode).is_symlink())
}

/// What the system says, in the words of [`super::Disk`].
fn error_of(error: Errno) -> io::Error {
    match error {
        // Links were followed before, so this is a new one; systems differ in how they call it.
        Errno::LOOP | Errno::MLINK => replaced(),
        other => other.into(),
    }
}

/// What it means that a link, which was there a moment ago, cannot be read.
pub(super) fn no_link(error: Errno) -> io::Error {
    match error {
        Errno::INVAL | Errno::NOENT => replaced(),
        other => other.into(),
    }
}

/// A part of the path is not what it was a moment ago.
pub(super) fn replaced() -> io::Error {
    io::Error::new(
        io::ErrorKind::ResourceBusy,
        "a part of the path was replaced by a link while it was being opened; try again",
    )
}
