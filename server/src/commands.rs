//! The commands of `workspace/executeCommand`: their names, and what their arguments mean. Pure.
//!
//! Read by `session/commands.rs`, which carries them out; written into code actions and code lenses.

mod arguments;
mod task;

use serde_json::Value;

pub(crate) use arguments::ArgumentError;
pub(crate) use task::TaskCommand;

/// A command with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Command {
    /// About tasks.
    Task(TaskCommand),
}

impl Command {
    /// What `name` with `arguments` means; `None` when there is no such command.
    pub(crate) fn parse(name: &str, arguments: &[Value]) -> Option<Result<Self, ArgumentError>> {
        TaskCommand::parse(name, arguments).map(|parsed| parsed.map(Self::Task))
    }

    /// The names of all commands, as the client is told.
    pub(crate) fn names() -> Vec<String> {
        TaskCommand::NAMES.iter().map(ToString::to_string).collect()
    }
}
