//! `[sandbox]`: the walls around tasks, as the user's own file sets them.

use std::path::PathBuf;

use sandbox::Wall;
use sandbox::walls::Limits;
use serde::Deserialize;

/// `[sandbox]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct SandboxConfig {
    /// The weakest walls with which tasks may begin; with `none` each command is asked about where there are none.
    pub(crate) weakest_wall: Wall,
    /// Whether the commands of a task may talk to one another over their own loopback.
    pub(crate) loopback: bool,
    /// More files and folders that commands do not see; absolute.
    pub(crate) hidden: Vec<PathBuf>,
    /// Files and folders outside of the workspace that commands may really write; absolute.
    pub(crate) writable: Vec<PathBuf>,
    /// What the commands of a task may have of memory, in megabytes; three quarters of the machine's when left out.
    pub(crate) memory_megabytes: Option<u64>,
    /// How many processes a task may have at a time.
    pub(crate) max_processes: Option<u32>,
    /// What a task may write, in megabytes.
    pub(crate) disk_megabytes: Option<u64>,
    /// How long checkpoints are kept, in days.
    pub(crate) keep_days: u64,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            weakest_wall: Wall::None,
            loopback: false,
            hidden: Vec::new(),
            writable: Vec::new(),
            memory_megabytes: None,
            max_processes: None,
            disk_megabytes: None,
            keep_days: 30,
        }
    }
}

impl SandboxConfig {
    /// Whether tasks may begin behind `wall`.
    pub(crate) fn accepts(&self, wall: Wall) -> bool {
        // The strongest wall is the least.
        wall <= self.weakest_wall
    }

    /// How much of the machine a task may take: the machine's own limits, with what is set in their place.
    pub(crate) fn limits(&self) -> Limits {
        const MEGABYTE: u64 = 1_000_000;
        let usual = Limits::of_this_machine();
        let bytes = |megabytes: Option<u64>, usual: u64| {
            megabytes.map_or(usual, |megabytes| megabytes.saturating_mul(MEGABYTE))
        };
        let disk_bytes = bytes(self.disk_megabytes, usual.disk_bytes);
        Limits {
            processes: self.max_processes.unwrap_or(usual.processes),
            memory_bytes: bytes(self.memory_megabytes, usual.memory_bytes),
            disk_bytes,
            // One file may take all of it.
            file_bytes: disk_bytes,
            ..usual
        }
    }

    /// The first setting that cannot be used, and what it must be.
    pub(super) fn problem(&self) -> Option<(&'static str, &'static str)> {
        let is_out = |value: Option<u64>, least: u64| value.is_some_and(|value| value < least);
        let is_relative = |paths: &[PathBuf]| paths.iter().any(|path| !path.is_absolute());
        [
            (
                is_out(self.memory_megabytes, 64),
                "sandbox.memory_megabytes",
                "at least 64",
            ),
            (
                is_out(self.max_processes.map(u64::from), 16),
                "sandbox.max_processes",
                "at least 16",
            ),
            (
                is_out(self.disk_megabytes, 16),
                "sandbox.disk_megabytes",
                "at least 16",
            ),
            (
                is_relative(&self.hidden),
                "sandbox.hidden",
                "a list of absolute paths",
            ),
            (
                is_relative(&self.writable),
                "sandbox.writable",
                "a list of absolute paths",
            ),
        ]
        .into_iter()
        .find_map(|(is_wrong, name, range)| is_wrong.then_some((name, range)))
    }
}
