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
pub(super) struct Order {
    pub(super) place: Place,
    /// The first one's; what is mounted where counts for that one alone.
    pub(super) confinement: Confinement,
    /// The most of the network that its commands may have.
    pub(super) network: Network,
    /// Files and folders of the machine that its commands may write besides; absolute, without links.
    #[serde(with = "path_bytes::list")]
    pub(super) writable: Vec<PathBuf>,
}

/// Where the process stands.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Place {
    /// The first of its task, in new namespaces.
    First,
    /// Beside the first one, in its namespaces, whose handles come with the order.
    Beside,
}

/// The namespaces that a process beside the first one joins, in this order, by their names below `/proc/self/ns`.
pub(super) const JOINED: [&str; 5] = ["user", "ipc", "uts", "pid", "mnt"];

/// It comes after them, where it is the task's own; who may use the machine's network does not join it.
pub(super) const NETWORK: &str = "net";

/// How the setup goes.
#[derive(Serialize, Deserialize)]
pub(super) enum Report {
    /// The process has been forked. With it comes its handle.
    Forked,
    /// It takes requests. With it come handles on its namespaces, then the roots of the overlays.
    Ready {
        /// How many handles: [`JOINED`] and perhaps [`NETWORK`]; none without namespaces of its own.
        namespaces: usize,
    },
    /// There will be none.
    Failed(SetupError),
}

/// What the process is to do.
#[derive(Serialize, Deserialize)]
pub(super) enum Request {
    /// Start a command. With it come its own socket and, where it is made outside, the end of its pipe or terminal.
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
    /// It runs. With it comes the terminal, where it was made inside.
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
    Ended {
        exit: Exit,
        /// Why it was ended, if the process has done so by itself.
        note: Option<String>,
    },
}
