//! A pseudo terminal: the program's end and the command's end.

use std::os::fd::OwnedFd;

use rustix::{
    fs::{Mode, OFlags},
    io::{Errno, FdFlags, fcntl_setfd},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{OptionalActions, OutputModes, Winsize, tcgetattr, tcsetattr, tcsetwinsize},
};

use super::TerminalSize;

/// Both ends of a terminal.
pub(crate) struct Terminal {
    /// The program's end.
    pub(crate) program: OwnedFd,
    /// The command's end.
    pub(crate) command: OwnedFd,
}

/// Opens a terminal that prints line feeds as they are: the carriage returns before them are for screens.
pub(crate) fn open(size: TerminalSize) -> Result<Terminal, Errno> {
    let program = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    fcntl_setfd(&program, FdFlags::CLOEXEC)?;
    grantpt(&program)?;
    unlockpt(&program)?;
    let path = ptsname(&program, Vec::new())?;
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let command = rustix::fs::open(path, flags, Mode::empty())?;
    let mut modes = tcgetattr(&command)?;
    modes.output_modes.remove(OutputModes::ONLCR);
    tcsetattr(&command, OptionalActions::Now, &modes)?;
    resize(&command, size)?;
    Ok(Terminal { program, command })
}

/// Tells the programs in a terminal, either end of which this is, that it has another size.
pub(crate) fn resize(end: &OwnedFd, size: TerminalSize) -> Result<(), Errno> {
    let size = Winsize {
        ws_row: size.rows,
        ws_col: size.columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(end, size)
}
