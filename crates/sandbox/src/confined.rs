//! The confined process: the one process of a task that builds the walls around itself and then starts commands inside.
//!
//! The program executes itself once more ([`run_if_asked`]), because namespaces can only be entered by a process with
//! one thread. [`ConfinedProcess`] is the program's handle on it, [`ConfinedStarter`] starts commands through it, and
//! [`probe`] says which walls can be had here. What goes on inside is below [`inside`], for Linux alone.

mod error;
mod path_bytes;
mod probe;

#[cfg(target_os = "linux")]
mod client;
#[cfg(target_os = "linux")]
mod explanation;
#[cfg(target_os = "linux")]
mod inside;
#[cfg(target_os = "linux")]
mod message;
#[cfg(target_os = "linux")]
mod protocol;
// Its tests run everywhere; it is public where it is used.
#[cfg(any(target_os = "macos", test))]
#[cfg_attr(not(target_os = "macos"), allow(unreachable_pub))]
mod seatbelt;
#[cfg(target_os = "linux")]
mod starter;
#[cfg(target_os = "linux")]
mod waiting;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{Wall, walls::Limits};

pub use error::{ConfinementError, SetupError, Step};
pub use probe::{Probe, ProbeError, Refused, WALL_VARIABLE, probe, wanted};

#[cfg(target_os = "macos")]
pub use self::seatbelt::{ConfinedProcess, ConfinedStarter};
#[cfg(target_os = "linux")]
pub use self::{client::ConfinedProcess, starter::ConfinedStarter, waiting::WaitingProcess};

/// The program's first argument when it is to become a confined process.
#[cfg(target_os = "linux")]
const ARGUMENT: &str = "confined-process";

/// What a confined process is to be surrounded with. All paths are absolute.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Confinement {
    /// The wall: never [`Wall::None`].
    pub wall: Wall,
    /// The folders that commands may write, each under its own path. None with [`Wall::Copy`].
    pub overlays: Vec<OverlayMount>,
    /// Folders of caches that commands may write: what they write there is kept below `scratch` and goes with it.
    #[serde(with = "path_bytes::list")]
    pub caches: Vec<PathBuf>,
    /// Files and folders within the overlays that stay as they are on the disk, whatever is tried. Those that do not
    /// exist are passed over.
    #[serde(with = "path_bytes::list")]
    pub read_only: Vec<PathBuf>,
    /// Files and folders that are empty for commands. Those that do not exist are passed over. A workspace folder in
    /// one of them stays visible.
    #[serde(with = "path_bytes::list")]
    pub hidden: Vec<PathBuf>,
    /// A folder of the task's own, which exists: its temporary files and all that is thrown away go here.
    #[serde(with = "path_bytes::one")]
    pub scratch: PathBuf,
    /// Names of environment variables that commands must not see.
    pub hidden_variables: Vec<String>,
    /// How much of the machine the commands may take.
    pub limits: Limits,
    /// With [`Wall::Copy`]: the folders that commands may write.
    #[serde(with = "path_bytes::list")]
    pub writable: Vec<PathBuf>,
}

/// The limits for the kernel, which only refuses more processes: the watch must come first, for it ends who is at fault,
/// and there must be room for a command meanwhile.
#[cfg(target_os = "linux")]
fn bounds_of_the_kernel(limits: &Limits) -> Limits {
    /// What a command needs beside a quarter more, for small limits.
    const ROOM: u32 = 32;
    let processes = limits.processes;
    Limits {
        processes: processes.saturating_add(processes / 4).saturating_add(ROOM),
        ..*limits
    }
}

impl Default for Confinement {
    fn default() -> Self {
        Self {
            wall: Wall::Overlay,
            overlays: Vec::new(),
            caches: Vec::new(),
            read_only: Vec::new(),
            hidden: Vec::new(),
            scratch: PathBuf::new(),
            hidden_variables: Vec::new(),
            limits: Limits::of_this_machine(),
            writable: Vec::new(),
        }
    }
}

/// A folder that is written copy-on-write. All paths are absolute and exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverlayMount {
    /// Where commands see it; without symbolic links.
    #[serde(with = "path_bytes::one")]
    pub at: PathBuf,
    /// What it starts from.
    #[serde(with = "path_bytes::one")]
    pub lower: PathBuf,
    /// Where changes go; not on an overlay itself.
    #[serde(with = "path_bytes::one")]
    pub upper: PathBuf,
    /// The kernel's, on the same file system as `upper`.
    #[serde(with = "path_bytes::one")]
    pub work: PathBuf,
}

/// Becomes a confined process if that is what this program was started for, and never returns then.
///
/// To be called first in `main`, while the program has one thread. What a stranger gives for the first argument does
/// nothing but end the program: without the socket of the one who starts it there is nothing to do.
pub fn run_if_asked() {
    #[cfg(target_os = "linux")]
    if std::env::args_os()
        .nth(1)
        .is_some_and(|argument| argument == ARGUMENT)
    {
        inside::run();
    }
}
