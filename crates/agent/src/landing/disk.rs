//! The few operations of which a landing is made, on a path's own entry and never through a link.
//!
//! Every operation opens the folders on its way one by one and refuses links, so a folder that is swapped for a link
//! between a check and a change makes the change fail instead of leading it elsewhere. Tests put a disk in its place that
//! fails, or ends the process, when told to.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::{self, Read, Write},
    os::{fd::OwnedFd, unix::ffi::OsStringExt},
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use changes::{Content, FileState};
use rustix::{
    fs::{self, AtFlags, CWD, Dir, FileType, Mode, OFlags, RenameFlags, Stat},
    io::Errno,
};

/// Where files are looked at and changed. Paths are absolute, with neither `..` nor links on the way to their last name.
pub(super) trait Disk: Send + Sync {
    /// What has this name; a link is not followed.
    fn look(&self, path: &Path) -> io::Result<Found>;

    /// The names in a folder, in no order.
    fn names_in(&self, folder: &Path) -> io::Result<Vec<OsString>>;

    /// Makes one folder.
    fn create_folder(&self, path: &Path, permissions: Permissions<'_>) -> io::Result<()>;

    /// Makes a file or a link under a name that is free. What is in a file may be lost in a crash until
    /// [`Disk::sync_file`].
    fn write_new(
        &self,
        path: &Path,
        content: NewContent<'_>,
        permissions: Permissions<'_>,
    ) -> io::Result<()>;

    /// Waits until the bytes of a file are safe. Of a link there is nothing to wait for.
    fn sync_file(&self, path: &Path) -> io::Result<()>;

    /// Waits until the names in a folder are safe.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;

    /// Lets two entries swap their names, in one step.
    ///
    /// # Errors
    /// [`io::ErrorKind::Unsupported`] where the file system cannot do that.
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()>;

    /// Gives an entry another name, in place of the file that has it.
    fn move_over(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Gives an entry another name, which must be free.
    fn move_new(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file or a link.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes an empty folder.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
}

/// What has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing.
    Absent,
    /// A file or a link.
    File {
        state: FileState,
        /// The permission bits; of a link, 0.
        mode: u32,
        /// How many names it has.
        names: u64,
    },
    /// A folder.
    Folder {
        /// The permission bits.
        mode: u32,
    },
    /// A pipe, a socket or a device.
    Special,
}

impl Found {
    /// Whether it is exactly `expected`; a folder and the like are never what is expected.
    pub(super) fn is(&self, expected: Option<&FileState>) -> bool {
        match self {
            Self::Absent => expected.is_none(),
            Self::File { state, .. } => expected == Some(state),
            Self::Folder { .. } | Self::Special => false,
        }
    }
}

/// What a new entry is made of.
#[derive(Clone, Copy)]
pub(super) enum NewContent<'a> {
    /// A file of these bytes, one part after the other.
    Bytes(&'a [&'a [u8]]),
    /// A link that leads there.
    Link(&'a Path),
}

/// The permissions of a new file or folder. Links have none.
#[derive(Clone, Copy)]
pub(super) enum Permissions<'a> {
    /// What anything new of this user gets.
    Usual(Execution),
    /// Those of the file at this path, and its owner where that is allowed.
    Like(&'a Path, Execution),
    /// These bits.
    Exactly(u32),
}

/// Whether a file's owner may execute it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Execution {
    Allowed,
    Denied,
}

impl Execution {
    pub(super) fn of(state: &FileState) -> Self {
        if state.is_executable {
            Self::Allowed
        } else {
            Self::Denied
        }
    }

    /// `mode`, with executing allowed to whoever may read, or to nobody. What says so already stays as it is.
    pub(super) fn on(self, mode: u32) -> u32 {
        match (self, mode & 0o100 != 0) {
            (Self::Allowed, false) => mode | ((mode & 0o444) >> 2),
            (Self::Denied, true) => mode & !0o111,
            _ => mode,
        }
    }
}

/// The system's file systems.
pub(super) struct RealDisk;

