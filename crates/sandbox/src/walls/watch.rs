//! Looks at what a task's processes take together, and says who has to end when it is too much.
//!
//! The confined process calls [`Watch::look`] about five times a second while commands run. The kernel's own bounds
//! ([`super::ControlGroup`], [`super::limit_process_ids`]) act sooner, where there are any; this works everywhere, for
//! administrators too. `processes.rs` reads what there is, `memory.rs` and `disk.rs` measure, this file judges.

use std::{fmt, os::fd::OwnedFd};

use rustix::process::getpid;

use self::{disk::DiskWatch, memory::MemoryWatch, processes::Processes};
use super::Limits;

mod disk;
mod memory;
mod processes;

/// Looks at a task's processes, memory and disk.
pub struct Watch {
    limits: Limits,
    memory: MemoryWatch,
    disk: DiskWatch,
}

/// A limit that is exceeded, in words for the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excess {
    /// Which limit.
    pub kind: ExcessKind,
    /// How much there is, in processes or bytes.
    pub amount: u64,
    /// How much there may be, or for what must stay free: has to be.
    pub limit: u64,
    /// Who has to end.
    pub culprit: Culprit,
}

/// What there is too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExcessKind {
    /// Processes and threads.
    Processes,
    /// Memory that the task has.
    Memory,
    /// Too little memory is left on the machine.
    SpareMemory,
    /// Disk that the twin takes.
    Disk,
    /// Too little is left on the disk.
    SpareDisk,
}

/// Who has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Culprit {
    /// The command whose first process has this number.
    Command(i32),
    /// All that runs: what has left its command takes most.
    Everything,
}

impl Watch {
    /// A watch that counts what the task's `folders` take on the disk; a folder that may not be read any more counts by
    /// what is left on its disk.
    pub fn new(limits: Limits, folders: Vec<OwnedFd>) -> Self {
        Self {
            limits,
            memory: MemoryWatch::new(),
            disk: DiskWatch::new(folders),
        }
    }

    /// What is too much now. `commands` are the first processes of those that run.
    ///
    /// The task's processes are, for the first process of a process namespace, all that it sees, else those that
    /// descend from this one. Should the culprit have ended and the excess stay, the next look names another.
    pub fn look(&mut self, commands: &[i32]) -> Option<Excess> {
        let processes = Processes::of_the_task(getpid().as_raw_nonzero().get());
        self.look_at(&processes, commands)
    }

    fn look_at(&mut self, processes: &Processes, commands: &[i32]) -> Option<Excess> {
        let limits = self.limits;
        let excess = |kind, amount, limit, culprit| Excess {
            kind,
            amount,
            limit,
            culprit,
        };
        let threads = processes.threads();
        if threads > limits.processes.into() {
            let culprit = processes.culprit(commands, |process| process.threads);
            let limit = limits.processes.into();
            return Some(excess(ExcessKind::Processes, threads, limit, culprit));
        }
        let greedy = || processes.culprit(commands, |process| process.resident_bytes);
        if let Some(taken) = self.memory.above(limits.memory_bytes, processes) {
            let limit = limits.memory_bytes;
            return Some(excess(ExcessKind::Memory, taken, limit, greedy()));
        }
        if let Some(left) = self
            .memory
            .spare_below(limits.spare_memory_bytes, processes)
        {
            let limit = limits.spare_memory_bytes;
            return Some(excess(ExcessKind::SpareMemory, left, limit, greedy()));
        }
        // Who has written it cannot be told: the only command there is, or all.
        let writer = || match commands {
            [command] => Culprit::Command(*command),
            _ => Culprit::Everything,
        };
        if let Some(taken) = self.disk.above(limits.disk_bytes) {
            return Some(excess(ExcessKind::Disk, taken, limits.disk_bytes, writer()));
        }
        let (left, limit) = self.disk.spare_below(limits.spare_disk_bytes)?;
        Some(excess(ExcessKind::SpareDisk, left, limit, writer()))
    }
}

impl fmt::Display for Excess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (amount, limit) = (Bytes(self.amount), Bytes(self.limit));
        match self.kind {
            ExcessKind::Processes => write!(
                formatter,
                "it ran {} processes and threads at one time; a task may run {}",
                self.amount, self.limit
            ),
            ExcessKind::Memory => write!(
                formatter,
                "it took {amount} of memory; a task may take {limit}"
            ),
            ExcessKind::SpareMemory => write!(
                formatter,
                "it took memory until only {amount} were left on the machine; {limit} must stay free"
            ),
            ExcessKind::Disk => write!(
                formatter,
                "the task's files took {amount} of disk; they may take {limit}"
            ),
            ExcessKind::SpareDisk => write!(
                formatter,
                "only {amount} were left on the disk; {limit} must stay free"
            ),
        }
    }
}

/// Bytes in the largest unit of which there is one.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u32, &str); 3] = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
        match UNITS.iter().find(|(shift, _)| self.0 >> shift > 0) {
            Some((shift, unit)) => {
                let tenths = (u128::from(self.0) * 10) >> shift;
                write!(formatter, "{}.{} {unit}", tenths / 10, tenths % 10)
            }
            None => write!(formatter, "{} bytes", self.0),
        }
    }
}

#[cfg(test)]
mod tests;
