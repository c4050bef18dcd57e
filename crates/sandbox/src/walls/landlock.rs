//! The kernel's own access rules (Landlock): where a process may write, and, without namespaces, what it may read.
//!
//! Behind namespaces this is a second wall; for a copy it is the only one. Rules only permit, so what is to be hidden is
//! left out (`openings.rs` has the way). The kernel's versions know more and more; what the running one lacks is told.

use std::{
    ffi::c_int,
    fmt, io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::{Path, PathBuf},
    ptr,
};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, PathBeneath, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, Scope,
};
use rustix::{
    fs::{FileType, Mode, OFlags, fstat, open},
    io::Errno,
};

use super::WallError;
use crate::Network;

mod openings;

/// The version of the rules that this file was written with in mind; a kernel that knows less does what it can.
const WANTED: ABI = ABI::V9;

/// Below it, files cannot be moved between folders at all once a rule is there, and builds fail.
const LEAST_VERSION: u32 = 2;

/// From it on, a file that may not be written cannot be truncated either.
const TRUNCATION_VERSION: u32 = 3;

/// From it on, signals and abstract sockets end at the task.
const NEIGHBOURS_VERSION: u32 = 6;

/// What is in it is other terminals, in which somebody types, disks with all that is hidden, microphones and cameras.
const DEVICES: &str = "/dev";

/// Devices that give and take nothing of anybody's, as far as they exist.
const HARMLESS_DEVICES: [&str; 6] = [
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
];

/// What each version of the rules has brought, in words that say what is open without it.
const BROUGHT: [(u32, &str); 5] = [
    (3, "files elsewhere can be truncated"),
    (4, "ports are guarded by the system call filter alone"),
    (5, "devices can be sent requests"),
    (
        6,
        "the user's other processes can be sent signals, and their abstract sockets be spoken to, where namespaces do not hide them",
    ),
    (
        9,
        "sockets that are files can be spoken to, where nothing hides them",
    ),
];

/// What a process, and all that it starts, may do with files.
#[derive(Debug)]
pub struct AccessRules<'a> {
    /// What may be read and executed.
    pub readable: Readable,
    /// Files and folders that may be changed, read and executed, with all that is below them; absolute. Private places
    /// such as `/tmp`, `/proc`, `/dev/shm` and `/dev/pts` belong here only where they are the task's own.
    pub writable: Vec<PathBuf>,
    /// Folders that this process reads although no path of its own leads there.
    pub open_folders: &'a [BorrowedFd<'a>],
    /// Files and folders that may be changed as those of `writable`; opened before, so that nobody can lead their paths
    /// elsewhere.
    pub open_writable: &'a [BorrowedFd<'a>],
    /// With [`Network::None`] no TCP port can be bound or connected to.
    pub network: Network,
}

/// What may be read and executed besides what may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readable {
    /// Everything that is there: namespaces hide what is to be hidden.
    Everything,
    /// Everything that exists now but the hidden places and all but harmless devices. Folders that lead to one of them
    /// cannot be listed, and what appears in those later stays unreadable.
    AllBut {
        /// Files and folders; absolute.
        hidden: Vec<PathBuf>,
        /// What stays readable inside of hidden ones, as far as it exists; absolute.
        kept: Vec<PathBuf>,
    },
}

/// How much of the rules the running kernel has put up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileStatus {
    /// The kernel's version of the rules (its ABI number); zero when it has none.
    pub version: u32,
    /// What is open because the kernel's version is older than this list, a sentence's worth each.
    pub missing: Vec<&'static str>,
}

impl FileStatus {
    /// What a kernel with this version of the rules would put up.
    pub(crate) fn of_version(version: u32) -> Self {
        let missing = BROUGHT.iter().filter(|(since, _)| version < *since);
        Self {
            version,
            missing: missing.map(|(_, open)| *open).collect(),
        }
    }

    /// What this kernel would put up.
    pub fn of_this_kernel() -> Self {
        Self::of_version(version_of_this_kernel())
    }

    /// Whether any rule is put up.
    pub fn is_up(&self) -> bool {
        self.version >= LEAST_VERSION
    }

    /// Whether the rules keep files safe where nothing else does: what cannot be written cannot be truncated either.
    pub fn is_enough_alone(&self) -> bool {
        self.version >= TRUNCATION_VERSION
    }

    /// Whether the user's other processes cannot be signalled, nor spoken to by abstract sockets, where no namespace
    /// hides them. Where not, [`super::UnixSockets::PairsOnly`] keeps commands in the machine's network namespace from
    /// the session's bus.
    pub fn guards_neighbours(&self) -> bool {
        self.version >= NEIGHBOURS_VERSION
    }
}

