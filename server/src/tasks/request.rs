//! What the user asks a task for: made by code actions and commands, taken by the session.

use std::ops::Range;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::TaskId;

/// A task to start, or a further turn of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TaskRequest {
    /// What kind of work.
    pub(crate) kind: TaskKind,
    /// What lists and progress show: a few words.
    pub(crate) title: String,
    /// What the agent is told, as Markdown.
    pub(crate) prompt: String,
    /// What it is about.
    pub(crate) target: Option<Target>,
    /// What it may do.
    pub(crate) access: Access,
    /// What becomes of its changes; `None` for what the settings say.
    pub(crate) mode: Option<LandingMode>,
    /// Where its answers are shown.
    pub(crate) surface: TaskSurface,
    /// What this is the next turn of; `None` for a new task.
    pub(crate) continues: Option<Continued>,
}

/// What a request goes on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Continued {
    /// A task of this conversation.
    Task(TaskId),
    /// A thread on disk, by its id, whoever began it: a new task takes it up.
    Thread(String),
}

/// Kinds of tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TaskKind {
    /// Mend what a diagnostic says.
    Fix,
    /// Say what code does.
    Explain,
    /// Improve how it is written.
    Refactor,
    /// Write tests for it.
    WriteTests,
    /// Document it.
    Document,
    /// Make it simpler.
    Simplify,
    /// Do what a TODO asks for.
    ImplementTodo,
    /// Do what a `rw:` comment says.
    Comment,
    /// Change the whole workspace.
    RefactorWorkspace,
    /// Look for defects in a file.
    ReviewFile,
    /// Look for defects in what the user has changed.
    ReviewChanges,
    /// What the user says.
    Custom,
    /// Change the selection as the user says, in place.
    InlineEdit,
    /// A turn of a chat.
    Chat,
}

/// The place that a task is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Absolute.
    pub(crate) path: PathBuf,
    /// Bytes of the document as it was when the task was asked for, the end excluded; empty for a cursor.
    pub(crate) range: Range<usize>,
}

/// What a task may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Access {
    /// Change files.
    Write,
    /// Look only; what it changed in its twin is thrown away.
    Read,
}

/// What becomes of a proposal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LandingMode {
    /// Applied to the buffers, unsaved, to be kept or undone hunk by hunk.
    #[default]
    Review,
    /// Shown, and applied only when the user says so.
    Preview,
    /// Applied and kept.
    Auto,
}

/// Where a task's answers are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TaskSurface {
    /// As progress, and in a message at the end.
    Progress,
    /// In a chat's document.
    Chat(PathBuf),
}
