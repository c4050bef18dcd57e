//! Puts files into an upper folder or a copy before anybody works in it, in folders that look like the user's.

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, Write},
    os::fd::{AsFd, OwnedFd},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, Mode, OFlags, Stat, Timespec, Timestamps},
    io::Errno,
};

use super::tree::Tree;

/// Fills `own` with what stands for files of `lower`.
pub(super) struct Filler<'a> {
    lower: &'a Tree,
    own: &'a Tree,
    /// Folders that were made, each before those in it.
    made: Vec<PathBuf>,
}

impl<'a> Filler<'a> {
    /// `own` is an empty folder.
    pub(super) fn new(lower: &'a Tree, own: &'a Tree) -> Self {
        Self {
            lower,
            own,
            made: vec![PathBuf::new()],
        }
    }

    /// As [`Self::new`], where a task has worked in `own` before: its folders stay as they are.
    pub(super) fn again(lower: &'a Tree, own: &'a Tree) -> Self {
        Self {
            lower,
            own,
            made: Vec::new(),
        }
    }

    /// Writes an unsaved document; one that has never been saved gets the usual permissions.
    pub(super) fn write(&mut self, relative: &Path, bytes: &[u8]) -> io::Result<()> {
        let like = self.lower.stat(relative)?;
        let (parent, name) = self.parent(relative)?;
        let mut file = create_file(&parent, name, Mode::from_raw_mode(0o666))?;
        file.write_all(bytes)?;
        if let Some(like) = like {
            take_after(&file, &like);
        }
        Ok(())
    }

    /// Makes as if the file or folder at `relative` were not there.
    #[cfg(target_os = "linux")]
    pub(super) fn hide(&mut self, relative: &Path) -> io::Result<()> {
        use rustix::fs::{FileType, makedev, mknodat};

        let (parent, name) = self.parent(relative)?;
        let device = makedev(0, 0);
        match mknodat(
            parent,
            name,
            FileType::CharacterDevice,
            Mode::empty(),
            device,
        ) {
            Err(Errno::EXIST) => Ok(()),
            result => Ok(result?),
        }
    }

    /// The folder for `relative`, which is made like the user's if it is not there, and the name in it.
    pub(super) fn parent<'p>(&mut self, relative: &'p Path) -> io::Result<(OwnedFd, &'p OsStr)> {
        let name = relative.file_name().ok_or(Errno::INVAL)?;
        let parent = relative.parent().unwrap_or(Path::new(""));
        self.make_folder(parent)?;
        Ok((self.own.open_folder(parent)?, name))
    }

    fn make_folder(&mut self, relative: &Path) -> io::Result<()> {
        let is_there = relative.as_os_str().is_empty() || self.own.status(relative)?.is_some();
        if is_there {
            return Ok(());
        }
        let parent = relative.parent().unwrap_or(Path::new(""));
        self.make_folder(parent)?;
        let parent = self.own.open_folder(parent)?;
        let name = relative.file_name().ok_or(Errno::INVAL)?;
        rustix::fs::mkdirat(parent, name, Mode::from_raw_mode(0o777))?;
        self.made.push(relative.to_path_buf());
        Ok(())
    }

    /// The folders that were made so far, and the outermost one.
    pub(super) fn made(&self) -> &[PathBuf] {
        &self.made
    }

    /// Gives the folders that were made the permissions and times of the user's. Nothing can be filled in afterwards.
    pub(super) fn finish(self) -> io::Result<()> {
        for relative in self.made.iter().rev() {
            if let Some(like) = self.lower.stat(relative)? {
                let folder = self.own.open_folder(relative)?;
                take_after(&folder, &like);
                set_times(&folder, &like)?;
            }
        }
        Ok(())
    }
}

/// Creates a file that must not be there.
pub(super) fn create_file(parent: &OwnedFd, name: &OsStr, mode: Mode) -> io::Result<File> {
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    Ok(rustix::fs::openat(parent, name, flags, mode)?.into())
}

/// Gives `file` the permissions of `like`, and its owner where that is allowed.
pub(super) fn take_after(file: impl AsFd, like: &Stat) {
    let (user, group) = (
        rustix::fs::Uid::from_raw(like.st_uid),
        rustix::fs::Gid::from_raw(like.st_gid),
    );
    // Only the administrator may give files away; for others they stay their own. The permissions come second: a change
    // of owner takes some of them.
    let _ = rustix::fs::fchown(&file, Some(user), Some(group));
    let _ = rustix::fs::fchmod(&file, Mode::from_raw_mode(like.st_mode));
}

/// Gives `file` the times of `like`.
pub(super) fn set_times(file: impl AsFd, like: &Stat) -> io::Result<()> {
    Ok(rustix::fs::futimens(file, &times(like))?)
}

/// Gives the link `name` the times of `like`.
pub(super) fn set_link_times(parent: &OwnedFd, name: &OsStr, like: &Stat) -> io::Result<()> {
    let flags = AtFlags::SYMLINK_NOFOLLOW;
    Ok(rustix::fs::utimensat(parent, name, &times(like), flags)?)
}

#[allow(clippy::useless_conversion, clippy::unnecessary_cast)] // The types differ between systems.
fn times(like: &Stat) -> Timestamps {
    Timestamps {
        last_access: Timespec {
            tv_sec: like.st_atime.into(),
            tv_nsec: like.st_atime_nsec as _,
        },
        last_modification: Timespec {
            tv_sec: like.st_mtime.into(),
            tv_nsec: like.st_mtime_nsec as _,
        },
    }
}
