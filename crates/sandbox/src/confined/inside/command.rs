//! Starts one command: a fork and an exec of the shell, with its pipe or a terminal of the task's own.

use std::{
    io,
    os::{
        fd::{BorrowedFd, OwnedFd},
        unix::process::CommandExt,
    },
    process::{Command, Stdio},
};

use rustix::{
    io::Errno,
    process::{Pid, ioctl_tiocsctty, setsid},
};

use crate::{
    Channel,
    confined::protocol::{News, Start},
    starter::{
        environment,
        terminal::{self, Terminal},
    },
};

/// A command that runs.
pub(super) struct Running {
    /// Its shell, which leads a session and a group.
    pub(super) shell: Pid,
    /// The program's end of its terminal.
    pub(super) terminal: Option<OwnedFd>,
}

/// Starts it; `output` is the end of the pipe that it prints to, for a command without a terminal.
pub(super) fn start(start: &Start, output: Option<OwnedFd>) -> Result<Running, News> {
    if !start.folder.is_dir() {
        return Err(News::NoFolder);
    }
    let mut command = Command::new(&start.shell);
    command
        .arg("-c")
        .arg(&start.text)
        .current_dir(&start.folder);
    // `pwd` and what relies on it keep the path's own words where it leads through a link.
    command.env("PWD", &start.folder);
    environment::apply(&mut command, start.channel, &[], &start.mark);
    let terminal = match start.channel {
        Channel::Pipe => {
            let output =
                output.ok_or_else(|| failed("the command's pipe is missing", Errno::BADF))?;
            let errors = clone(&output)?;
            command.stdin(Stdio::null()).stdout(output).stderr(errors);
            None
        }
        Channel::Terminal(size) => {
            let Terminal {
                program,
                command: side,
            } = terminal::open(size)
                .map_err(|error| failed("a terminal could not be opened", error))?;
            command
                .stdin(clone(&side)?)
                .stdout(clone(&side)?)
                .stderr(side);
            Some(program)
        }
    };
    prepare_child(&mut command, start.channel);
    let child = command
        .spawn()
        .map_err(|error| failed("the shell could not be started", error))?;
    Ok(Running {
        shell: Pid::from_child(&child),
        terminal,
    })
}

/// A session of its own: it has no terminal but the one it is given, and its processes are known by the session.
#[allow(unsafe_code)]
fn prepare_child(command: &mut Command, channel: Channel) {
    let has_terminal = matches!(channel, Channel::Terminal(_));
    // SAFETY: between fork and exec the closure makes system calls and allocates nothing; descriptor 0 is open, for it has
    // just been set.
    unsafe {
        command.pre_exec(move || {
            setsid()?;
            if has_terminal {
                ioctl_tiocsctty(BorrowedFd::borrow_raw(0))?;
            }
            Ok(())
        });
    }
}

fn clone(descriptor: &OwnedFd) -> Result<OwnedFd, News> {
    descriptor
        .try_clone()
        .map_err(|error| failed("the command's output could not be prepared", error))
}

fn failed(what: &str, error: impl Into<io::Error>) -> News {
    News::Failed {
        what: what.into(),
        errno: error.into().raw_os_error().unwrap_or(0),
    }
}
