//! Why there is no confined process: which step failed and what the system said.

use std::{fmt, io};

use serde::{Deserialize, Serialize};

use crate::Wall;

/// Why there is no confined process.
#[derive(Debug, thiserror::Error)]
pub enum ConfinementError {
    /// The program cannot execute itself.
    #[error("the confined process could not be started: {0}")]
    Spawn(io::Error),
    /// A step inside failed.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// It was killed, or the program does not call [`super::run_if_asked`].
    #[error("the confined process ended before it was ready")]
    Ended,
    /// Nothing of the kind here.
    #[error("this system has no such wall: {0}")]
    NoSuchWall(Wall),
}

/// The step of the setup that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{what}{}{said}", answer(*errno))]
pub struct SetupError {
    /// The step.
    pub step: Step,
    /// What could not be done, in words.
    pub what: String,
    /// What the system answered, see `errno(3)`; zero when it was not asked.
    pub errno: i32,
    /// What is known besides, with a separator before it; else empty.
    pub said: String,
}

/// The steps of the setup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Entering a user namespace and mapping its ids.
    UserNamespace,
    /// Entering the other namespaces.
    Namespaces,
    /// The own loopback.
    Loopback,
    /// Mounting an overlay.
    Overlay,
    /// Mounting a fresh `/proc`.
    Proc,
    /// Any other mount.
    Mount,
    /// Giving privileges up.
    Privileges,
    /// Access rules, system call filter, limits.
    Walls,
    /// Anything between the program and the confined process.
    Talk,
}

impl SetupError {
    /// A wall that could not be put up.
    #[cfg(target_os = "linux")]
    pub(super) fn wall(error: impl fmt::Display) -> Self {
        Self {
            step: Step::Walls,
            what: error.to_string(),
            errno: 0,
            said: String::new(),
        }
    }

    /// The same, with more that is known about it.
    #[cfg(target_os = "linux")]
    pub(super) fn with(mut self, said: impl fmt::Display) -> Self {
        self.said.push_str(&format!("; {said}"));
        self
    }
}

/// The system's answer in words, with a separator before it.
fn answer(errno: i32) -> String {
    match errno {
        0 => String::new(),
        errno => format!(": {}", io::Error::from_raw_os_error(errno)),
    }
}

/// Names the step that a failure belongs to.
pub(super) trait OrStep<T> {
    /// `what` is a sentence without its full stop.
    fn or_step<W: Into<String>>(
        self,
        step: Step,
        what: impl FnOnce() -> W,
    ) -> Result<T, SetupError>;
}

impl<T, E: Into<io::Error>> OrStep<T> for Result<T, E> {
    fn or_step<W: Into<String>>(
        self,
        step: Step,
        what: impl FnOnce() -> W,
    ) -> Result<T, SetupError> {
        self.map_err(|error| SetupError {
            step,
            what: what().into(),
            errno: error.into().raw_os_error().unwrap_or(0),
            said: String::new(),
        })
    }
}
