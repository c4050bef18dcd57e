//! How a command ended, in numbers and in words.

use serde::{Deserialize, Serialize};
use std::{fmt, os::unix::process::ExitStatusExt, process::ExitStatus};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exit {
    /// By itself, with this code, 0 to 255.
    Code(i32),
    /// By this signal's number.
    Signal(i32),
    /// In a way that nobody could learn.
    Unknown,
}

impl Exit {
    /// The code of a command that ended by itself.
    pub fn code(self) -> Option<i32> {
        match self {
            Self::Code(code) => Some(code),
            Self::Signal(_) | Self::Unknown => None,
        }
    }
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Code(code),
            (None, Some(signal)) => Self::Signal(signal),
            (None, None) => Self::Unknown,
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(formatter, "exited with code {code}"),
            Self::Signal(number) => match name(*number) {
                Some(name) => write!(formatter, "was ended by signal {name}"),
                None => write!(formatter, "was ended by signal {number}"),
            },
            Self::Unknown => write!(formatter, "ended, nobody knows how"),
        }
    }
}

/// The names of the signals that end processes and have the same number on every system we run on, and SIGBUS.
fn name(number: i32) -> Option<&'static str> {
    use rustix::process::Signal;
    let names = [
        (Signal::HUP, "SIGHUP"),
        (Signal::INT, "SIGINT"),
        (Signal::QUIT, "SIGQUIT"),
        (Signal::ILL, "SIGILL"),
        (Signal::TRAP, "SIGTRAP"),
        (Signal::ABORT, "SIGABRT"),
        (Signal::BUS, "SIGBUS"),
        (Signal::FPE, "SIGFPE"),
        (Signal::KILL, "SIGKILL"),
        (Signal::USR1, "SIGUSR1"),
        (Signal::SEGV, "SIGSEGV (invalid memory access)"),
        (Signal::USR2, "SIGUSR2"),
        (Signal::PIPE, "SIGPIPE"),
        (Signal::ALARM, "SIGALRM"),
        (Signal::TERM, "SIGTERM"),
        (Signal::XCPU, "SIGXCPU (processor time used up)"),
        (Signal::XFSZ, "SIGXFSZ (file too large)"),
        (Signal::SYS, "SIGSYS (system call not allowed)"),
    ];
    names
        .into_iter()
        .find(|(signal, _)| signal.as_raw() == number)
        .map(|(_, name)| name)
}
