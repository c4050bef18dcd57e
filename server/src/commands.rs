//! The commands of `workspace/executeCommand`: their names, and what their arguments mean. Pure.
//!
//! Read by `session/commands.rs`, which carries them out; written into code actions and code lenses.

mod arguments;
mod chat;
mod checkpoint;
pub(crate) mod finding;
mod inline_edit;
mod landing;
mod question;
mod review;
mod start;
mod task;

use serde_json::Value;

pub(crate) use arguments::ArgumentError;
pub(crate) use chat::{ChatChoice, ChatCommand};
pub(crate) use checkpoint::{Before, CheckpointCommand};
pub(crate) use finding::FindingCommand;
pub(crate) use inline_edit::InlineEditCommand;
pub(crate) use landing::{Decision, LandingCommand};
pub(crate) use question::QuestionCommand;
pub(crate) use review::{Direction, ReviewCommand, Scope};
pub(crate) use start::{StartCommand, StartOptions};
pub(crate) use task::{TaskCommand, TaskName};

/// A command with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Command {
    /// About what reviews have found.
    Finding(FindingCommand),
    /// Starts a task.
    Start(StartCommand),
    /// About tasks.
    Task(TaskCommand),
    /// About what they ask.
    Question(QuestionCommand),
    /// About inline edits.
    InlineEdit(InlineEditCommand),
    /// About chats.
    Chat(ChatCommand),
    /// About what they have changed.
    Review(ReviewCommand),
    /// About what tasks propose, and conflicts.
    Landing(LandingCommand),
    /// About checkpoints.
    Checkpoint(CheckpointCommand),
}

impl Command {
    /// What `name` with `arguments` means; `None` when there is no such command.
    pub(crate) fn parse(name: &str, arguments: &[Value]) -> Option<Result<Self, ArgumentError>> {
        let task = TaskCommand::parse(name, arguments).map(|parsed| parsed.map(Self::Task));
        let question =
            || QuestionCommand::parse(name, arguments).map(|parsed| parsed.map(Self::Question));
        let chat = || ChatCommand::parse(name, arguments).map(|parsed| parsed.map(Self::Chat));
        let start = || StartCommand::parse(name, arguments).map(|parsed| parsed.map(Self::Start));
        let review =
            || ReviewCommand::parse(name, arguments).map(|parsed| parsed.map(Self::Review));
        let landing =
            || LandingCommand::parse(name, arguments).map(|parsed| parsed.map(Self::Landing));
        let checkpoint =
            || CheckpointCommand::parse(name, arguments).map(|parsed| parsed.map(Self::Checkpoint));
        let finding =
            || FindingCommand::parse(name, arguments).map(|parsed| parsed.map(Self::Finding));
        let inline_edit =
            || InlineEditCommand::parse(name, arguments).map(|parsed| parsed.map(Self::InlineEdit));
        let others = || {
            question()
                .or_else(chat)
                .or_else(start)
                .or_else(finding)
                .or_else(inline_edit)
        };
        let about_changes = || review().or_else(landing).or_else(checkpoint);
        task.or_else(others).or_else(about_changes)
    }

    /// The names of all commands, as the client is told.
    pub(crate) fn names() -> Vec<String> {
        let names = TaskCommand::NAMES.iter().chain(QuestionCommand::NAMES);
        let names = names.chain(ChatCommand::NAMES).chain(ReviewCommand::NAMES);
        let names = names.chain(LandingCommand::NAMES);
        let names = names.chain(CheckpointCommand::NAMES);
        let names = names.chain(FindingCommand::NAMES);
        let names = names.chain(InlineEditCommand::NAMES);
        let names = names.copied().chain(StartCommand::names());
        names.map(ToString::to_string).collect()
    }
}
