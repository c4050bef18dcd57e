//! The processes of a command, wherever they went, and how all of them are ended.

use std::{collections::HashSet, fs, os::fd::OwnedFd};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, getpid, pidfd_open, pidfd_send_signal},
};

use crate::starter::MARK;

/// How often to look again: what is found may have forked meanwhile.
const ROUNDS: usize = 50;

/// So many looks in a row must find nothing: for a moment, while it begins another program, a process has no environment.
const EMPTY_ROUNDS: usize = 2;

/// How long to wait for a process that was killed; one that waits for a disk takes its time.
const PATIENCE: Timespec = Timespec {
    tv_sec: 1,
    tv_nsec: 0,
};

/// By what the processes of a command are known.
pub(super) enum Members<'a> {
    /// Those that carry the mark, those of the session or group that `leader` began, and what descends from them.
    OfCommand {
        mark: &'a str,
        /// `None` when the number may have gone to somebody else.
        leader: Option<Pid>,
    },
    /// Everything that descends from this process.
    All,
}

/// Kills them until there are none.
pub(super) fn end(members: &Members<'_>) {
    let mut empty = 0;
    for _ in 0..ROUNDS {
        let found = find(members);
        empty = if found.is_empty() { empty + 1 } else { 0 };
        if empty == EMPTY_ROUNDS {
            return;
        }
        // All are killed before any is waited for: what runs could fork again.
        for process in &found {
            let _ = pidfd_send_signal(process, Signal::KILL);
        }
        for process in &found {
            let _ = poll(&mut [PollFd::new(process, PollFlags::IN)], Some(&PATIENCE));
        }
    }
}

/// Handles on them; taken before they are looked at once more, so that none is mistaken for another.
fn find(members: &Members<'_>) -> Vec<OwnedFd> {
    let chosen = choose(members, &living());
    let handles = chosen.into_iter().filter_map(|number| {
        let handle = pidfd_open(Pid::from_raw(number)?, PidfdFlags::empty()).ok()?;
        Some((number, handle))
    });
    let handles: Vec<(i32, OwnedFd)> = handles.collect();
    if handles.is_empty() {
        return Vec::new();
    }
    let still = choose(members, &living());
    handles
        .into_iter()
        .filter(|(number, _)| still.contains(number))
        .map(|(_, handle)| handle)
        .collect()
}

/// A process as `/proc/PID/stat` tells of it.
struct Process {
    number: i32,
    parent: i32,
    group: i32,
    session: i32,
}

/// All but this one and those that have ended.
fn living() -> Vec<Process> {
    let own = getpid().as_raw_nonzero().get();
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|number| *number != own)
        .filter_map(|number| {
            // The name before the fields is in parentheses and may contain any character.
            let stat = fs::read(format!("/proc/{number}/stat")).ok()?;
            let stat = String::from_utf8_lossy(&stat);
            let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
            let has_ended = matches!(fields.next()?, "Z" | "X");
            let mut next = || fields.next()?.parse().ok();
            let process = Process {
                number,
                parent: next()?,
                group: next()?,
                session: next()?,
            };
            (!has_ended).then_some(process)
        })
        .collect()
}

fn choose(members: &Members<'_>, living: &[Process]) -> HashSet<i32> {
    let own = getpid().as_raw_nonzero().get();
    let mut chosen: HashSet<i32> = living
        .iter()
        .filter(|process| match members {
            Members::OfCommand { mark, leader } => {
                let is_leader =
                    |number| leader.is_some_and(|leader| leader.as_raw_nonzero().get() == number);
                is_leader(process.session)
                    || is_leader(process.group)
                    || has_mark(process.number, mark)
            }
            Members::All => process.parent == own,
        })
        .map(|process| process.number)
        .collect();
    loop {
        let before = chosen.len();
        for process in living {
            if chosen.contains(&process.parent) {
                chosen.insert(process.number);
            }
        }
        if chosen.len() == before {
            return chosen;
        }
    }
}

fn has_mark(number: i32, mark: &str) -> bool {
    let environment = fs::read(format!("/proc/{number}/environ")).unwrap_or_default();
    environment
        .split(|byte| *byte == 0)
        .filter_map(|variable| variable.strip_prefix(MARK.as_bytes())?.strip_prefix(b"="))
        .any(|value| value == mark.as_bytes())
}
