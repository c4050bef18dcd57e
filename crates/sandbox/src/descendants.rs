//! Finds and ends the processes that carry a mark in their environment, wherever in the tree of processes they went.
//!
//! What a command starts inherits the mark, whether it forks, leaves its group or becomes a daemon. What has cleared its
//! environment is not found. Only Linux lets one look; elsewhere nothing is found.

/// How often to look again: what is found may have forked meanwhile.
#[cfg(target_os = "linux")]
const ROUNDS: usize = 20;

/// So many looks in a row must find nothing: for a moment, while it begins another program, a process has no environment.
#[cfg(target_os = "linux")]
const EMPTY_ROUNDS: usize = 2;

/// Forces every process to end whose variable `name` begins with `prefix`, and returns when they have ended.
#[cfg(target_os = "linux")]
pub(crate) fn end_marked(name: &str, prefix: &str) {
    let mark = format!("{name}={prefix}");
    let mut empty = 0;
    for _ in 0..ROUNDS {
        let marked = linux::find(mark.as_bytes());
        empty = if marked.is_empty() { empty + 1 } else { 0 };
        if empty == EMPTY_ROUNDS {
            return;
        }
        linux::end(&marked);
    }
    tracing::warn!(prefix, "some of a command's processes would not end");
}

/// Does nothing: there is no way to look.
#[cfg(not(target_os = "linux"))]
pub(crate) fn end_marked(_name: &str, _prefix: &str) {}

#[cfg(target_os = "linux")]
mod linux {
    use std::{fs, os::fd::OwnedFd};

    use rustix::{
        event::{PollFd, PollFlags, Timespec, poll},
        process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal},
    };

    /// How long to wait for a process that was killed; one that waits for a disk takes its time.
    const PATIENCE: Timespec = Timespec {
        tv_sec: 1,
        tv_nsec: 0,
    };

    /// Handles on the processes whose environment has a variable beginning with `mark`.
    pub(super) fn find(mark: &[u8]) -> Vec<OwnedFd> {
        let Ok(entries) = fs::read_dir("/proc") else {
            return Vec::new();
        };
        entries
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter_map(|number| handle(number, mark))
            .collect()
    }

    /// The handle is taken before the look, so that what is looked at and what is killed are the same process.
    fn handle(number: i32, mark: &[u8]) -> Option<OwnedFd> {
        let path = format!("/proc/{number}/environ");
        let is_marked = || {
            let environment = fs::read(&path).unwrap_or_default();
            let mut variables = environment.split(|byte| *byte == 0);
            variables.any(|variable| variable.starts_with(mark))
        };
        // Most processes are others: they cost no handle.
        if !is_marked() {
            return None;
        }
        let handle = pidfd_open(Pid::from_raw(number)?, PidfdFlags::empty()).ok()?;
        is_marked().then_some(handle)
    }

    pub(super) fn end(processes: &[OwnedFd]) {
        for process in processes {
            // It may have ended by itself.
            let _ = pidfd_send_signal(process, Signal::KILL);
        }
        for process in processes {
            let mut event = [PollFd::new(process, PollFlags::IN)];
            // One that does not end is found again in the next round.
            let _ = poll(&mut event, Some(&PATIENCE));
        }
    }
}
