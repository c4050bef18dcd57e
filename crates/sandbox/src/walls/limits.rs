//! How much of the machine a task may take, and the limits that the kernel holds for each process.
//!
//! What all processes of a task take together is held by a [`super::ControlGroup`] where there is one, their number by
//! [`super::limit_process_ids`], and everything everywhere by [`super::Watch`].

use std::{fs, io};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};

use super::WallError;

/// How much of the machine a task may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Processes and threads at one time, all commands together.
    pub processes: u32,
    /// Memory in bytes, all commands together.
    pub memory_bytes: u64,
    /// Memory in bytes that must stay available on the machine; below it the task is at fault if it has taken more than
    /// this itself.
    pub spare_memory_bytes: u64,
    /// What the twin may take on the disk, in bytes: changed files, build output, temporary files.
    pub disk_bytes: u64,
    /// What must stay free on the disk that the twin is on, in bytes.
    pub spare_disk_bytes: u64,
    /// The size of one file in bytes; a command that writes on is ended by the signal `SIGXFSZ`.
    pub file_bytes: u64,
    /// Descriptors that one process may have open.
    pub open_files: u64,
}

/// Enough for a build on many processors with an editor's worth of language servers.
const PROCESSES: u32 = 4096;

/// What servers and watchers of large projects need; above it, programs that close all descriptors become slow.
const OPEN_FILES: u64 = 65_536;

/// No dump can be as small; and where dumps go to a program of the machine's, which no other limit keeps them from, the
/// kernel takes exactly this for "none" (`do_coredump` in Linux).
const NO_DUMP: u64 = 1;

const GIB: u64 = 1 << 30;

/// What is taken for the machine's memory when the system does not say.
const UNKNOWN_MEMORY: u64 = 4 * GIB;

/// Memory that a process may lock, in bytes: what key stores and databases ask for, nothing that hurts.
const LOCKED_BYTES: u64 = 64 << 20;

impl Limits {
    /// The limits unless somebody sets others: three quarters of the machine's memory, 10 GiB of disk, 4096 processes.
    pub fn of_this_machine() -> Self {
        Self::for_memory(machine_memory().unwrap_or(UNKNOWN_MEMORY))
    }

    fn for_memory(memory_bytes: u64) -> Self {
        Self {
            processes: PROCESSES,
            memory_bytes: memory_bytes / 4 * 3,
            spare_memory_bytes: (memory_bytes / 16).min(GIB),
            disk_bytes: 10 * GIB,
            spare_disk_bytes: GIB,
            file_bytes: 10 * GIB,
            open_files: OPEN_FILES,
        }
    }
}

/// Sets the limits of this process and of all that it starts: their number, files, and no dumps of memory.
///
/// A limit that is lower already stays. The number of processes counts what the user has in this namespace and does not
/// bind the machine's administrator. The commands become the kernel's first choice when memory runs out.
///
/// # Errors
/// When the system refuses a limit, which it has no reason for.
pub fn set_resource_limits(limits: &Limits) -> Result<(), WallError> {
    let processes = u64::from(limits.processes) + own_tasks();
    for (resource, limit) in [
        (Resource::Core, NO_DUMP),
        (Resource::Fsize, limits.file_bytes),
        (Resource::Nofile, limits.open_files),
        (Resource::Nproc, processes),
        (Resource::Memlock, LOCKED_BYTES),
        #[cfg(target_os = "linux")]
        (Resource::Rtprio, 0),
    ] {
        lower(resource, limit).map_err(WallError::system("a resource limit was refused"))?;
    }
    become_first_choice();
    Ok(())
}

fn lower(resource: Resource, limit: u64) -> io::Result<()> {
    let now = getrlimit(resource);
    let limit_below = |now: Option<u64>| Some(now.map_or(limit, |now| now.min(limit)));
    let lowered = Rlimit {
        current: match resource {
            // Programs that use `select` fail with numbers above 1023, so what they begin with stays as it is.
            Resource::Nofile => now.current.map(|now| now.min(limit)).or(Some(limit)),
            _ => limit_below(now.current),
        },
        maximum: limit_below(now.maximum),
    };
    Ok(setrlimit(resource, lowered)?)
}

/// Lets the kernel end commands before anything of the user's when memory runs out (`proc_pid_oom_score_adj(5)`).
fn become_first_choice() {
    const SCORE: &str = "500";
    // Without it the kernel chooses by size alone, and the watch is there besides.
    let _ = fs::write("/proc/self/oom_score_adj", SCORE);
}

/// Threads of the user that this process sees: the limit counts them with its own where there is no namespace.
fn own_tasks() -> u64 {
    let user = rustix::process::getuid().as_raw();
    let Ok(entries) = fs::read_dir("/proc") else {
        return 0;
    };
    let statuses = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        entry.file_name().to_str()?.parse::<u32>().ok()?;
        fs::read_to_string(entry.path().join("status")).ok()
    });
    statuses
        .filter(|status| first_number(status, "Uid:") == Some(user.into()))
        .filter_map(|status| first_number(&status, "Threads:"))
        .sum()
}

/// The machine's memory in bytes.
fn machine_memory() -> Option<u64> {
    let memory = fs::read_to_string("/proc/meminfo").ok()?;
    Some(first_number(&memory, "MemTotal:")? * 1024)
}

/// The first number after `name`, which begins a line.
pub(super) fn first_number(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
