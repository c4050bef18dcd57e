//! The few operations of which a commit is made: on the user's own folders here, on a twin's in `twin_workspace/writer.rs`.
//! Tests put a writer in their place that fails when told to.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// Writes what a commit consists of. Paths are absolute and without links.
pub(crate) trait Writer: Send + Sync {
    /// Whether anything has the name `path`, if only a link that leads nowhere.
    fn is_there(&self, path: &Path) -> bool;

    /// Makes one folder.
    fn create_directory(&self, path: &Path) -> io::Result<()>;

    /// Writes a file that is not there yet, as described by `making`.
    fn write_new(&self, path: &Path, bytes: &[u8], making: Making<'_>) -> io::Result<()>;

    /// Gives a file a second name, which is not taken.
    fn link(&self, existing: &Path, new: &Path) -> io::Result<()>;

    /// Gives a file another name, in place of what has it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes an empty folder.
    fn remove_directory(&self, path: &Path) -> io::Result<()>;
}

/// How a new file comes about.
#[derive(Clone, Copy)]
pub(crate) struct Making<'a> {
    /// The file whose permissions and owner it gets.
    pub(crate) like: Option<&'a Path>,
    /// Whether its bytes must be safe before it takes the place of others.
    pub(crate) durability: Durability,
}

/// What a crash of the machine may cost.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Nothing: for what replaces text of the user's.
    Flushed,
    /// The new file, of which a copy can be made again.
    Cached,
}

/// Writes the system's own files.
pub(super) struct FolderWriter;

impl Writer for FolderWriter {
    fn is_there(&self, path: &Path) -> bool {
        fs::symlink_metadata(path).is_ok()
    }

    fn create_directory(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn write_new(&self, path: &Path, bytes: &[u8], making: Making<'_>) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        if let Some(like) = making.like {
            imitate(&file, &fs::metadata(like)?)?;
        }
        file.write_all(bytes)?;
        match making.durability {
            Durability::Flushed => file.sync_data(),
            Durability::Cached => Ok(()),
        }
    }

    fn link(&self, existing: &Path, new: &Path) -> io::Result<()> {
        fs::hard_link(existing, new)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_directory(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }
}

/// The permission bits that let a program run as its file's owner and group.
#[cfg(unix)]
const RUNS_AS_ANOTHER: u32 = 0o6000;

#[cfg(unix)]
fn imitate(file: &File, model: &Metadata) -> io::Result<()> {
    use std::{
        fs::Permissions,
        os::unix::fs::{MetadataExt, PermissionsExt, fchown},
    };

    let own = file.metadata()?;
    if own.uid() != model.uid() || own.gid() != model.gid() {
        // Only the superuser may give files away; for others the file becomes their own, as with any editor.
        let _ = fchown(file, Some(model.uid()), Some(model.gid()));
    }
    // Other bytes do not run with somebody else's rights because the old ones did; the kernel sees to that where a file is
    // written, and here nobody else would.
    let permissions = Permissions::from_mode(model.mode() & !RUNS_AS_ANOTHER);
    file.set_permissions(permissions)
}

#[cfg(not(unix))]
fn imitate(file: &File, model: &Metadata) -> io::Result<()> {
    file.set_permissions(model.permissions())
}
