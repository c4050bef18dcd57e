//! Processes that the agent starts: commands of a thread, what they print, how they end, and that nothing is left behind.
//!
//! The agent's tools keep one [`Processes`] a thread. Who starts a command is a [`Starter`]: in a [`twin`], behind walls,
//! or, with [`DirectStarter`], as the user. This crate alone starts processes.

pub mod confined;
mod descendants;
mod exit;
mod output;
mod processes;
mod reach;
mod session;
mod starter;
mod supervisor;
pub mod twin;
mod wall;
pub mod walls;
mod watchdog;

pub use exit::Exit;
pub use output::{Output, OutputBuffer};
pub use processes::{Limits, Processes, StartError};
pub use reach::{Beyond, Network, Reach};
pub use session::{Ended, InputError, Session, SessionId, Wake};
pub use starter::{
    Channel, CommandLine, Control, Signal, Started, Starter, StarterError, TerminalSize,
    direct::{DirectStarter, shell},
};
pub use wall::Wall;
