//! Writes a twin's files: each operation on a name in a directory that is held open, so that no link leads it elsewhere.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
    sync::Arc,
};

use ::workspace::{Disk, RootedDisk};
use rustix::fs::{
    AtFlags, Gid, Mode, OFlags, Stat, Uid, fchmod, fchown, fstat, linkat, mkdirat, openat,
    renameat, statat, unlinkat,
};

use crate::folder_workspace::writer::{Making, Writer};

/// What new files and folders get, less what the user's mask takes away.
const FILE_MODE: Mode = Mode::from_raw_mode(0o666);
const DIRECTORY_MODE: Mode = Mode::from_raw_mode(0o777);

/// Writes below the roots of a disk.
///
/// Nothing is flushed, whatever is asked for: a twin has nobody's only copy of anything. What the user has stays where it
/// is until a proposal is applied, and a task whose machine crashed runs anew.
pub(crate) struct TwinWriter {
    disk: Arc<RootedDisk>,
}

impl TwinWriter {
    pub(crate) fn new(disk: Arc<RootedDisk>) -> Self {
        Self { disk }
    }
}

impl Writer for TwinWriter {
    fn is_there(&self, path: &Path) -> bool {
        self.disk.link_metadata(path).is_ok()
    }

    fn create_directory(&self, path: &Path) -> io::Result<()> {
        let parent = self.disk.parent(path)?;
        Ok(mkdirat(&parent, parent.name(), DIRECTORY_MODE)?)
    }

    fn write_new(&self, path: &Path, bytes: &[u8], making: Making<'_>) -> io::Result<()> {
        let parent = self.disk.parent(path)?;
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(openat(&parent, parent.name(), flags, FILE_MODE)?);
        if let Some(like) = making.like {
            let like = self.disk.parent(like)?;
            imitate(
                &file,
                &statat(&like, like.name(), AtFlags::SYMLINK_NOFOLLOW)?,
            )?;
        }
        file.write_all(bytes)
    }

    fn link(&self, existing: &Path, new: &Path) -> io::Result<()> {
        let (existing, new) = (self.disk.parent(existing)?, self.disk.parent(new)?);
        let flags = AtFlags::empty();
        Ok(linkat(&existing, existing.name(), &new, new.name(), flags)?)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let (from, to) = (self.disk.parent(from)?, self.disk.parent(to)?);
        Ok(renameat(&from, from.name(), &to, to.name())?)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let parent = self.disk.parent(path)?;
        Ok(unlinkat(&parent, parent.name(), AtFlags::empty())?)
    }

    fn remove_directory(&self, path: &Path) -> io::Result<()> {
        let parent = self.disk.parent(path)?;
        Ok(unlinkat(&parent, parent.name(), AtFlags::REMOVEDIR)?)
    }
}

/// Gives `file` the permissions of another, and its owner where that is allowed.
fn imitate(file: &File, model: &Stat) -> io::Result<()> {
    let own = fstat(file)?;
    if (own.st_uid, own.st_gid) != (model.st_uid, model.st_gid) {
        let (owner, group) = (Uid::from_raw(model.st_uid), Gid::from_raw(model.st_gid));
        // Only the superuser may give files away; for others the file becomes their own, as with any editor.
        let _ = fchown(file, Some(owner), Some(group));
    }
    // Other bytes do not run with somebody else's rights because the old ones did.
    let mode = Mode::from_raw_mode(model.st_mode).difference(Mode::SUID | Mode::SGID);
    Ok(fchmod(file, mode)?)
}