impl fmt::Display for FileStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.version {
            0 => return formatter.write_str("the kernel has no access rules (Landlock)"),
            version if !self.is_up() => write!(
                formatter,
                "the kernel's access rules (Landlock, version {version}) are too old"
            ),
            version => write!(
                formatter,
                "the kernel's access rules (Landlock, version {version})"
            ),
        }?;
        let separators = [": "].into_iter().chain(std::iter::repeat("; "));
        for (open, separator) in self.missing.iter().zip(separators) {
            write!(formatter, "{separator}{open}")?;
        }
        Ok(())
    }
}

/// Puts the rules on this process and all that it starts, for good; sets `no_new_privs`. Nothing can be mounted then.
///
/// Whatever the network, signals and abstract sockets end at the task: from outside it can still be signalled.
/// A kernel without the rules, or whose version is too old to build anything under it, puts nothing up; the status tells.
///
/// # Errors
/// When a path to write below cannot be opened, or the kernel refuses.
pub fn restrict_files(rules: &AccessRules<'_>) -> Result<FileStatus, WallError> {
    let status = FileStatus::of_this_kernel();
    if !status.is_up() {
        return Ok(status);
    }
    let mut ruleset = ruleset(rules.network).map_err(refused)?;
    let read = AccessFs::from_read(WANTED);
    match &rules.readable {
        Readable::Everything => ruleset = permit_path(ruleset, Path::new("/"), read)?,
        Readable::AllBut { hidden, kept } => {
            let hidden = [&hidden[..], &[DEVICES.into()]].concat();
            for path in openings::around(&hidden).iter().chain(kept) {
                ruleset = permit_if_there(ruleset, path, read)?;
            }
        }
    }
    for folder in rules.open_folders {
        ruleset = permit(ruleset, *folder, read).map_err(refused)?;
    }
    for place in rules.open_writable {
        ruleset = permit(ruleset, *place, write_access()).map_err(refused)?;
    }
    for path in &rules.writable {
        ruleset = permit_path(ruleset, path, write_access())?;
    }
    for device in HARMLESS_DEVICES {
        ruleset = permit_if_there(ruleset, Path::new(device), write_access())?;
    }
    ruleset.restrict_self().map_err(refused)?;
    Ok(status)
}

/// All that can be done with files but making devices.
fn write_access() -> BitFlags<AccessFs> {
    AccessFs::from_all(WANTED) & !(AccessFs::MakeChar | AccessFs::MakeBlock)
}

fn ruleset(network: Network) -> Result<RulesetCreated, landlock::RulesetError> {
    let mut ruleset = Ruleset::default()
        .handle_access(AccessFs::from_all(WANTED))?
        .scope(Scope::from_all(WANTED))?;
    if network == Network::None {
        ruleset = ruleset.handle_access(AccessNet::BindTcp | AccessNet::ConnectTcp)?;
    }
    ruleset.create()
}

fn permit_if_there(
    ruleset: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, WallError> {
    match open_path(path) {
        Ok(file) => permit(ruleset, file.as_fd(), access).map_err(refused),
        Err(_) => Ok(ruleset),
    }
}

fn permit_path(
    ruleset: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, WallError> {
    let file = open_path(path).map_err(|source| WallError::Path {
        path: path.into(),
        source: source.into(),
    })?;
    permit(ruleset, file.as_fd(), access).map_err(refused)
}

fn permit(
    ruleset: RulesetCreated,
    file: BorrowedFd<'_>,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, landlock::RulesetError> {
    let is_folder = fstat(file).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode).is_dir());
    let access = match is_folder {
        true => access,
        // The kernel refuses a rule that gives a file what only a folder can have.
        false => access & AccessFs::from_file(WANTED),
    };
    ruleset.add_rule(PathBeneath::new(file, access))
}

fn open_path(path: &Path) -> Result<OwnedFd, Errno> {
    open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
}

fn refused(error: landlock::RulesetError) -> WallError {
    WallError::Rule {
        what: "the kernel's access rules could not be put up",
        reason: error.to_string(),
    }
}

#[allow(unsafe_code)]
fn version_of_this_kernel() -> u32 {
    /// Asks for the version instead of making a set of rules (`linux/landlock.h`).
    const LANDLOCK_CREATE_RULESET_VERSION: c_int = 1;
    // SAFETY: with this flag the call reads no memory: the pointer must be null and the size zero.
    let version = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            ptr::null::<u8>(),
            0_usize,
            LANDLOCK_CREATE_RULESET_VERSION,
        )
    };
    if version < 0 {
        tracing::debug!(error = %io::Error::last_os_error(), "no Landlock");
    }
    u32::try_from(version).unwrap_or(0)
}
