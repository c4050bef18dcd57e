//! What a confined process does from its first moment on: namespaces, mounts, walls, then the loop over requests.
//!
//! Everything here runs in a process with one thread that nobody else knows. It ends when the program closes the socket.

mod command;
mod command_loop;
mod devices;
mod guard;
mod masks;
mod members;
mod mount;
mod mount_points;
mod namespaces;
mod new_root;
mod privileges;
mod restrictions;

use std::{
    convert::Infallible,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
    path::PathBuf,
    process,
};

use rustix::process::{Pid, PidfdFlags, getpid, pidfd_open};

use super::{
    SetupError, Step,
    error::OrStep,
    message,
    protocol::{Order, Place, Report},
};
use crate::{Wall, walls::Watch};
use command::Surroundings;
use command_loop::CommandLoop;
use namespaces::Side;
use restrictions::Filters;

/// The exit code of a process that could not become a confined one; nobody reads it.
const FAILED: i32 = 1;

/// Becomes what the order says that comes over the standard input.
pub(super) fn run() -> ! {
    let Ok(socket) = namespaces::take_socket() else {
        process::exit(FAILED);
    };
    let Err(error) = obey(&socket);
    // If the program is gone there is nobody to tell.
    let _ = message::send(&socket, &Report::Failed(error), &[]);
    process::exit(FAILED);
}

fn obey(socket: &UnixStream) -> Result<Infallible, SetupError> {
    let received =
        message::receive::<Order>(socket).or_step(Step::Talk, || "the order was not understood")?;
    let Some((order, namespaces)) = received else {
        process::exit(FAILED);
    };
    match (order.place, order.confinement.wall) {
        (Place::Beside, _) => {
            namespaces::join(&namespaces)?;
            fork(socket)?;
            let handles = Handles {
                writable: new_root::make_writable(&order.writable)?,
                ..Handles::default()
            };
            finish(socket, &order, handles)
        }
        (Place::First, Wall::Copy | Wall::None) => {
            fork(socket)?;
            guard::stand()?;
            let handles = Handles {
                disk: restrictions::folders_on_disk(&order.confinement)?,
                writable: order
                    .writable
                    .iter()
                    .map(|path| mount::open_exactly(path))
                    .collect::<Result<_, _>>()?,
                ..Handles::default()
            };
            finish(socket, &order, handles)
        }
        (Place::First, wall) => {
            namespaces::enter(wall)?;
            fork(socket)?;
            if wall == Wall::Overlay {
                namespaces::raise_loopback()?;
            }
            let handles = Handles {
                disk: restrictions::folders_on_disk(&order.confinement)?,
                roots: new_root::enter(&order.confinement)?,
                namespaces: namespaces::handles(wall)?,
                ..Handles::default()
            };
            finish(socket, &order, handles)
        }
    }
}

/// What was opened on the way.
#[derive(Default)]
struct Handles {
    /// The folders in which the task takes disk; one beside the first leaves them to that.
    disk: Vec<OwnedFd>,
    /// What of the machine commands may write besides.
    writable: Vec<OwnedFd>,
    /// For the program.
    roots: Vec<OwnedFd>,
    /// For the program.
    namespaces: Vec<OwnedFd>,
}

/// Goes on in a child, which is where the new process namespace begins; this process ends.
fn fork(socket: &UnixStream) -> Result<(), SetupError> {
    match namespaces::fork_sibling()? {
        Side::Child => Ok(()),
        Side::Parent(child) => {
            let told = report_fork(socket, child);
            process::exit(if told.is_ok() { 0 } else { FAILED });
        }
    }
}

fn report_fork(socket: &UnixStream, child: Pid) -> std::io::Result<()> {
    let handle = pidfd_open(child, PidfdFlags::empty())?;
    message::send(socket, &Report::Forked, &[handle.as_fd()])
}

/// Gives up what is not needed any more, and serves until the program is gone.
fn finish(socket: &UnixStream, order: &Order, handles: Handles) -> Result<Infallible, SetupError> {
    if !is_first() {
        namespaces::become_subreaper()?;
    }
    privileges::give_up()?;
    restrictions::put_up(order, &handles.disk, &handles.writable)?;
    drop(handles.writable);
    let watch = Watch::new(order.confinement.limits, handles.disk);
    let surroundings = Surroundings {
        filters: Filters::new(order),
        temporary_folder: temporary_folder(order),
    };
    let command_loop = CommandLoop::new(socket, surroundings, watch)
        .or_step(Step::Walls, || "commands could not be watched")?;
    let ready = Report::Ready {
        namespaces: handles.namespaces.len(),
    };
    let descriptors = handles.namespaces.iter().chain(&handles.roots);
    let descriptors: Vec<BorrowedFd<'_>> = descriptors.map(AsFd::as_fd).collect();
    message::send(socket, &ready, &descriptors)
        .or_step(Step::Talk, || "the program could not be told")?;
    drop(descriptors);
    drop((handles.roots, handles.namespaces));
    command_loop.run();
    process::exit(0)
}

/// Where commands keep temporary files, if not in `/tmp`.
fn temporary_folder(order: &Order) -> Option<PathBuf> {
    let confinement = &order.confinement;
    (confinement.wall == Wall::Copy).then(|| restrictions::copy_temporary_folder(confinement))
}

/// Whether this process is the first of its process namespace: all others in it are the task's and end with it.
///
/// No other confined process can be: each has been forked by one that was there before.
fn is_first() -> bool {
    getpid() == Pid::INIT
}
