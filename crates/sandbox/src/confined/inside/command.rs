//! Starts one command: a fork and an exec of the shell, with its pipe or a terminal of the task's own.

use std::{
    io, mem,
    os::{
        fd::{BorrowedFd, OwnedFd},
        unix::process::CommandExt,
    },
    path::PathBuf,
    process::{Command, Stdio},
    ptr,
    sync::Arc,
};

use rustix::{
    io::Errno,
    process::{Pid, ioctl_tiocsctty, setsid},
};

use super::restrictions::Filters;
use crate::{
    Channel,
    confined::protocol::{News, Start},
    starter::{
        environment,
        terminal::{self, Terminal},
    },
    walls::SocketFilter,
};

/// A command that runs.
pub(super) struct Running {
    /// Its shell, which leads a session and a group.
    pub(super) shell: Pid,
    /// The program's end of its terminal.
    pub(super) terminal: Option<OwnedFd>,
}

/// What is the same for all commands of a process.
pub(super) struct Surroundings {
    pub(super) filters: Filters,
    /// Where temporary files go, if not to `/tmp`.
    pub(super) temporary_folder: Option<PathBuf>,
}

/// Starts it; `end` is that of its pipe or terminal, for a terminal of the task's own is made here.
pub(super) fn start(
    start: &Start,
    end: Option<&OwnedFd>,
    surroundings: &mut Surroundings,
) -> Result<Running, News> {
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
    // The workspace is a mount of its own, and its repository may begin above.
    command.env("GIT_DISCOVERY_ACROSS_FILESYSTEM", "1");
    if let Some(folder) = &surroundings.temporary_folder {
        command.env("TMPDIR", folder);
    }
    let (end, terminal) = match (end, start.channel) {
        (Some(end), _) => (clone(end)?, None),
        (None, Channel::Terminal(size)) => {
            let Terminal { program, command } = terminal::open(size)
                .map_err(|error| failed("a terminal could not be opened", error))?;
            (command, Some(program))
        }
        (None, Channel::Pipe) => return Err(failed("the command's pipe is missing", Errno::BADF)),
    };
    let input = match start.channel {
        Channel::Pipe => Stdio::null(),
        Channel::Terminal(_) => clone(&end)?.into(),
    };
    command.stdin(input).stdout(clone(&end)?).stderr(end);
    let filter = surroundings
        .filters
        .get(start.network)
        .map_err(|error| News::Failed {
            what: error.to_string(),
            errno: 0,
        })?;
    prepare_child(&mut command, start.channel, filter);
    let child = command
        .spawn()
        .map_err(|error| failed("the shell could not be started", error))?;
    Ok(Running {
        shell: Pid::from_child(&child),
        terminal,
    })
}

/// A session of its own: it has no terminal but the one it is given, and its processes are known by the session. Then the
/// last wall, which differs from command to command.
#[allow(unsafe_code)]
fn prepare_child(command: &mut Command, channel: Channel, filter: Arc<SocketFilter>) {
    let has_terminal = matches!(channel, Channel::Terminal(_));
    // SAFETY: between fork and exec the closure makes system calls and allocates nothing; descriptor 0 is open, for it has
    // just been set.
    unsafe {
        command.pre_exec(move || {
            receive_all_signals()?;
            setsid()?;
            if has_terminal {
                ioctl_tiocsctty(BorrowedFd::borrow_raw(0))?;
            }
            filter.install()
        });
    }
}

/// This process blocks some.
#[allow(unsafe_code)]
fn receive_all_signals() -> io::Result<()> {
    // SAFETY: the set is initialised before it is used; the calls touch nothing else.
    let result = unsafe {
        let mut none = mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, ptr::null_mut())
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
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
