//! What the program and a confined process say to each other.
//!
//! Over the first socket go one [`Order`], [`Report`]s until it is ready or has failed, then [`Request`]s. Each command
//! has a socket of its own, over which go [`Told`] and [`News`]; it is readable when there is news.
//! A request that is to be waited for comes with the end of a pipe, which is closed when it is done.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Confinement, SetupError, path_bytes};
use crate::{Channel, Exit, Network, Signal};

/// What the process is to become.
#[derive(Serialize, Deserialize)]
pub(super) enum Order {
    /// The first of its task, in new namespaces.
    New(Confinement),
    /// Another one of the same task with less around it. With it come the descriptors of [`NAMESPACES`].
    Join {
        /// That of the first one.
        confinement: Confinement,
        /// Also to be written.
        #[serde(with = "path_bytes::list")]
        writable: Vec<PathBuf>,
    },
}

/// The namespaces that a process can join, in this order, by their names below `/proc/self/ns`.
pub(super) const NAMESPACES: [&str; 5] = ["user", "ipc", "uts", "pid", "mnt"];

/// How the setup goes.
#[derive(Serialize, Deserialize)]
pub(super) enum Report {
    /// The process has been forked. With it comes its handle.
    Forked,
    /// It takes requests. With it come the descriptors of [`NAMESPACES`], then the roots of the overlays.
    Ready,
    /// There will be none.
    Failed(SetupError),
}

/// What the process is to do.
#[derive(Serialize, Deserialize)]
pub(super) enum Request {
    /// Start a command. With it come its own socket and, for a pipe, the end to print to.
    Start(Start),
    /// End all commands and whatever they have left. With it comes a pipe's end.
    EndAll,
}

/// A command to start.
#[derive(Serialize, Deserialize)]
pub(super) struct Start {
    pub(super) shell: PathBuf,
    pub(super) text: String,
    #[serde(with = "path_bytes::one")]
    pub(super) folder: PathBuf,
    pub(super) channel: Channel,
    pub(super) network: Network,
    /// The value of the variable by which its processes are found.
    pub(super) mark: String,
}

/// What a command is told.
#[derive(Serialize, Deserialize)]
pub(super) enum Told {
    /// This signal, to its group.
    Signal(Signal),
    /// To be gone, with everything that belongs to it. With it comes a pipe's end.
    Force,
}

/// What is heard of a command.
#[derive(Serialize, Deserialize)]
pub(super) enum News {
    /// It runs. With it comes the terminal, where it has one.
    Started,
    /// There is no such folder.
    NoFolder,
    /// It could not be started.
    Failed {
        /// In words.
        what: String,
        /// See `errno(3)`.
        errno: i32,
    },
    /// Its shell has ended.
    Ended(Exit),
}
