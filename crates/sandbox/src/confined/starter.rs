//! Starts commands in a confined process, or in one beside it that reaches further, or as the user if a person has said so.

use std::{
    io,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
    path::PathBuf,
    sync::{Arc, OnceLock},
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
    Starter, StarterError, Wall, shell,
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
            Network::Loopback => Err(StarterError::Reach(
                "a command can have its own loopback or write outside of the twin, but not both".into(),
            )),
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

fn start_in(process: &ConfinedProcess, start: Start) -> Result<Started, StarterError> {
    let gone = StarterError::system("the confined process does not take commands any more");
    let folder = start.folder.clone();
    let channel = start.channel;
    let prepared = StarterError::system("the output could not be prepared");
    let (control, other) =
        UnixStream::pair().map_err(StarterError::system("a socket could not be opened"))?;
    let (reader, writer) = match channel {
        Channel::Pipe => io::pipe().map(|(reader, writer)| (Some(reader), Some(writer))),
        Channel::Terminal(_) => Ok((None, None)),
    }
    .map_err(StarterError::system("a pipe could not be opened"))?;
    let mut descriptors = vec![other.as_fd()];
    descriptors.extend(writer.iter().map(AsFd::as_fd));
    let news = process
        .request(&Request::Start(start), &descriptors)
        .and_then(|()| {
            drop((other, writer));
            message::receive::<News>(&control)
        })
        .map_err(gone)?;
    let terminal = match news {
        Some((News::Started, descriptors)) => descriptors.into_iter().next(),
        Some((News::NoFolder, _)) => return Err(StarterError::NoFolder(folder)),
        Some((News::Failed { what, errno }, _)) => {
            return Err(StarterError::Inside {
                what,
                source: io::Error::from_raw_os_error(errno),
            });
        }
        Some((News::Ended(_), _)) | None => return Err(gone_by_itself()),
    };
    let input = terminal
        .as_ref()
        .map(OwnedFd::try_clone)
        .transpose()
        .map_err(StarterError::system("the terminal could not be prepared"))?;
    let output = reader
        .map(OwnedFd::from)
        .or(terminal)
        .ok_or_else(gone_by_itself)?;
    ioctl_fionbio(&output, true).map_err(prepared)?;
    Ok(Started {
        output,
        input,
        control: Box::new(ConfinedControl { control }),
    })
}

fn gone_by_itself() -> StarterError {
    StarterError::system("the confined process does not take commands any more")(io::Error::from(
        io::ErrorKind::BrokenPipe,
    ))
}

/// The handle on a command: its own socket to the confined process.
struct ConfinedControl {
    control: UnixStream,
}

impl ConfinedControl {
    fn tell(&self, told: &Told, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        message::send(&self.control, told, descriptors)
    }
}

impl Control for ConfinedControl {
    fn ended(&self) -> BorrowedFd<'_> {
        self.control.as_fd()
    }

    fn collect(&self) -> Exit {
        match message::receive(&self.control) {
            Ok(Some((News::Ended(exit), _))) => exit,
            // The confined process has ended, and the command with it.
            _ => Exit::Unknown,
        }
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
