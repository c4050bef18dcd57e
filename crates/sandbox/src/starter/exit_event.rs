//! A descriptor that becomes readable when a child process has ended, so that one thread can wait for many.

use std::{io, os::fd::OwnedFd};

use rustix::process::Pid;

/// For a child that has not been waited for.
#[cfg(target_os = "linux")]
pub(super) fn exit_event(child: Pid) -> io::Result<OwnedFd> {
    use rustix::process::{PidfdFlags, pidfd_open};
    Ok(pidfd_open(child, PidfdFlags::empty())?)
}

/// For a child that has not been waited for. A thread waits for it and closes its end of a pipe; it ends with the child.
#[cfg(not(target_os = "linux"))]
pub(super) fn exit_event(child: Pid) -> io::Result<OwnedFd> {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    let (reader, writer) = io::pipe()?;
    std::thread::Builder::new()
        .name("exit of a command".into())
        .spawn(move || {
            // The child stays to be collected: its id must not go to another process yet.
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while waitid(WaitId::Pid(child), options) == Err(rustix::io::Errno::INTR) {}
            drop(writer);
        })?;
    Ok(reader.into())
}
