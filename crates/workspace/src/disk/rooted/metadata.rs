//! What the system calls on descriptors tell of a file, as the rest of the crate has it.

use std::{
    ffi::OsStr,
    os::fd::OwnedFd,
    time::{Duration, SystemTime},
};

use rustix::fs::{AtFlags, FileType, Mode, Stat, statat};

use super::super::{FileKind, FileStamp, Metadata};

/// The bits that let anybody write.
const WRITABLE: Mode = Mode::WUSR.union(Mode::WGRP).union(Mode::WOTH);

impl From<&Stat> for Metadata {
    fn from(stat: &Stat) -> Self {
        let mode = Mode::from_raw_mode(stat.st_mode);
        Self {
            kind: FileType::from_raw_mode(stat.st_mode).into(),
            stamp: FileStamp {
                len: u64::try_from(stat.st_size).unwrap_or_default(),
                modified: modified(stat),
            },
            is_read_only: !mode.intersects(WRITABLE),
            is_executable: mode.contains(Mode::XUSR),
        }
    }
}

impl From<FileType> for FileKind {
    fn from(file_type: FileType) -> Self {
        match file_type {
            FileType::RegularFile => Self::File,
            FileType::Directory => Self::Directory,
            FileType::Symlink => Self::Link,
            _ => Self::Special,
        }
    }
}

/// What `name` in `directory` is, where the listing said `file_type`; some file systems do not say it there.
pub(super) fn kind_of_entry(
    directory: &OwnedFd,
    name: &OsStr,
    file_type: FileType,
) -> Option<FileKind> {
    match file_type {
        FileType::Unknown => {
            let stat = statat(directory, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
            Some(Metadata::from(&stat).kind)
        }
        known => Some(known.into()),
    }
}

/// Times before 1970 count backwards in seconds and forwards in nanoseconds.
fn modified(stat: &Stat) -> Option<SystemTime> {
    let seconds = Duration::from_secs(stat.st_mtime.unsigned_abs());
    // Fewer than a thousand million, whatever type the system has for them.
    let nanoseconds = Duration::new(0, stat.st_mtime_nsec as u32);
    let whole = if stat.st_mtime < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(seconds)?
    } else {
        SystemTime::UNIX_EPOCH.checked_add(seconds)?
    };
    whole.checked_add(nanoseconds)
}
