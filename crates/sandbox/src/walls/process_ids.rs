//! How many processes the kernel gives numbers to in the task's own process namespace: what stops a fork bomb at its
//! source, whoever runs it. `limits.rs` has the number.

use std::{fs, os::linux::fs::MetadataExt, path::Path};

use rustix::process::getpid;

use super::Limits;

/// Linux 6.14 gave each process namespace a highest number of its own; before, the file changes the whole machine's.
const SINCE: (u32, u32) = (6, 14);

/// The kernel takes no less, or this many for each processor.
const LEAST: u32 = 301;
const LEAST_PER_PROCESSOR: u32 = 8;

/// The number of the machine's own process namespace (`linux/proc_ns.h`, `PROC_PID_INIT_INO`).
const MACHINE_NAMESPACE: u64 = 0xEFFF_FFFC;

/// Bounds the number of processes and threads at one time in this process namespace, and tells whether it is bounded now.
///
/// The first process of a namespace of its own calls this, while it still has its privileges there and `/proc` is the
/// namespace's and can be written. Anybody else changes nothing.
pub fn limit_process_ids(limits: &Limits) -> bool {
    if !has_bound_of_its_own() {
        return false;
    }
    let processors = std::thread::available_parallelism().map_or(1, |count| count.get() as u32);
    let least = LEAST.max(LEAST_PER_PROCESSOR.saturating_mul(processors));
    let highest = limits.processes.max(least);
    fs::write("/proc/sys/kernel/pid_max", highest.to_string()).is_ok()
}

fn has_bound_of_its_own() -> bool {
    let namespace = Path::new("/proc/self/ns/pid").metadata();
    let is_machines = namespace.map_or(true, |metadata| metadata.st_ino() == MACHINE_NAMESPACE);
    // `/proc` may still be that of the namespace around this one: then its number of this process is another.
    let proc_is_own = fs::read_link("/proc/self").is_ok_and(|number| number == Path::new("1"));
    getpid().as_raw_nonzero().get() == 1 && proc_is_own && !is_machines && release() >= SINCE
}

/// The kernel's release, its first two numbers.
fn release() -> (u32, u32) {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut numbers = release.split(|character: char| !character.is_ascii_digit());
    let mut next = || numbers.next()?.parse().ok();
    (next().unwrap_or(0), next().unwrap_or(0))
}
