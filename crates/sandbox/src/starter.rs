//! Who starts a command: the trait behind which a direct and a confined way can stand, and what both speak of.

use std::{
    os::fd::{BorrowedFd, OwnedFd},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

use crate::{Exit, Reach};

pub(crate) mod direct;
pub(crate) mod environment;
mod exit_event;
mod inheritance;
pub(crate) mod terminal;

pub(crate) use environment::MARK;

/// A command as the model writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    /// For the shell.
    pub text: String,
    /// Where it runs; absolute.
    pub folder: PathBuf,
    /// What it reads from and prints to.
    pub channel: Channel,
    /// How far it may reach. A starter without walls has only one answer to it.
    pub reach: Reach,
}

/// What a command reads from and prints to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Channel {
    /// Both outputs go into one pipe, in the order in which they are printed. The input is empty: many programs wait for
    /// an open pipe's end, or search it instead of the files.
    Pipe,
    /// A terminal of its own, which can be written to.
    Terminal(TerminalSize),
}

/// A terminal's size in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminalSize {
    /// Lines.
    pub rows: u16,
    /// Characters in a line.
    pub columns: u16,
}

/// Starts commands.
pub trait Starter: Send + Sync {
    /// Starts `command`, whose session is called `name`, which is unique for this starter.
    ///
    /// # Errors
    /// When it cannot be started at all. A shell that does not find its program is a command that ends with code 127.
    fn start(&self, command: &CommandLine, name: &str) -> Result<Started, StarterError>;

    /// Forces everything to end that was ever started here, also what has left its command. Returns when it has ended.
    fn end_all(&self);
}

/// A command that runs.
pub struct Started {
    /// Its output, without blocking. It ends, or fails with `EIO` for a terminal, when nobody can write to it any more.
    pub output: OwnedFd,
    /// Its input, without blocking, where it has one.
    pub input: Option<OwnedFd>,
    /// The handle on the processes.
    pub control: Box<dyn Control>,
}

/// The handle on the processes of one command.
pub trait Control: Send + Sync {
    /// Readable once the command's shell has ended.
    fn ended(&self) -> BorrowedFd<'_>;

    /// How the shell ended; releases its process id. Called once, after [`Control::ended`] is readable.
    fn collect(&self) -> Exit;

    /// What is to be told about its end besides, for example that it took too much; to be asked after [`Control::collect`].
    fn note(&self) -> Option<String>;

    /// Sends `signal` to the command's processes.
    fn signal(&self, signal: Signal);

    /// Forces everything to end that belongs to the command, also what has left its group. Returns when it has ended.
    fn force(&self);
}

/// What a command can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Signal {
    /// As Ctrl-C does.
    Interrupt,
    /// To end, with time to tidy up.
    Terminate,
}

/// Why a command was not started.
#[derive(Debug, thiserror::Error)]
pub enum StarterError {
    /// There is no such folder.
    #[error("the folder {} does not exist", .0.display())]
    NoFolder(PathBuf),
    /// A character that no command can have.
    #[error("the command contains a NUL character, which no command can have")]
    Nul,
    /// The walls that are here do not let a command reach as far as it may.
    #[error("{0}")]
    Reach(String),
    /// The confined process could not start it.
    #[error("{what}: {source}")]
    Inside {
        /// What was tried.
        what: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The system refuses.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// Why not.
        source: std::io::Error,
    },
}

impl StarterError {
    pub(crate) fn system<E: Into<std::io::Error>>(what: &'static str) -> impl FnOnce(E) -> Self {
        move |source| Self::System {
            what,
            source: source.into(),
        }
    }
}
