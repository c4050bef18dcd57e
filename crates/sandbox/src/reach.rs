//! How far a command may reach, as a person has allowed it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How far a command may reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// The twin: it sees its files and nothing of the network.
    #[default]
    Twin,
    /// The twin, and this beyond it.
    Beyond(Beyond),
    /// The user's own files and everything else, without any wall and not in the twin.
    Unconfined,
}

/// What a command in a twin may do beyond it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beyond {
    /// Whether the network is there.
    pub network: Network,
    /// Files and folders outside of the twin that may be written; absolute.
    pub writable: Vec<PathBuf>,
}

/// What of the network a command has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Network {
    /// None: only sockets of the file system's kind can be made.
    #[default]
    None,
    /// Its own loopback, shared with the other commands of the task and with nobody else.
    Loopback,
    /// The user's.
    Shared,
}
