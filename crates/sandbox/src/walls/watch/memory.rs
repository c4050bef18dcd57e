//! How much memory a task's processes take together, and how much the machine has left.

use std::fs;

use super::processes::Processes;
use crate::walls::limits::first_number;

/// What memory was taken before, and how often to measure closely.
pub(super) struct MemoryWatch {
    /// Bytes of memory that belongs to files without a disk when the watch began: other programs' for the most part.
    shared_before: u64,
    /// Looks until the next close one.
    patience: u32,
}

/// A close look reads the page tables of all processes, so one that finds nothing is not repeated at once.
const LOOKS_BETWEEN_CLOSE_ONES: u32 = 5;

impl MemoryWatch {
    pub(super) fn new() -> Self {
        Self {
            shared_before: Machine::now().map_or(0, |machine| machine.shared),
            patience: 0,
        }
    }

    /// How much the processes take, if it is more than `limit`.
    ///
    /// What processes share counts for each of them in the quick sum; only when that is above the limit a close look
    /// divides it among them.
    pub(super) fn above(&mut self, limit: u64, processes: &Processes) -> Option<u64> {
        if processes.resident_bytes() <= limit {
            self.patience = 0;
            return None;
        }
        if self.patience > 0 {
            self.patience -= 1;
            return None;
        }
        self.patience = LOOKS_BETWEEN_CLOSE_ONES;
        let taken: u64 = processes.numbers().map(proportional_bytes).sum();
        (taken > limit).then_some(taken)
    }

    /// How much the machine has left, if it is less than `limit` and the task has taken more than that itself.
    pub(super) fn spare_below(&self, limit: u64, processes: &Processes) -> Option<u64> {
        let machine = Machine::now()?;
        if machine.available >= limit {
            return None;
        }
        // Files in memory that no process has mapped are nobody's in the list; so what they have grown by is the task's.
        let in_files = machine.shared.saturating_sub(self.shared_before);
        let taken = processes.resident_bytes().saturating_add(in_files);
        (taken > limit).then_some(machine.available)
    }
}

/// The machine's memory in bytes.
struct Machine {
    available: u64,
    shared: u64,
}

impl Machine {
    fn now() -> Option<Self> {
        let memory = fs::read_to_string("/proc/meminfo").ok()?;
        Some(Self {
            available: first_number(&memory, "MemAvailable:")? * 1024,
            shared: first_number(&memory, "Shmem:")? * 1024,
        })
    }
}

/// What is a process's alone, and its share of what it has with others. One that has ended takes nothing.
fn proportional_bytes(process: i32) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    first_number(&rollup, "Pss:")
        .map_or_else(|| private_bytes(process), |kilobytes| kilobytes * 1024)
}

/// What is no file's, of a process that lets nobody look closer.
fn private_bytes(process: i32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    first_number(&status, "RssAnon:").unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_understood() {
        let machine = Machine::now().unwrap();
        assert!(machine.available > 0);
    }

    /// Two descriptions of the same memory by the kernel.
    #[test]
    fn a_process_takes_at_least_what_is_its_own() {
        let own = std::process::id().cast_signed();
        let large = vec![1_u8; 64 << 20];
        assert!(proportional_bytes(own) >= large.len() as u64);
        assert!(private_bytes(own) >= large.len() as u64);
        assert_eq!(proportional_bytes(i32::MAX), 0);
    }
}
