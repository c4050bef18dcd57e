//! What a confined process does from its first moment on: namespaces, mounts, walls, then the loop over requests.
//!
//! Everything here runs in a process with one thread that nobody else knows. It ends when the program closes the socket.

mod command;
mod command_loop;
mod devices;
mod masks;
mod members;
mod mount;
mod namespaces;
mod new_root;
mod privileges;

use std::{
    convert::Infallible,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
    process,
};

use rustix::process::{Pid, PidfdFlags, getpid, pidfd_open};

use super::{
    Confinement, SetupError, Step,
    error::OrStep,
    message,
    protocol::{Order, Report},
};
use crate::Wall;
use command_loop::CommandLoop;
use namespaces::Side;

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
    match received {
        Some((Order::New(confinement), _)) => begin(socket, &confinement),
        Some((Order::Join { writable, .. }, namespaces)) => {
            namespaces::join(&namespaces)?;
            fork(socket)?;
            new_root::make_writable(&writable)?;
            finish(socket, &[])
        }
        None => process::exit(FAILED),
    }
}

fn begin(socket: &UnixStream, confinement: &Confinement) -> Result<Infallible, SetupError> {
    if confinement.wall == Wall::Copy {
        namespaces::become_subreaper()?;
        fork(socket)?;
        return finish(socket, &[]);
    }
    namespaces::enter(confinement.wall)?;
    fork(socket)?;
    if confinement.wall == Wall::Overlay {
        namespaces::raise_loopback()?;
    }
    let roots = new_root::enter(confinement)?;
    let mut handles = namespaces::handles()?;
    handles.extend(roots);
    finish(socket, &handles)
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
fn finish(socket: &UnixStream, handles: &[OwnedFd]) -> Result<Infallible, SetupError> {
    privileges::give_up()?;
    let command_loop =
        CommandLoop::new(socket).or_step(Step::Walls, || "commands could not be watched")?;
    let handles: Vec<BorrowedFd<'_>> = handles.iter().map(AsFd::as_fd).collect();
    message::send(socket, &Report::Ready, &handles)
        .or_step(Step::Talk, || "the program could not be told")?;
    command_loop.run();
    process::exit(0)
}

/// Whether this process is the first of its process namespace: all others in it are the task's and end with it.
///
/// No other confined process can be: each has been forked by one that was there before.
fn is_first() -> bool {
    getpid() == Pid::INIT
}
