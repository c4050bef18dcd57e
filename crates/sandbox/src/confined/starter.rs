//! Starts commands in a confined process, or in one beside it that reaches further, or as the user if a person has said so.

use std::{
    io, iter,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
    path::PathBuf,
    sync::{Arc, OnceLock, Weak},
    time::{Duration, SystemTime},
};

use rustix::io::ioctl_fionbio;

use super::{
    ConfinedProcess, ConfinementError,
    client::ask,
    message,
    protocol::{News, Request, Start, Told},
};
use crate::{
    Beyond, Channel, CommandLine, Control, DirectStarter, Exit, Network, Reach, Signal, Started,
    Starter, StarterError, Wall, shell, starter::terminal, walls::ControlGroupEvents,
};

/// Starts commands in a confined process.
pub struct ConfinedStarter {
    process: Arc<ConfinedProcess>,
    shell: PathBuf,
    mark: String,
    /// For commands that a person has let out.
    unconfined: OnceLock<DirectStarter>,
}

impl ConfinedStarter {
    pub(super) fn new(process: Arc<ConfinedProcess>) -> Self {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or(Duration::ZERO);
        Self {
            process,
            shell: shell(),
            mark: format!("{}-{}", std::process::id(), now.as_nanos()),
            unconfined: OnceLock::new(),
        }
    }

    fn unconfined(&self) -> &DirectStarter {
        let hidden = &self.process.confinement().hidden_variables;
        self.unconfined
            .get_or_init(|| DirectStarter::new(hidden.clone()))
    }

    /// The process for what `beyond` allows, and the network that its system call filter lets through.
    fn reaching(&self, beyond: &Beyond) -> Result<(Arc<ConfinedProcess>, Network), StarterError> {
        match beyond.network {
            Network::Loopback if self.process.wall() != Wall::Overlay => Err(StarterError::Reach(
                "a loopback of its own is not to be had with the walls of this system; only the whole network is".into(),
            )),
            Network::None | Network::Loopback if beyond.writable.is_empty() => {
                Ok((self.process.clone(), beyond.network))
            }
            network => Ok((self.process.reaching(beyond).map_err(beyond_failed)?, network)),
        }
    }
}

fn beyond_failed(error: ConfinementError) -> StarterError {
    StarterError::Reach(format!("the command cannot be let out so far: {error}"))
}

impl Starter for ConfinedStarter {
    fn start(&self, line: &CommandLine, name: &str) -> Result<Started, StarterError> {
        if line.text.contains('\0') {
            return Err(StarterError::Nul);
        }
        let (process, network) = match &line.reach {
            Reach::Twin => (self.process.clone(), Network::None),
            Reach::Beyond(beyond) => self.reaching(beyond)?,
            Reach::Unconfined => return self.unconfined().start(line, name),
        };
        let start = Start {
            shell: self.shell.clone(),
            text: line.text.clone(),
            folder: line.folder.clone(),
            channel: line.channel,
            network,
            mark: format!("{}.{name}.", self.mark),
        };
        start_in(&process, start)
    }

    fn end_all(&self) {
        self.process.end_all();
        if let Some(unconfined) = self.unconfined.get() {
            unconfined.end_all();
        }
    }
}

fn start_in(process: &Arc<ConfinedProcess>, start: Start) -> Result<Started, StarterError> {
    let folder = start.folder.clone();
    let (control, other) =
        UnixStream::pair().map_err(StarterError::system("a socket could not be opened"))?;
    let ends = Ends::open(start.channel, process.wall())?;
    let descriptors: Vec<_> = iter::once(other.as_fd())
        .chain(ends.command.iter().map(AsFd::as_fd))
        .collect();
    process
        .request(&Request::Start(start), &descriptors)
        .map_err(StarterError::system(GONE))?;
    // Who waits for an end must not hold it open.
    drop(other);
    drop(ends.command);
    let news = message::receive::<News>(&control).map_err(StarterError::system(GONE))?;
    let inside = match news {
        Some((News::Started, descriptors)) => descriptors.into_iter().next(),
        Some((News::NoFolder, _)) => return Err(StarterError::NoFolder(folder)),
        Some((News::Failed { what, errno }, _)) => {
            return Err(StarterError::Inside {
                what,
                source: io::Error::from_raw_os_error(errno),
            });
        }
        Some((News::Ended { .. }, _)) | None => return Err(gone()),
    };
    let output = ends.program.or(inside).ok_or_else(gone)?;
    let prepared = "the output could not be prepared";
    let input = match ends.channel {
        Channel::Pipe => None,
        Channel::Terminal(_) => Some(output.try_clone().map_err(StarterError::system(prepared))?),
    };
    ioctl_fionbio(&output, true).map_err(StarterError::system(prepared))?;
    Ok(Started {
        output,
        input,
        control: Box::new(ConfinedControl::new(control, process)),
    })
}

