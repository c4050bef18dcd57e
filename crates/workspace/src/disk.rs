//! Opening and reading one file from disk without ever blocking: no pipes, no devices, no more bytes than allowed.
//! Called by `read`, `search` and the ignore rules with a path that was checked before; decides nothing about paths.

use std::{
    fmt,
    fs::{self, File, FileType, OpenOptions},
    io::{self, Read},
    path::Path,
    time::SystemTime,
};

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
    /// The stamp of the file at `path` as it is now.
    ///
    /// # Errors
    /// What the system says: the file is gone, its folder may not be entered.
    pub fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Self {
            len: metadata.len(),
            modified: metadata.modified().ok(),
        })
    }
}

/// Why no bytes came.
#[derive(Debug)]
pub(crate) enum DiskError {
    NotAFile(FileKind),
    TooLarge { size: u64 },
    Io(io::Error),
}

impl From<io::Error> for DiskError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The bytes of the regular file at `path`, at most `limit` of them. A link at the end of `path` is not followed.
pub(crate) fn read_bytes(path: &Path, limit: u64) -> Result<Vec<u8>, DiskError> {
    // Opening alone can already act on some devices, so the kind is looked at before as well as after.
    require_file(fs::symlink_metadata(path)?.file_type())?;
    let file = open_without_waiting(path)?;
    let metadata = file.metadata()?;
    require_file(metadata.file_type())?;
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

fn require_file(file_type: FileType) -> Result<(), DiskError> {
    match FileKind::from(file_type) {
        FileKind::File => Ok(()),
        other => Err(DiskError::NotAFile(other)),
    }
}

#[cfg(unix)]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;

    // Whatever takes the file's place after the look above: a pipe opens at once, a terminal is not taken over, a link fails.
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW;
    OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits() as i32)
        .open(path)
}

#[cfg(not(unix))]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

#[cfg(test)]
mod tests;
