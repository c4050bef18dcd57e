//! What was inherited, the terminal, and other processes' descriptors.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::{
        fd::{AsRawFd, FromRawFd},
        unix::fs::OpenOptionsExt,
    },
};

use super::{Attempt, Gain, check, number};
use crate::canary::DESCRIPTOR;

pub(super) const ATTEMPTS: &[(&str, Attempt)] = &[
    ("inherited", inherited),
    ("take-descriptor", take_descriptor),
    ("write-to-terminal", write_to_terminal),
    ("type-into-terminal", type_into_terminal),
];

/// A descriptor beyond the standard ones came along.
fn inherited(_words: &[String]) -> io::Result<Gain> {
    let entries = fs::read_dir("/proc/self/fd")?.flatten();
    // The folder that is being read has one itself; a shell may keep pipes of its own.
    let others =
        entries.filter_map(|entry| Some((entry.file_name(), fs::read_link(entry.path()).ok()?)));
    for (name, target) in others {
        let target = target.display().to_string();
        let is_standard = ["0", "1", "2"].iter().any(|standard| name == *standard);
        if !is_standard && !target.starts_with("pipe:") && !target.contains("/fd") {
            println!("{} {target}", name.display());
            return Ok(Gain::Reached);
        }
    }
    Err(io::Error::other("nothing came along"))
}

/// Takes another process's descriptor, and writes.
fn take_descriptor(words: &[String]) -> io::Result<Gain> {
    let process: i32 = number(&words[0]);
    // SAFETY: the calls touch no memory, and the new descriptor is nobody else's.
    unsafe {
        let process = check(libc::syscall(libc::SYS_pidfd_open, process, 0))?;
        let taken = check(libc::syscall(libc::SYS_pidfd_getfd, process, DESCRIPTOR, 0))?;
        File::from_raw_fd(i32::try_from(taken).unwrap()).write_all(b"planted\n")?;
    }
    Ok(Gain::SeenOutside)
}

fn write_to_terminal(words: &[String]) -> io::Result<Gain> {
    for name in words {
        if let Ok(mut terminal) = OpenOptions::new()
            .write(true)
            .custom_flags(libc::O_NOCTTY)
            .open(name)
        {
            terminal.write_all(b"planted\n")?;
        }
    }
    Ok(Gain::SeenOutside)
}

/// Types a command, as if the user did.
fn type_into_terminal(words: &[String]) -> io::Result<Gain> {
    let mut last = io::Error::from_raw_os_error(libc::ENOENT);
    for name in words {
        let mut options = OpenOptions::new();
        let Ok(terminal) = options.read(true).custom_flags(libc::O_NOCTTY).open(name) else {
            continue;
        };
        for character in b"id\n" {
            // SAFETY: the request reads one character.
            let typed = unsafe { libc::ioctl(terminal.as_raw_fd(), libc::TIOCSTI, character) };
            if let Err(error) = check(typed.into()) {
                last = error;
            }
        }
    }
    match last.raw_os_error() {
        Some(libc::ENOENT) => Ok(Gain::SeenOutside),
        _ => Err(last),
    }
}