/// A folder on the way to something: only to be passed through, so no right to list it is needed.
#[cfg(target_os = "linux")]
const PASSING: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const PASSING: OFlags = OFlags::RDONLY;

impl Disk for RealDisk {
    fn look(&self, path: &Path) -> io::Result<Found> {
        match look(path) {
            Err(error) if is_missing(&error) => Ok(Found::Absent),
            result => result,
        }
    }

    fn names_in(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(open_folder(folder, OFlags::RDONLY)?)? {
            let name = OsString::from_vec(entry?.file_name().to_bytes().to_vec());
            if name != "." && name != ".." {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn create_folder(&self, path: &Path, permissions: Permissions<'_>) -> io::Result<()> {
        let (folder, name) = entry(path)?;
        let mode = match permissions {
            Permissions::Exactly(mode) => Mode::from_raw_mode(mode),
            _ => Mode::from_raw_mode(0o777),
        };
        fs::mkdirat(&folder, name, mode)?;
        if let Permissions::Exactly(_) = permissions {
            // The user's mask has taken bits away.
            fs::fchmod(open_folder(path, OFlags::RDONLY)?, mode)?;
        }
        Ok(())
    }

    fn write_new(
        &self,
        path: &Path,
        content: NewContent<'_>,
        permissions: Permissions<'_>,
    ) -> io::Result<()> {
        let (folder, name) = entry(path)?;
        let parts = match content {
            NewContent::Link(target) => return Ok(fs::symlinkat(target, &folder, name)?),
            NewContent::Bytes(parts) => parts,
        };
        let at_first = match permissions {
            Permissions::Usual(Execution::Allowed) => 0o777,
            Permissions::Usual(Execution::Denied) => 0o666,
            // Nobody else may look before the right permissions are on it.
            Permissions::Like(..) | Permissions::Exactly(_) => 0o600,
        };
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(at_first);
        let mut file = File::from(fs::openat(&folder, name, flags, mode)?);
        match permissions {
            Permissions::Usual(_) => {}
            Permissions::Like(model, execution) => imitate(&file, model, execution)?,
            Permissions::Exactly(mode) => fs::fchmod(&file, Mode::from_raw_mode(mode))?,
        }
        for part in parts {
            file.write_all(part)?;
        }
        Ok(())
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        let (folder, name) = entry(path)?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        match fs::openat(&folder, name, flags, Mode::empty()) {
            Ok(file) => Ok(fs::fsync(file)?),
            Err(Errno::LOOP) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        match fs::fsync(open_folder(path, OFlags::RDONLY)?) {
            // Some file systems have nothing like it.
            Err(Errno::INVAL | Errno::NOTSUP) => Ok(()),
            result => Ok(result?),
        }
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        rename(one, other, RenameFlags::EXCHANGE).map_err(|error| match error {
            error if is_unsupported(&error) => io::ErrorKind::Unsupported.into(),
            error => error,
        })
    }

    fn move_over(&self, from: &Path, to: &Path) -> io::Result<()> {
        rename(from, to, RenameFlags::empty())
    }

    fn move_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        match rename(from, to, RenameFlags::NOREPLACE) {
            Err(error) if is_unsupported(&error) => link_and_remove(from, to),
            result => result,
        }
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let (folder, name) = entry(path)?;
        Ok(fs::unlinkat(&folder, name, AtFlags::empty())?)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        let (folder, name) = entry(path)?;
        Ok(fs::unlinkat(&folder, name, AtFlags::REMOVEDIR)?)
    }
}

/// Whether there is nothing, be it that not even the folder is there.
pub(super) fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

fn look(path: &Path) -> io::Result<Found> {
    let (folder, name) = entry(path)?;
    let stat = fs::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory => Ok(Found::Folder {
            mode: permission_bits(&stat),
        }),
        FileType::Symlink => {
            let target = fs::readlinkat(&folder, name, Vec::new())?.into_bytes();
            let state = FileState {
                content: Content::Link(PathBuf::from(OsString::from_vec(target))),
                is_executable: false,
            };
            Ok(Found::File {
                state,
                mode: 0,
                names: 1,
            })
        }
        FileType::RegularFile => read(&folder, name),
        _ => Ok(Found::Special),
    }
}

fn read(folder: &OwnedFd, name: &OsStr) -> io::Result<Found> {
    // Whatever takes the file's place after the look: a pipe opens at once, a terminal is not taken over, a link fails.
    let flags =
        OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let mut file = File::from(fs::openat(folder, name, flags, Mode::empty())?);
    let stat = fs::fstat(&file)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Ok(Found::Special);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(stat.st_size).unwrap_or_default());
    file.read_to_end(&mut bytes)?;
    let mode = permission_bits(&stat);
    let state = FileState {
        content: Content::Bytes(Arc::from(bytes)),
        is_executable: mode & 0o100 != 0,
    };
    Ok(Found::File {
        state,
        mode,
        #[allow(
            clippy::unnecessary_cast,
            clippy::useless_conversion,
            reason = "its type differs between systems"
        )]
        names: stat.st_nlink as u64,
    })
}

