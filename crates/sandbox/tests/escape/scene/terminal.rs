//! The user's terminal, from which the server was started: nobody but the server may write there, and nobody may type.

use std::{
    fs::{File, OpenOptions},
    io::Read,
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::OpenOptionsExt,
    },
    path::PathBuf,
};

use rustix::{
    io::ioctl_fionread,
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr},
};

/// A terminal with somebody before it.
pub(crate) struct Terminal {
    screen: File,
    /// The server's, and the attempt's if it can get at it.
    pub(crate) line: OwnedFd,
    /// Its path.
    pub(crate) name: PathBuf,
}

impl Terminal {
    pub(super) fn open() -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let screen = openpt(flags).unwrap();
        grantpt(&screen).unwrap();
        unlockpt(&screen).unwrap();
        let name = PathBuf::from(ptsname(&screen, Vec::new()).unwrap().into_string().unwrap());
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).custom_flags(libc::O_NOCTTY);
        let line = OwnedFd::from(options.open(&name).unwrap());
        // What is typed can be read at once, and is not shown.
        let mut attributes = tcgetattr(&line).unwrap();
        attributes.local_modes &= !(LocalModes::ICANON | LocalModes::ECHO);
        tcsetattr(&line, OptionalActions::Now, &attributes).unwrap();
        rustix::io::ioctl_fionbio(&screen, true).unwrap();
        Self {
            screen: screen.into(),
            line,
            name,
        }
    }

    /// What was written or typed.
    pub(super) fn disturbance(&mut self) -> Option<String> {
        let mut written = [0; 100];
        if let Ok(count @ 1..) = self.screen.read(&mut written) {
            return Some(format!(
                "written: {:?}",
                String::from_utf8_lossy(&written[..count])
            ));
        }
        let typed = ioctl_fionread(self.line.as_fd()).unwrap();
        (typed > 0).then(|| format!("typed: {typed} bytes"))
    }
}
