//! Starts commands as the user, unconfined, through a shell.
//!
//! Each command has a process group of its own, or a session for a terminal, and a mark in its environment by which
//! what leaves the group is found. A watchdog ends everything should this program be killed.

use std::{
    ffi::OsString,
    io,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, OnceLock, PoisonError},
    time::{Duration, SystemTime},
};

use rustix::{
    io::{Errno, ioctl_fionbio},
    process::{Pid, kill_process_group},
};

use super::{
    Channel, CommandLine, Control, MARK, Signal, Started, Starter, StarterError, environment,
    exit_event::exit_event,
    inheritance,
    terminal::{self, Terminal},
};
use crate::{Exit, descendants, watchdog::Watchdog};

/// Starts commands as the user, unconfined.
pub struct DirectStarter {
    shell: PathBuf,
    hidden: Vec<String>,
    mark: String,
    watchdog: OnceLock<Option<Watchdog>>,
}

impl DirectStarter {
    /// A starter whose commands do not see the environment variables called `hidden`, and inherit no descriptor that
    /// the program has now but its standard ones.
    pub fn new(hidden: Vec<String>) -> Self {
        inheritance::stop();
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or(Duration::ZERO);
        Self {
            shell: shell(),
            hidden,
            mark: format!("{}-{}", std::process::id(), now.as_nanos()),
            watchdog: OnceLock::new(),
        }
    }

    /// Starts the command by another program, which gets the shell and its arguments behind those of `before`.
    pub(crate) fn start_behind(
        &self,
        before: &[OsString],
        line: &CommandLine,
        name: &str,
    ) -> Result<Started, StarterError> {
        if !line.folder.is_dir() {
            return Err(StarterError::NoFolder(line.folder.clone()));
        }
        if line.text.contains('\0') {
            return Err(StarterError::Nul);
        }
        self.watchdog.get_or_init(|| {
            Watchdog::start(&self.mark)
                .inspect_err(|error| tracing::warn!(%error, "no watchdog for commands"))
                .ok()
        });
        let mark = format!("{}.{name}.", self.mark);
        let command = self.command(before, line, &mark);
        let (child, output, input) = match line.channel {
            Channel::Pipe => start_with_pipe(command)?,
            Channel::Terminal(size) => {
                let terminal = terminal::open(size)
                    .map_err(StarterError::system("a terminal could not be opened"))?;
                start_with_terminal(command, terminal)?
            }
        };
        let control = DirectControl::new(child, mark)?;
        ioctl_fionbio(&output, true)
            .map_err(StarterError::system("the output could not be prepared"))?;
        Ok(Started {
            output,
            input,
            control: Box::new(control),
        })
    }

    fn command(&self, before: &[OsString], line: &CommandLine, mark: &str) -> Command {
        let mut words = before
            .iter()
            .map(OsString::as_os_str)
            .chain([self.shell.as_os_str()]);
        let mut command = Command::new(words.next().expect("the shell is a word"));
        command
            .args(words)
            .arg("-c")
            .arg(&line.text)
            .current_dir(&line.folder);
        // `pwd` and what relies on it keep the path's own words where it leads through a link.
        command.env("PWD", &line.folder);
        environment::apply(&mut command, line.channel, &self.hidden, mark);
        command
    }
}

impl Starter for DirectStarter {
    fn start(&self, line: &CommandLine, name: &str) -> Result<Started, StarterError> {
        self.start_behind(&[], line, name)
    }

    fn end_all(&self) {
        descendants::end_marked(MARK, &format!("{}.", self.mark));
    }
}

/// The shell that commands are given to: the user's where it understands what models write, else the system's `bash` or
/// `sh`.
pub fn shell() -> PathBuf {
    let users = std::env::var_os("SHELL").map(PathBuf::from);
    let understands = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        matches!(name, Some("bash" | "zsh" | "sh" | "dash" | "ksh")) && path.is_file()
    };
    users
        .filter(|path| path.is_absolute())
        .filter(understands)
        .or_else(|| find_program("bash"))
        .unwrap_or_else(|| Path::new("/bin/sh").into())
}

fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_absolute() && program.is_file())
}

type Ends = (Child, OwnedFd, Option<OwnedFd>);

/// Without code between fork and exec the standard library takes its fastest way (`posix_spawn`).
fn start_with_pipe(mut command: Command) -> Result<Ends, StarterError> {
    let (reader, writer) =
        io::pipe().map_err(StarterError::system("a pipe could not be opened"))?;
    let second = writer
        .try_clone()
        .map_err(StarterError::system("a pipe could not be opened"))?;
    let child = command
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(second)
        .process_group(0)
        .spawn()
        .map_err(StarterError::system("the shell could not be started"))?;
    Ok((child, reader.into(), None))
}

#[allow(unsafe_code)]
fn start_with_terminal(mut command: Command, terminal: Terminal) -> Result<Ends, StarterError> {
    let clone = |end: &OwnedFd| {
        end.try_clone()
            .map_err(StarterError::system("a terminal could not be opened"))
    };
    command
        .stdin(clone(&terminal.command)?)
        .stdout(clone(&terminal.command)?)
        .stderr(terminal.command);
    // SAFETY: between fork and exec the closure makes two system calls and allocates nothing; descriptor 0 is open,
    // for it has just been set to the terminal.
    unsafe {
        command.pre_exec(|| {
            rustix::process::setsid()?;
            rustix::process::ioctl_tiocsctty(BorrowedFd::borrow_raw(0))?;
            Ok(())
        });
    }
    let child = command
        .spawn()
        .map_err(StarterError::system("the shell could not be started"))?;
    let input = clone(&terminal.program)?;
    Ok((child, terminal.program, Some(input)))
}

/// The handle on a command's processes.
struct DirectControl {
    group: Pid,
    ended: OwnedFd,
    mark: String,
    state: Mutex<ChildState>,
}

struct ChildState {
    child: Child,
    /// Until the shell is collected its id, and so its group's, cannot go to anybody else.
    is_collected: bool,
}

impl DirectControl {
    fn new(mut child: Child, mark: String) -> Result<Self, StarterError> {
        let group = Pid::from_child(&child);
        let ended = exit_event(group).map_err(|error| {
            // Without its end being seen the command cannot be looked after.
            let _ = kill_process_group(group, rustix::process::Signal::KILL);
            let _ = child.wait();
            StarterError::system("the command's end could not be watched")(error)
        })?;
        let state = Mutex::new(ChildState {
            child,
            is_collected: false,
        });
        Ok(Self {
            group,
            ended,
            mark,
            state,
        })
    }

    /// Signals the group while it is certainly this command's.
    fn signal_group(&self, signal: rustix::process::Signal) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is_collected {
            return;
        }
        // What is stopped would not see the signal.
        for signal in [signal, rustix::process::Signal::CONT] {
            if let Err(error) = kill_process_group(self.group, signal)
                && error != Errno::SRCH
            {
                tracing::warn!(%error, group = ?self.group, "a command's group could not be signalled");
            }
        }
    }
}

impl Control for DirectControl {
    fn ended(&self) -> BorrowedFd<'_> {
        self.ended.as_fd()
    }

    fn collect(&self) -> Exit {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.is_collected = true;
        state.child.wait().map_or(Exit::Unknown, Exit::from)
    }

    /// Nothing looks at what it takes.
    fn note(&self) -> Option<String> {
        None
    }

    fn signal(&self, signal: Signal) {
        self.signal_group(match signal {
            Signal::Interrupt => rustix::process::Signal::INT,
            Signal::Terminate => rustix::process::Signal::TERM,
        });
    }

    fn force(&self) {
        self.signal_group(rustix::process::Signal::KILL);
        descendants::end_marked(MARK, &self.mark);
    }
}
