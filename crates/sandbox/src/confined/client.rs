//! The program's side of a confined process: starting it, asking it for commands, and ending it.

use std::{
    io,
    net::Shutdown,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Signal, WaitId, WaitIdOptions, pidfd_send_signal, waitid},
};

use super::{
    ConfinedStarter, Confinement, ConfinementError, SetupError, Step,
    error::OrStep,
    explanation, message,
    protocol::{JOINED, Order, Place, Report, Request},
    waiting::{Started, WaitingProcess},
};
use crate::{
    Beyond, Network, Wall,
    walls::{ControlGroup, ControlGroupEvents},
};

/// How long the setup may take. It takes milliseconds, but a disk may be slow.
const SETUP: Duration = Duration::from_secs(30);

/// How long to wait for what was asked to end.
const PATIENCE: Timespec = Timespec {
    tv_sec: 10,
    tv_nsec: 0,
};

/// A confined process. Dropping it ends it with everything that it has started.
pub struct ConfinedProcess {
    confinement: Confinement,
    socket: Mutex<UnixStream>,
    /// Bounds of the kernel's around all of them, where the machine has such; it goes when they have ended.
    group: Option<Arc<ControlGroup>>,
    /// Readable when the process has ended.
    process: OwnedFd,
    /// [`JOINED`], then perhaps that of the network; none where it has none of its own.
    namespaces: Vec<OwnedFd>,
    roots: Vec<OwnedFd>,
    /// Those that were started for commands that may reach further.
    beyond: Mutex<Vec<(Beyond, Arc<ConfinedProcess>)>>,
}

impl ConfinedProcess {
    /// Starts a process that is surrounded with `confinement`, and waits until it takes commands.
    ///
    /// # Errors
    /// When this system does not let it be; the error names the step.
    pub fn start(confinement: &Confinement) -> Result<Arc<Self>, ConfinementError> {
        WaitingProcess::begin(&confinement.limits, &confinement.hidden_variables)?
            .surround(confinement)
    }

    /// Makes the first process of a task of one that waits.
    pub(super) fn first(
        started: Started,
        confinement: &Confinement,
    ) -> Result<Arc<Self>, ConfinementError> {
        if confinement.wall == Wall::None {
            return Err(ConfinementError::NoSuchWall(Wall::None));
        }
        let order = Order {
            place: Place::First,
            confinement: confinement.clone(),
            // Without a network of its own the rules must keep commands off the machine's.
            network: match confinement.wall {
                Wall::Overlay => Network::Loopback,
                _ => Network::None,
            },
            writable: Vec::new(),
        };
        Self::order(started, order, &[])
    }

    /// The roots of the overlays in their order, for reading and writing in this process what commands see.
    ///
    /// They are directory descriptors of mounts that have no place in this process's tree. Paths below them are to be
    /// opened without following symbolic links (`openat2`, `RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS`): an absolute link
    /// would lead into the machine's tree.
    ///
    /// # Errors
    /// When there are too many open files.
    pub fn roots(&self) -> io::Result<Vec<OwnedFd>> {
        self.roots.iter().map(OwnedFd::try_clone).collect()
    }

    /// Starts commands in it.
    pub fn starter(self: &Arc<Self>) -> ConfinedStarter {
        ConfinedStarter::new(self.clone())
    }

    /// The wall around it.
    pub fn wall(&self) -> Wall {
        self.confinement.wall
    }

    /// What it was started with.
    pub(super) fn confinement(&self) -> &Confinement {
        &self.confinement
    }

    /// The process for commands that may reach as far as `beyond`; it is started for the first of them.
    pub(super) fn reaching(&self, beyond: &Beyond) -> Result<Arc<Self>, ConfinementError> {
        let mut started = lock(&self.beyond);
        // One that a command has killed is of no use.
        started.retain(|(_, process)| process.is_alive());
        if let Some((_, process)) = started.iter().find(|(reach, _)| reach == beyond) {
            return Ok(process.clone());
        }
        let process = self.start_reaching(beyond)?;
        started.push((beyond.clone(), process.clone()));
        Ok(process)
    }

    fn start_reaching(&self, beyond: &Beyond) -> Result<Arc<Self>, ConfinementError> {
        let place = match self.namespaces.is_empty() {
            true => Place::First,
            false => Place::Beside,
        };
        let namespaces = match beyond.network {
            Network::Shared => self.namespaces.get(..JOINED.len()).unwrap_or_default(),
            Network::None | Network::Loopback => &self.namespaces,
        };
        let order = Order {
            place,
            confinement: self.confinement.clone(),
            network: beyond.network,
            writable: beyond.writable.clone(),
        };
        let started = Started::spawn(&self.confinement.hidden_variables, self.group.clone());
        Self::order(started.map_err(ConfinementError::Spawn)?, order, namespaces)
    }

