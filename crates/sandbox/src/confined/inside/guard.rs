//! A process above the confined one where there is no process namespace: when that ends, however that comes about, the
//! guard ends whatever it has left.
//!
//! Commands could kill the confined process, which is their user's; access rules keep them from the guard, who stands
//! outside of these.

use std::{io, process};

use rustix::{
    io::Errno,
    process::{Pid, WaitOptions, wait},
};

use super::{
    members::{self, Members},
    namespaces,
};
use crate::confined::{SetupError, Step, error::OrStep};

/// Forks; the parent stands guard and never returns, the child goes on.
#[allow(unsafe_code)]
pub(super) fn stand() -> Result<(), SetupError> {
    // What loses its parent comes to the guard, should the confined process not be there any more.
    namespaces::become_subreaper()?;
    // SAFETY: the process has one thread, so the child may do whatever its parent could.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()).or_step(
            Step::Namespaces,
            || "the task's process could not be forked",
        ),
        0 => Ok(()),
        number => {
            close_all();
            wait_for(Pid::from_raw(number));
            members::end(&Members::All);
            process::exit(0)
        }
    }
}

/// The program must see the confined process's end, not the guard's.
#[allow(unsafe_code)]
fn close_all() {
    // SAFETY: this process opens and uses nothing any more that it had open.
    unsafe { libc::syscall(libc::SYS_close_range, 0, libc::c_uint::MAX, 0) };
}

/// Collects children until `child` has ended.
fn wait_for(child: Option<Pid>) {
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((ended, _))) if Some(ended) == child => return,
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return,
        }
    }
}
