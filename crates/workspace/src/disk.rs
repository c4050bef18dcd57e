//! The files of a workspace as they can be had: from the system's paths, or below folders that are held open.
//! Everything in this crate that looks at files goes through a [`Disk`]. It decides nothing about paths, never writes, and
//! never blocks: no pipes, no devices, no more bytes than allowed.

mod real;
#[cfg(unix)]
mod rooted;

use std::{
    ffi::OsString,
    fmt,
    fs::{self, File, FileType},
    io::{self, Read},
    path::{Path, PathBuf},
    time::SystemTime,
};

pub use self::real::RealDisk;
#[cfg(unix)]
pub use self::rooted::{ParentDirectory, RootedDisk};

/// As many links as the kernel follows before it calls it a loop.
const LINK_LIMIT: usize = 40;

/// Where files are looked up. Paths are absolute and mean the same on every disk; only what is found there differs.
///
/// Where a link at the end of a path is not followed, those on the way may or may not be: follow them before, with
/// [`Disk::real_path`], and judge the place that they lead to. A [`RootedDisk`] refuses them, so that nobody can put one in
/// between.
///
/// Errors are the system's. Beside those, [`io::ErrorKind::ResourceBusy`] says that a part of the path was replaced by a
/// link while it was being looked up, where that is found out; whoever asks again may have an answer.
pub trait Disk: fmt::Debug + Send + Sync {
    /// Where `path` leads once every link is followed, also when its end does not exist (yet).
    ///
    /// A link that leads to nothing is followed all the same: whoever writes through it would create its target.
    ///
    /// # Errors
    /// What the system says, but never "not found": a loop of links, a folder that may not be entered.
    fn real_path(&self, path: &Path) -> io::Result<PathBuf>;

    /// What is at `path`, links followed.
    ///
    /// # Errors
    /// What the system says: nothing is there, a folder may not be entered.
    fn metadata(&self, path: &Path) -> io::Result<Metadata>;

    /// What is at `path` itself: a link at its end is not followed.
    ///
    /// # Errors
    /// As [`Disk::metadata`].
    fn link_metadata(&self, path: &Path) -> io::Result<Metadata>;

    /// Where the link at `path` leads, as it is written in the link.
    ///
    /// # Errors
    /// What the system says: nothing is there, or no link.
    fn read_link(&self, path: &Path) -> io::Result<PathBuf>;

    /// Opens the file at `path` for reading, without waiting for anybody. A link at its end is not followed.
    ///
    /// # Errors
    /// What the system says.
    fn open(&self, path: &Path) -> io::Result<File>;

    /// What is in the directory at `path`, without `.` and `..`, in no particular order.
    ///
    /// # Errors
    /// What the system says: it is gone, no directory, or may not be read.
    fn read_directory(&self, path: &Path) -> io::Result<Vec<DirectoryEntry>>;
}

/// What is known of a file without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metadata {
    /// What it is.
    pub kind: FileKind,
    /// Which state of it this is.
    pub stamp: FileStamp,
    /// Whether nobody may write it, not even its owner.
    pub is_read_only: bool,
    /// Whether its owner may execute it, or enter it; false where there is no such permission.
    pub is_executable: bool,
}

impl From<&fs::Metadata> for Metadata {
    fn from(metadata: &fs::Metadata) -> Self {
        Self {
            kind: metadata.file_type().into(),
            stamp: FileStamp {
                len: metadata.len(),
                modified: metadata.modified().ok(),
            },
            is_read_only: metadata.permissions().readonly(),
            is_executable: is_executable(metadata),
        }
    }
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_metadata: &fs::Metadata) -> bool {
    false
}

/// One name in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// The name alone.
    pub name: OsString,
    /// What it names; a link is not followed.
    pub kind: FileKind,
}

/// What can stand under a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link that was not followed.
    Link,
    /// A pipe, a socket or a device: nothing to read text from.
    Special,
}

impl From<FileType> for FileKind {
    fn from(file_type: FileType) -> Self {
        if file_type.is_file() {
            Self::File
        } else if file_type.is_dir() {
            Self::Directory
        } else if file_type.is_symlink() {
            Self::Link
        } else {
            Self::Special
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::File => "a file",
            Self::Directory => "a directory",
            Self::Link => "a symbolic link",
            Self::Special => "a pipe, a socket or a device",
        })
    }
}

/// Tells one state of a file from another without reading it: when it differs, read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileStamp {
    /// Length in bytes.
    pub len: u64,
    /// Time of the last change, where the file system keeps one.
    pub modified: Option<SystemTime>,
}

impl FileStamp {
    /// The stamp of the file at `path` on the system's own disk as it is now.
    ///
    /// # Errors
    /// What the system says: the file is gone, its folder may not be entered.
    pub fn of(path: &Path) -> io::Result<Self> {
        Ok(RealDisk.metadata(path)?.stamp)
    }
}

/// Why no bytes came.
#[derive(Debug)]
pub(crate) enum DiskError {
    NotAFile(FileKind),
    TooLarge { size: u64 },
    Binary,
    Io(io::Error),
}

impl From<io::Error> for DiskError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The text of a file of settings. Links are followed; what is no regular file is refused, for a pipe would keep its
/// reader waiting for ever.
///
/// # Errors
/// What the system says, that it is no file, or that it is not UTF-8.
pub fn read_settings(path: &Path) -> io::Result<String> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    fs::read_to_string(path)
}

/// The bytes of the regular file at `path`, at most `limit` of them. A link at the end of `path` is not followed.
pub(crate) fn read_bytes(disk: &dyn Disk, path: &Path, limit: u64) -> Result<Vec<u8>, DiskError> {
    // Opening alone can already act on some devices, so the kind is looked at before as well as after.
    require_file(disk.link_metadata(path)?.kind)?;
    let file = disk.open(path)?;
    let metadata = file.metadata()?;
    require_file(metadata.file_type().into())?;
    if metadata.len() > limit {
        return Err(DiskError::TooLarge {
            size: metadata.len(),
        });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    // The file may grow while it is read; one byte more than allowed is enough to know.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    let size = bytes.len() as u64;
    if size > limit {
        Err(DiskError::TooLarge { size })
    } else {
        Ok(bytes)
    }
}

fn require_file(kind: FileKind) -> Result<(), DiskError> {
    match kind {
        FileKind::File => Ok(()),
        other => Err(DiskError::NotAFile(other)),
    }
}

/// A path below something that is no directory does not exist either.
pub(crate) fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Whether links lead in a circle. The standard library has no stable name for it yet.
pub(crate) fn is_link_loop(error: &io::Error) -> bool {
    #[cfg(unix)]
    return error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
    #[cfg(not(unix))]
    return false;
}

/// Whether a part of the path was replaced while it was being looked up; see [`Disk`].
pub(crate) fn is_replaced(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::ResourceBusy
}

#[cfg(test)]
mod tests;
