//! Tasks as rich clients see them: `ropewalk/tasks`, `ropewalk/didChangeTask`, `ropewalk/taskUpdate`.
//!
//! The updates are shaped after the Agent Client Protocol's `session/update`, version 1, where it has a word for it.
//! Starting, steering, stopping and answering go through `workspace/executeCommand`, as for every client.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Message;

/// The request `ropewalk/tasks`, without parameters: all tasks of this conversation, the oldest first.
pub enum TasksRequest {}

impl Message for TasksRequest {
    const METHOD: &'static str = "ropewalk/tasks";
    type Params = ();
    type Result = Vec<TaskReport>;
}

/// The notification `ropewalk/didChangeTask`: something that a list of tasks shows is different now.
pub enum TaskNotification {}

impl Message for TaskNotification {
    const METHOD: &'static str = "ropewalk/didChangeTask";
    type Params = TaskReport;
    type Result = ();
}

/// The notification `ropewalk/taskUpdate`: a step of a task's turn, as it happens.
pub enum TaskUpdateNotification {}

impl Message for TaskUpdateNotification {
    const METHOD: &'static str = "ropewalk/taskUpdate";
    type Params = TaskUpdateParams;
    type Result = ();
}

/// A task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct TaskReport {
    /// Its number, as commands take it.
    pub task: u32,
    /// A few words.
    pub title: String,
    /// How it stands.
    pub state: TaskState,
    /// The agent's thread, once there is one.
    pub thread: Option<String>,
    /// Turns of the thread so far.
    pub turns: u32,
    /// What it does at the moment, in a line.
    pub step: Option<String>,
    /// The plan's steps that are done, in percent of all.
    pub percentage: Option<u32>,
    /// Whether it waits for an answer of the user.
    pub asks: bool,
    /// What happened last that the user should know, for example why it failed.
    pub message: Option<String>,
}

/// How a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum TaskState {
    /// Others are before it.
    Queued,
    /// A turn runs.
    Running,
    /// Its changes are on their way into the documents.
    Landing,
    /// Its changes wait to be applied or discarded.
    Proposed,
    /// Nothing is left to do.
    Done,
    /// It could not go on.
    Failed,
    /// The user has stopped it.
    Stopped,
}

/// A step of a turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct TaskUpdateParams {
    /// The task's number.
    pub task: u32,
    /// What happened.
    pub update: Update,
}

/// What happened in a turn. Pieces of one message or thought have the same id; what the completed one says is what counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(
    tag = "sessionUpdate",
    rename_all = "snake_case",
    rename_all_fields = "camelCase"
)]
pub enum Update {
    /// A turn begins, or goes on.
    TurnStarted {
        /// Counted from 1 within the thread.
        turn: u32,
    },
    /// The agent says something more.
    AgentMessageChunk {
        /// Which message.
        message_id: String,
        /// What follows, as Markdown.
        text: String,
    },
    /// The agent has said something; replaces its chunks.
    AgentMessage {
        /// Which message.
        message_id: String,
        /// The whole of it, as Markdown.
        text: String,
    },
    /// The agent thinks.
    AgentThoughtChunk {
        /// Which thought.
        message_id: String,
        /// What follows, as Markdown.
        text: String,
    },
    /// What was streamed of a message, thought or call is void.
    Discarded {
        /// Which.
        id: String,
    },
    /// The agent uses a tool.
    ToolCall {
        /// The call.
        call: ToolCall,
    },
    /// A call goes on or has ended; what is left out is as before.
    ToolCallUpdate {
        /// The call as it is now.
        call: ToolCall,
    },
    /// More of a running call's output.
    ToolCallOutput {
        /// Which call.
        tool_call_id: String,
        /// What follows.
        text: String,
    },
    /// The plan, as it is now.
    Plan {
        /// Its steps.
        entries: Vec<PlanEntry>,
    },
    /// What was used so far.
    UsageUpdate {
        /// Tokens in the model's window.
        used: u64,
        /// Tokens that the window holds.
        size: u64,
        /// The turn's cost in micro-dollars, where prices are known.
        cost: Option<u64>,
    },
    /// The history was compacted.
    CompactionUpdate {
        /// The new window's number.
        window: u32,
    },
    /// Something that the user should know.
    Notice {
        /// A sentence or two.
        message: String,
    },
    /// The turn is over.
    TurnEnded {
        /// Counted from 1 within the thread.
        turn: u32,
        /// How it ended.
        stop_reason: StopReason,
        /// What happened and what to do, where it could not go on.
        message: Option<String>,
    },
}

/// Why a turn has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// The agent has finished.
    EndTurn,
    /// A limit was reached.
    MaxTurnRequests,
    /// The user has stopped it.
    Cancelled,
    /// It could not go on.
    Failed,
}

/// A use of a tool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ToolCall {
    /// Which call.
    pub tool_call_id: String,
    /// What it does, in a line.
    pub title: String,
    /// What kind of work it is.
    pub kind: ToolKind,
    /// How far it is.
    pub status: ToolCallStatus,
    /// Changes of files that it makes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FileChangeReport>,
    /// What the agent got as an answer, once there is one.
    pub output: Option<String>,
}

/// Kinds of tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ToolKind {
    /// Reads files.
    Read,
    /// Changes files.
    Edit,
    /// Searches.
    Search,
    /// Runs commands.
    Execute,
    /// Anything else.
    Other,
}

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ToolCallStatus {
    /// The agent still writes it, or it waits.
    Pending,
    /// It runs.
    InProgress,
    /// It did what was asked.
    Completed,
    /// It could not, was not allowed to, or was stopped.
    Failed,
}

/// A step of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PlanEntry {
    /// What is to be done.
    pub content: String,
    /// How far it is.
    pub status: PlanEntryStatus,
}

/// How far a step of a plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum PlanEntryStatus {
    /// Not begun.
    Pending,
    /// Under way.
    InProgress,
    /// Done.
    Completed,
}

/// A changed file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FileChangeReport {
    /// Absolute; where the file is after the change.
    pub path: String,
    /// What happened to it.
    pub kind: FileChangeKind,
    /// Where it was, absolute, if it was moved.
    pub from: Option<String>,
    /// A unified diff without file headers; empty for binary files.
    pub diff: String,
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum FileChangeKind {
    /// It is new.
    Added,
    /// It has another content.
    Modified,
    /// It is gone.
    Deleted,
    /// It has another name, perhaps another content.
    Moved,
}