/// The ends of a command's pipe or terminal, as far as they are made here.
struct Ends {
    channel: Channel,
    program: Option<OwnedFd>,
    command: Option<OwnedFd>,
}

impl Ends {
    /// A terminal is made inside, where it has a name, unless the commands could reach other terminals there.
    fn open(channel: Channel, wall: Wall) -> Result<Self, StarterError> {
        let (program, command) = match (channel, wall) {
            (Channel::Pipe, _) => {
                let (reader, writer) =
                    io::pipe().map_err(StarterError::system("a pipe could not be opened"))?;
                (Some(reader.into()), Some(writer.into()))
            }
            (Channel::Terminal(size), Wall::Copy) => {
                let terminal = terminal::open(size)
                    .map_err(StarterError::system("a terminal could not be opened"))?;
                (Some(terminal.program), Some(terminal.command))
            }
            (Channel::Terminal(_), _) => (None, None),
        };
        Ok(Self {
            channel,
            program,
            command,
        })
    }
}

/// What to say when it does not answer.
const GONE: &str = "the confined process does not take commands any more";

fn gone() -> StarterError {
    StarterError::system(GONE)(io::Error::from(io::ErrorKind::BrokenPipe))
}

/// The handle on a command: its own socket to the confined process.
struct ConfinedControl {
    control: UnixStream,
    /// The process is not kept for the sake of a command.
    process: Weak<ConfinedProcess>,
    /// What the kernel had refused to the task before.
    refused_before: ControlGroupEvents,
    note: OnceLock<String>,
}

impl ConfinedControl {
    fn new(control: UnixStream, process: &Arc<ConfinedProcess>) -> Self {
        Self {
            control,
            process: Arc::downgrade(process),
            refused_before: process.refused(),
            note: OnceLock::new(),
        }
    }

    fn tell(&self, told: &Told, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        message::send(&self.control, told, descriptors)
    }

    /// Why the kernel may have ended it, or part of it.
    fn note_of_the_kernels(&self) -> Option<String> {
        let refused = self.process.upgrade()?.refused();
        if refused.ended_for_memory > self.refused_before.ended_for_memory {
            return Some("the task's memory was full, so the system ended processes of it".into());
        }
        let is_refused = refused.refused_processes > self.refused_before.refused_processes;
        is_refused.then(|| "the task had so many processes that the system refused more".into())
    }
}

impl Control for ConfinedControl {
    fn ended(&self) -> BorrowedFd<'_> {
        self.control.as_fd()
    }

    fn collect(&self) -> Exit {
        let (exit, note) = match message::receive(&self.control) {
            Ok(Some((News::Ended { exit, note }, _))) => (exit, note),
            // The confined process has ended, and the command with it.
            _ => (Exit::Unknown, None),
        };
        if let Some(note) = note.or_else(|| self.note_of_the_kernels()) {
            let _ = self.note.set(note);
        }
        exit
    }

    fn note(&self) -> Option<String> {
        self.note.get().cloned()
    }

    fn signal(&self, signal: Signal) {
        if let Err(error) = self.tell(&Told::Signal(signal), &[]) {
            tracing::debug!(%error, "a command could not be signalled");
        }
    }

    fn force(&self) {
        if let Err(error) = ask(|done| self.tell(&Told::Force, &[done])) {
            tracing::debug!(%error, "a command could not be forced to end");
        }
    }
}
