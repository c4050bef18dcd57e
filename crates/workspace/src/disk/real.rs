//! The system's own file systems, by path: what an editor's workspace is made of.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use super::{DirectoryEntry, Disk, LINK_LIMIT, Metadata, is_missing};
use crate::path::normalize;

/// The system's own file systems.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn real_path(&self, path: &Path) -> io::Result<PathBuf> {
        follow(path, LINK_LIMIT)
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        Ok(Metadata::from(&fs::metadata(path)?))
    }

    fn link_metadata(&self, path: &Path) -> io::Result<Metadata> {
        Ok(Metadata::from(&fs::symlink_metadata(path)?))
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        fs::read_link(path)
    }

    fn open(&self, path: &Path) -> io::Result<File> {
        open_without_waiting(path)
    }

    fn read_directory(&self, path: &Path) -> io::Result<Vec<DirectoryEntry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            // An entry whose kind cannot be told has gone meanwhile.
            if let Ok(file_type) = entry.file_type() {
                entries.push(DirectoryEntry {
                    name: entry.file_name(),
                    kind: file_type.into(),
                });
            }
        }
        Ok(entries)
    }
}

fn follow(path: &Path, links_left: usize) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Err(error) if is_missing(&error) => {}
        result => return result,
    }
    let mut missing: Vec<OsString> = Vec::new();
    let mut existing = path;
    loop {
        let (Some(parent), Some(name)) = (existing.parent(), existing.file_name()) else {
            return Ok(path.to_path_buf());
        };
        if let Ok(target) = fs::read_link(existing) {
            if links_left == 0 {
                return Err(io::Error::other("too many links"));
            }
            let mut target = normalize(&fs::canonicalize(parent)?.join(target));
            target.extend(missing.iter().rev());
            return follow(&target, links_left - 1);
        }
        missing.push(name.to_os_string());
        match fs::canonicalize(parent) {
            Ok(mut real) => {
                real.extend(missing.iter().rev());
                return Ok(real);
            }
            Err(error) if is_missing(&error) => existing = parent,
            Err(error) => return Err(error),
        }
    }
}

#[cfg(unix)]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;

    // Whatever takes the file's place after it was looked at: a pipe opens at once, a terminal is not taken over, a link fails.
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