#[allow(
    clippy::unnecessary_cast,
    clippy::useless_conversion,
    reason = "its type differs between systems"
)]
fn permission_bits(stat: &Stat) -> u32 {
    stat.st_mode as u32 & 0o7777
}

fn imitate(file: &File, model: &Path, execution: Execution) -> io::Result<()> {
    let (folder, name) = entry(model)?;
    let model = fs::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    let own = fs::fstat(file)?;
    if (own.st_uid, own.st_gid) != (model.st_uid, model.st_gid) {
        let (user, group) = (
            fs::Uid::from_raw(model.st_uid),
            fs::Gid::from_raw(model.st_gid),
        );
        // Only the superuser may give files away; for others the file becomes their own, as with any editor.
        let _ = fs::fchown(file, Some(user), Some(group));
    }
    // Other bytes do not run with somebody else's rights because the old ones did.
    let mode = Mode::from_raw_mode(execution.on(permission_bits(&model)));
    Ok(fs::fchmod(file, mode.difference(Mode::SUID | Mode::SGID))?)
}

fn rename(from: &Path, to: &Path, flags: RenameFlags) -> io::Result<()> {
    let ((from_folder, from), (to_folder, to)) = (entry(from)?, entry(to)?);
    Ok(fs::renameat_with(from_folder, from, to_folder, to, flags)?)
}

/// Where a name cannot be taken on the condition that it is free, a second name can.
fn link_and_remove(from: &Path, to: &Path) -> io::Result<()> {
    let ((from_folder, from_name), (to_folder, to_name)) = (entry(from)?, entry(to)?);
    match fs::linkat(
        &from_folder,
        from_name,
        &to_folder,
        to_name,
        AtFlags::empty(),
    ) {
        Ok(()) => Ok(fs::unlinkat(&from_folder, from_name, AtFlags::empty())?),
        Err(Errno::PERM | Errno::NOTSUP | Errno::MLINK) => {
            match fs::statat(&to_folder, to_name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
                Err(_) => rename(from, to, RenameFlags::empty()),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// How file systems say that they do not know a flag of renaming.
fn is_unsupported(error: &io::Error) -> bool {
    [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP]
        .map(|errno| Some(errno.raw_os_error()))
        .contains(&error.raw_os_error())
}

/// The folder that an entry is in, reached without any link, and the entry's name in it.
fn entry(path: &Path) -> io::Result<(OwnedFd, &OsStr)> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    Ok((open_folder(folder, PASSING)?, name))
}

fn open_folder(path: &Path, access: OFlags) -> io::Result<OwnedFd> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut names = path.components();
    if names.next() != Some(Component::RootDir) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let names: Vec<&OsStr> = names.map(Component::as_os_str).collect();
    let access_of = |left: usize| if left == 0 { access } else { PASSING };
    let mut folder = fs::openat(CWD, "/", flags | access_of(names.len()), Mode::empty())?;
    for (place, name) in names.iter().enumerate() {
        let access = access_of(names.len() - place - 1);
        folder = fs::openat(&folder, *name, flags | access, Mode::empty())?;
    }
    Ok(folder)
}

#[cfg(test)]
mod tests;
