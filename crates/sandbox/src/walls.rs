//! The walls that a single-threaded process puts around itself before it starts commands, and what watches them there.
//!
//! A confined process calls these, each once and in this order: [`set_resource_limits`], [`restrict_files`],
//! [`refuse_dangerous_calls`]; a [`SocketFilter`] is put on each command between fork and exec, and a [`Watch`] looks at
//! them while they run. A [`ControlGroup`] is made by the program outside, where the machine lets it. What the process
//! sees of the file system is made with namespaces, elsewhere; [`hidden_places`] and [`scratch_places`] say what of the
//! user's is to be hidden there, and what is to be writable for the task alone.

use std::{io, path::PathBuf};

#[cfg(target_os = "linux")]
mod control_group;
#[cfg(target_os = "linux")]
mod landlock;
mod limits;
mod places;
#[cfg(target_os = "linux")]
mod process_ids;
#[cfg(target_os = "linux")]
mod seccomp;
#[cfg(target_os = "linux")]
mod watch;

pub use limits::{Limits, set_resource_limits};
pub use places::{hidden_places, places_kept_in_view, scratch_places};
#[cfg(target_os = "linux")]
pub use {
    control_group::{ControlGroup, ControlGroupEvents},
    landlock::{AccessRules, FileStatus, Readable, restrict_files},
    process_ids::limit_process_ids,
    seccomp::{Neighbours, SocketFilter, UnixSockets, refuse_dangerous_calls},
    watch::{Culprit, Excess, ExcessKind, Watch},
};

/// Why a wall could not be put up.
#[derive(Debug, thiserror::Error)]
pub enum WallError {
    /// The system refuses.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// A path that a rule is about cannot be opened.
    #[error("{} cannot be opened, so no access rule can name it: {source}", path.display())]
    Path {
        /// The path.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// No list of system calls is known for this processor.
    #[error("there is no system call filter for the processor {0}")]
    Processor(&'static str),
    /// A rule that its library refuses.
    #[error("{what}: {reason}")]
    Rule {
        /// What was tried.
        what: &'static str,
        /// The library's words.
        reason: String,
    },
}

impl WallError {
    fn system<E: Into<io::Error>>(what: &'static str) -> impl FnOnce(E) -> Self {
        move |source| Self::System {
            what,
            source: source.into(),
        }
    }
}
