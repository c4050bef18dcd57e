//! A folder with all that is in it, looked at without ever following a link, so that nothing outside of it is reached
//! whatever somebody puts into it meanwhile.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::ffi::{OsStrExt, OsStringExt},
    },
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat},
    io::Errno,
};
use workspace::FileKind;

use super::moment::Moment;

/// A folder, held open: it stays the same also when its path leads elsewhere.
#[derive(Debug)]
pub(super) struct Tree {
    root: OwnedFd,
    path: PathBuf,
}

/// What the system says of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) kind: FileKind,
    /// Whether its owner may execute it.
    pub(super) is_executable: bool,
    /// In bytes.
    pub(super) size: u64,
    /// When anything about it was last changed (`ctime`).
    pub(super) changed: Moment,
    /// Its number in its file system.
    pub(super) inode: u64,
    /// Whether it stands for a file that is not there, in the upper folder of an overlay: a character device 0:0.
    pub(super) is_whiteout: bool,
}

/// One name in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: OsString,
    pub(super) kind: FileKind,
}

impl Tree {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self {
            root: rustix::fs::open(path, flags, Mode::empty())?,
            path: path.to_path_buf(),
        })
    }

    /// The folder that is already open as `root`.
    pub(super) fn of(root: OwnedFd, path: &Path) -> Self {
        Self {
            root,
            path: path.to_path_buf(),
        }
    }

    /// The path by which it was opened.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder itself.
    pub(super) fn root(&self) -> &OwnedFd {
        &self.root
    }

    /// What is at `relative`; `None` when nothing is, or when a folder above it is none, or a link.
    pub(super) fn status(&self, relative: &Path) -> io::Result<Option<Status>> {
        Ok(self.stat(relative)?.map(Status::from))
    }

    /// As [`Self::status`], with everything that the system says.
    pub(super) fn stat(&self, relative: &Path) -> io::Result<Option<Stat>> {
        let Some(name) = relative.file_name() else {
            return Ok(Some(rustix::fs::fstat(&self.root)?));
        };
        let parent = relative.parent().unwrap_or(Path::new(""));
        let found = self
            .open_folder(parent)
            .and_then(|parent| rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW));
        match found {
            Ok(stat) => Ok(Some(stat)),
            Err(error) if is_missing(error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The regular file at `relative`, for reading.
    ///
    /// # Errors
    /// Also when something else is there.
    pub(super) fn open_file(&self, relative: &Path) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = File::from(self.open_beneath(relative, flags)?);
        if file.metadata()?.is_file() {
            return Ok(file);
        }
        Err(io::Error::other("it is no regular file"))
    }

    /// Where the link at `relative` leads.
    pub(super) fn read_link(&self, relative: &Path) -> io::Result<PathBuf> {
        let name = relative.file_name().ok_or(Errno::INVAL)?;
        let parent = self.open_folder(relative.parent().unwrap_or(Path::new("")))?;
        let target = rustix::fs::readlinkat(parent, name, Vec::new())?;
        Ok(OsString::from_vec(target.into_bytes()).into())
    }

    /// The names in the folder at `relative`, in the system's order.
    pub(super) fn list(&self, relative: &Path) -> io::Result<Vec<Entry>> {
        let folder = self.open_folder(relative)?;
        let mut entries = Vec::new();
        for entry in Dir::read_from(&folder)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            let kind = match entry.file_type() {
                // Some file systems do not say.
                FileType::Unknown => {
                    match rustix::fs::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW) {
                        Ok(status) => Status::from(status).kind,
                        Err(error) if is_missing(error) => continue,
                        Err(error) => return Err(error.into()),
                    }
                }
                known => kind(known),
            };
            entries.push(Entry {
                name: name.to_owned(),
                kind,
            });
        }
        Ok(entries)
    }

    /// The extended attribute `name` of the file or folder at `relative`, cut after 256 bytes; `None` when it has none,
    /// and for links, which can have none.
    pub(super) fn attribute(&self, relative: &Path, name: &str) -> Option<Vec<u8>> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = self.open_beneath(relative, flags).ok()?;
        let mut value = [0_u8; 256];
        match rustix::fs::fgetxattr(&file, name, &mut value) {
            Ok(length) => Some(value[..length].to_vec()),
            Err(Errno::RANGE) => Some(value.to_vec()),
            Err(_) => None,
        }
    }

    /// The folder at `relative`, for what is done relative to it.
    pub(super) fn open_folder(&self, relative: &Path) -> Result<OwnedFd, Errno> {
        self.open_beneath(relative, OFlags::RDONLY | OFlags::DIRECTORY)
    }

    #[cfg(target_os = "linux")]
    fn open_beneath(&self, relative: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
        use rustix::fs::ResolveFlags;

        let resolve =
            ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let relative = or_itself(relative);
        loop {
            match rustix::fs::openat2(&self.root, relative, flags, Mode::empty(), resolve) {
                // Something was renamed at this very moment, and the kernel could not be sure.
                Err(Errno::AGAIN | Errno::INTR) => {}
                result => return result,
            }
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn open_beneath(&self, relative: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
        let each = OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let mut folder = rustix::io::dup(&self.root)?;
        let parent = relative.parent().unwrap_or(Path::new(""));
        for component in parent.components() {
            let std::path::Component::Normal(name) = component else {
                return Err(Errno::XDEV);
            };
            let through = each | OFlags::RDONLY | OFlags::DIRECTORY;
            folder = rustix::fs::openat(&folder, name, through, Mode::empty())?;
        }
        let name = relative.file_name().unwrap_or(OsStr::new("."));
        rustix::fs::openat(folder.as_fd(), name, flags | each, Mode::empty())
    }
}

impl Status {
    pub(super) fn of_file(file: &File) -> io::Result<Self> {
        Ok(rustix::fs::fstat(file.as_fd())?.into())
    }

    pub(super) fn is_directory(&self) -> bool {
        self.kind == FileKind::Directory
    }
}

impl From<Stat> for Status {
    #[allow(clippy::useless_conversion, clippy::unnecessary_cast)] // The types differ between systems.
    fn from(stat: Stat) -> Self {
        let file_type = FileType::from_raw_mode(stat.st_mode);
        let kind = kind(file_type);
        Self {
            kind,
            is_executable: kind == FileKind::File && stat.st_mode & 0o100 != 0,
            size: u64::try_from(stat.st_size).unwrap_or(0),
            changed: Moment {
                seconds: i64::from(stat.st_ctime),
                nanoseconds: stat.st_ctime_nsec as i64,
            },
            inode: stat.st_ino,
            is_whiteout: file_type == FileType::CharacterDevice && stat.st_rdev == 0,
        }
    }
}

fn kind(file_type: FileType) -> FileKind {
    match file_type {
        FileType::RegularFile => FileKind::File,
        FileType::Directory => FileKind::Directory,
        FileType::Symlink => FileKind::Link,
        _ => FileKind::Special,
    }
}

/// Nothing there, or a file or a link where a folder would have to be.
fn is_missing(error: Errno) -> bool {
    matches!(error, Errno::NOENT | Errno::NOTDIR | Errno::LOOP)
}

#[cfg(target_os = "linux")]
fn or_itself(relative: &Path) -> &Path {
    if relative.as_os_str().is_empty() {
        Path::new(".")
    } else {
        relative
    }
}

#[cfg(test)]
mod tests;
