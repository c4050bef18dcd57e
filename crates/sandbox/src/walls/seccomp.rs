//! The system calls that commands cannot make, whatever else stands around them.
//!
//! A list of refused calls and not of permitted ones: commands are compilers, interpreters and test suites, which use all
//! of the kernel that is harmless. What is refused is either a way out of the other walls or a part of the kernel that
//! only administrators need and where its faults are found. `refused.rs` has the list with its reasons, `sockets.rs`
//! the rules for sockets, `filter.rs` turns both into programs for the kernel.

use std::io;

use self::filter::Filter;
use super::WallError;
use crate::Network;

mod filter;
mod refused;
mod sockets;

/// Whether the process can see and name processes and shared memory that are not the task's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Neighbours {
    /// It has process and IPC namespaces of its own.
    Hidden,
    /// It has not: System V shared memory and message queues are refused too, and signals to every process at once.
    Visible,
}

/// Which sockets of the file system's kind a command can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnixSockets {
    /// All: something else keeps the user's own (session bus, agents, container engines) out of reach.
    All,
    /// Pairs only, which reach nobody else: the user's sockets are in reach, and a filter cannot tell where a socket
    /// connects to.
    PairsOnly,
}

/// Refuses dangerous system calls to this process and all that it starts, for good. Sets `no_new_privs`.
///
/// A refused call answers `EPERM`, or `ENOSYS` where programs then do without it. A call of a foreign processor's kind
/// (32 bit) ends the process. What the process still can: fork, execute, wait, signal, make terminals, and send and
/// receive descriptors.
///
/// # Errors
/// When the kernel has no filters, or this processor no list.
pub fn refuse_dangerous_calls(neighbours: Neighbours) -> Result<(), WallError> {
    Filter::compile(refused::refusals(neighbours))?
        .install()
        .map_err(WallError::system("the system call filter was refused"))
}

/// Refuses sockets to a command; built beforehand, put on between fork and exec.
///
/// Refused is the making of a socket (`EACCES`), so what a command is handed still works.
pub struct SocketFilter {
    filter: Filter,
}

impl SocketFilter {
    /// The filter for commands that have this much of the network.
    ///
    /// [`Network::Loopback`] permits the same as [`Network::Shared`] but netlink; that it ends at this machine must be
    /// seen to by a network namespace.
    ///
    /// # Errors
    /// When there is no list for this processor.
    pub fn new(network: Network, unix_sockets: UnixSockets) -> Result<Self, WallError> {
        let filter = Filter::compile(sockets::refusals(network, unix_sockets))?;
        Ok(Self { filter })
    }

    /// Puts the filter on this process and all that it starts, for good. Sets `no_new_privs`.
    ///
    /// It makes system calls and allocates nothing, so it may run between fork and exec.
    ///
    /// # Errors
    /// The kernel's.
    pub fn install(&self) -> io::Result<()> {
        self.filter.install()
    }
}