    /// Ends all commands of it and of those that reach further, with everything that they have left.
    pub(super) fn end_all(&self) {
        let beyond: Vec<_> = lock(&self.beyond)
            .iter()
            .map(|(_, process)| process.clone())
            .collect();
        beyond.iter().for_each(|process| process.end_all());
        let asked = ask(|done| self.request(&Request::EndAll, &[done]));
        // One that has ended has ended everything.
        if let Err(error) = asked
            && self.is_alive()
        {
            tracing::warn!(%error, "a task's commands could not be ended");
        }
    }

    pub(super) fn request(
        &self,
        request: &Request,
        descriptors: &[BorrowedFd<'_>],
    ) -> io::Result<()> {
        message::send(&lock(&self.socket), request, descriptors)
    }

    fn is_alive(&self) -> bool {
        !is_readable(self.process.as_fd(), Timespec::default())
    }

    /// What the kernel has refused to the task so far.
    pub(super) fn refused(&self) -> ControlGroupEvents {
        let events = self.group.as_ref().map(|group| group.events());
        events.unwrap_or_default()
    }

    fn order(
        started: Started,
        order: Order,
        descriptors: &[OwnedFd],
    ) -> Result<Arc<Self>, ConfinementError> {
        let Started {
            socket,
            mut between,
            group,
        } = started;
        let descriptors: Vec<_> = descriptors.iter().map(AsFd::as_fd).collect();
        let reports = match message::send(&socket, &order, &descriptors) {
            Ok(()) => Reports::receive(&socket),
            Err(_) => Reports::default(),
        };
        if reports.ready.is_none() {
            let _ = socket.shutdown(Shutdown::Both);
            let _ = between.0.kill();
        }
        // It ends as soon as it has forked.
        let _ = between.0.wait();
        match (reports.process, reports.ready) {
            (Some(process), Some(ready)) => Ok(Arc::new(Self {
                confinement: order.confinement,
                socket: Mutex::new(socket),
                group,
                process,
                namespaces: ready.namespaces,
                roots: ready.roots,
                beyond: Mutex::new(Vec::new()),
            })),
            (process, _) => {
                if let Some(process) = process {
                    end(&socket, &process);
                }
                Err(match reports.failed {
                    Some(error) => explanation::explained(error).into(),
                    None => ConfinementError::Ended,
                })
            }
        }
    }
}

impl Drop for ConfinedProcess {
    fn drop(&mut self) {
        lock(&self.beyond).clear();
        end(&lock(&self.socket), &self.process);
    }
}

/// What a confined process has reported until it was ready or had failed.
#[derive(Default)]
struct Reports {
    process: Option<OwnedFd>,
    ready: Option<Ready>,
    failed: Option<SetupError>,
}

struct Ready {
    namespaces: Vec<OwnedFd>,
    roots: Vec<OwnedFd>,
}

impl Reports {
    /// The two processes of the setup report independently of each other, so their order is open.
    fn receive(socket: &UnixStream) -> Self {
        let mut reports = Self::default();
        if let Err(error) = reports.receive_all(socket) {
            reports.failed.get_or_insert(error);
        }
        reports
    }

    fn receive_all(&mut self, socket: &UnixStream) -> Result<(), SetupError> {
        let failed = || "the confined process has not become ready in time";
        socket
            .set_read_timeout(Some(SETUP))
            .or_step(Step::Talk, failed)?;
        while self.process.is_none() || self.ready.is_none() {
            let received = message::receive::<Report>(socket).or_step(Step::Talk, failed)?;
            let Some((report, mut descriptors)) = received else {
                break;
            };
            match report {
                Report::Forked => self.process = descriptors.pop(),
                Report::Ready { namespaces } => {
                    let roots = descriptors.split_off(namespaces.min(descriptors.len()));
                    self.ready = Some(Ready {
                        namespaces: descriptors,
                        roots,
                    });
                }
                Report::Failed(error) => self.failed = Some(error),
            }
        }
        Ok(())
    }
}

/// Asks with the end of a pipe, and waits until that is closed.
pub(super) fn ask(request: impl FnOnce(BorrowedFd<'_>) -> io::Result<()>) -> io::Result<()> {
    let (done, closes) = io::pipe()?;
    request(closes.as_fd())?;
    drop(closes);
    if is_readable(done.as_fd(), PATIENCE) {
        Ok(())
    } else {
        Err(io::ErrorKind::TimedOut.into())
    }
}

/// Ends a process by closing its socket, or by force, and collects it. With it ends its process namespace.
fn end(socket: &UnixStream, process: &OwnedFd) {
    let _ = socket.shutdown(Shutdown::Both);
    if !is_readable(process.as_fd(), PATIENCE) {
        tracing::warn!("a confined process did not end by itself");
        let _ = pidfd_send_signal(process, Signal::KILL);
    }
    let _ = waitid(WaitId::PidFd(process.as_fd()), WaitIdOptions::EXITED);
}

fn is_readable(descriptor: BorrowedFd<'_>, patience: Timespec) -> bool {
    let mut event = [PollFd::from_borrowed_fd(descriptor, PollFlags::IN)];
    loop {
        match poll(&mut event, Some(&patience)) {
            Err(rustix::io::Errno::INTR) => {}
            ready => return ready.is_ok_and(|ready| ready > 0),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is under the locks is whole after each step.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
