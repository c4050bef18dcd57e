//! Tells from what a failed command said whether the sandbox was in its way, and what it would have needed.
//!
//! Programs say it in their own words, so this is a table of such words; the tests hold it against what real programs
//! print. It can be wrong: whoever uses it asks a person, or says "looks like" to the model.

mod network;
mod system_call;
mod write;

use std::path::{Path, PathBuf};

use sandbox::{Exit, Network, Reach};

use crate::bounded_text::prefix;

/// How much of the end of an output is looked at, in bytes. What made a program give up is mostly among its last words.
const TAIL: usize = 16 * 1024;

/// The longest piece of output that is quoted, in bytes.
const LONGEST_QUOTE: usize = 200;

/// What a command looks to have been refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SandboxRefusal {
    /// What.
    pub(crate) what: Refused,
    /// The line that says so, perhaps cut; empty when it was the way in which the command ended.
    pub(crate) line: String,
}

/// What the sandbox can refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The network.
    Network,
    /// A connection on this machine, or listening for one.
    Loopback,
    /// Writing this path, which is outside of the workspace; absolute and normalised.
    Write(PathBuf),
    /// Writing this path, which is in the workspace and protected.
    Protected(PathBuf),
    /// Something that no command in a twin may ask of the system.
    SystemCall,
}

/// A command that has failed.
pub(crate) struct FailedCommand<'a> {
    pub(crate) exit: Exit,
    /// All that it printed, or at least the end.
    pub(crate) output: &'a str,
    /// Where it ran, absolute.
    pub(crate) folder: &'a Path,
    /// The folders that it could write.
    pub(crate) workspace: &'a [PathBuf],
    /// How far it reached.
    pub(crate) reach: &'a Reach,
}

/// What the sandbox looks to have refused a command.
pub(crate) fn recognise(command: &FailedCommand<'_>) -> Option<SandboxRefusal> {
    if matches!(command.exit, Exit::Code(0)) || *command.reach == Reach::Unconfined {
        return None;
    }
    let lines = last_lines(command.output);
    let writing = write::find(&lines, command);
    let network = || network::find(&lines, network_of(command.reach));
    let system_call = || system_call::find(&lines, command.exit);
    writing.or_else(network).or_else(system_call)
}

fn network_of(reach: &Reach) -> Network {
    match reach {
        Reach::Twin => Network::None,
        Reach::Beyond(beyond) => beyond.network,
        Reach::Unconfined => Network::Shared,
    }
}

fn last_lines(output: &str) -> Vec<&str> {
    let tail = output.len().saturating_sub(TAIL);
    let start = (tail..)
        .find(|start| output.is_char_boundary(*start))
        .unwrap_or(output.len());
    let lines = output[start..].lines();
    lines
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect()
}

fn quote(line: &str) -> String {
    match prefix(line, LONGEST_QUOTE) {
        whole if whole.len() == line.len() => whole.to_owned(),
        beginning => format!("{beginning}…"),
    }
}

#[cfg(test)]
mod tests;
