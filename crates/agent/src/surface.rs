//! What a thread tells the surface while it works. As JSON, one a line, this is what `ropewalk exec --json` prints.
//!
//! The machine and the driver produce the events; surfaces only show them. Nothing is decided by them.

use models::{FailureKind, RateLimits, Usage};
use serde::{Deserialize, Serialize};

use crate::{
    limits::LimitKind,
    need::Need,
    tool::{PlanStep, PresentedChange, ToolStatus},
};

/// Something that a surface may show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum ThreadEvent {
    /// The thread is there. Also sent when it is resumed.
    #[serde(rename = "thread.started")]
    ThreadStarted {
        /// Its id.
        thread_id: String,
        /// The provider's name in the configuration.
        provider: String,
        /// The model's name.
        model: String,
        /// Turns that it already has.
        turns: u32,
    },
    /// A turn begins, or goes on after the program was started again.
    #[serde(rename = "turn.started")]
    TurnStarted {
        /// Counted from 1 within the thread.
        turn: u32,
    },
    /// An item begins. Items that come at once have only an `item.completed`.
    #[serde(rename = "item.started")]
    ItemStarted {
        /// The item as far as it is known.
        item: SurfaceItem,
    },
    /// More of an item.
    #[serde(rename = "item.updated")]
    ItemUpdated {
        /// The item's id.
        item_id: String,
        /// What is new.
        update: ItemUpdate,
    },
    /// An item is complete: this is what counts, not what was streamed of it.
    #[serde(rename = "item.completed")]
    ItemCompleted {
        /// The item.
        item: SurfaceItem,
    },
    /// What was streamed of an item is void: its answer was cut, and is asked for again.
    #[serde(rename = "item.discarded")]
    ItemDiscarded {
        /// The item's id.
        item_id: String,
    },
    /// What the last answer cost, and how full the model's window is.
    #[serde(rename = "token.usage")]
    TokenUsage {
        /// The last answer's tokens.
        last: Usage,
        /// The turn's so far.
        turn: Usage,
        /// Tokens in the window, partly estimated.
        context_tokens: u64,
        /// Tokens that the window holds.
        context_window: u64,
    },
    /// How much of the account's allowance is used.
    #[serde(rename = "rate.limits")]
    RateLimits(RateLimits),
    /// The turn is over and did what it could.
    #[serde(rename = "turn.completed")]
    TurnCompleted(TurnSummary),
    /// The turn could not go on. The work so far is kept, and the thread can go on.
    #[serde(rename = "turn.failed")]
    TurnFailed(TurnSummary),
    /// The user has stopped the turn.
    #[serde(rename = "turn.interrupted")]
    TurnInterrupted(TurnSummary),
    /// Something that the user should know.
    #[serde(rename = "notice")]
    Notice {
        /// A sentence or two.
        message: String,
    },
    /// The thread cannot go on in this process, for example because its log cannot be written.
    #[serde(rename = "thread.failed")]
    ThreadFailed {
        /// Why, and what to do.
        message: String,
    },
}

/// One step of a turn, as a surface shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurfaceItem {
    /// Unique within the thread, and the same when the thread is resumed. For what a tool does, the call's id.
    pub id: String,
    /// What it is.
    #[serde(flatten)]
    pub details: ItemDetails,
}

/// Kinds of items. A tool's item may become more exact when the tool starts and when it ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ItemDetails {
    /// The model says something.
    Message {
        /// What, as Markdown.
        text: String,
    },
    /// The model thinks; what may be shown of it.
    Reasoning {
        /// As Markdown.
        text: String,
    },
    /// A command.
    Command {
        /// As a shell would take it.
        command: String,
        /// Its exit code, once it has ended by itself.
        exit_code: Option<i32>,
        /// What the model got of its output.
        output: String,
        /// How it went; `None` while it runs.
        status: Option<ToolStatus>,
        /// What it had beyond the twin, or would have had.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        needs: Vec<Need>,
    },
    /// Files are changed.
    FileChange {
        /// One entry a file.
        changes: Vec<PresentedChange>,
        /// How it went; `None` while it runs.
        status: Option<ToolStatus>,
    },
    /// Any other tool.
    ToolCall {
        /// The tool's name.
        name: String,
        /// The arguments as the model wrote them.
        arguments: String,
        /// What the model got as an answer.
        output: String,
        /// How it went; `None` while it runs.
        status: Option<ToolStatus>,
    },
    /// The plan as it is now.
    Plan {
        /// Its steps.
        steps: Vec<PlanStep>,
    },
    /// The history was compacted: a new window begins.
    Compaction {
        /// The new window's number; the first window of a thread is 1.
        window: u32,
        /// How it was done.
        form: CompactionForm,
        /// Tokens in the window before, partly estimated.
        tokens_before: u64,
        /// Tokens in the window after, estimated.
        tokens_after: u64,
    },
}

/// How a history was compacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompactionForm {
    /// By the service itself.
    Remote,
    /// By a summary that the model wrote.
    Summary,
    /// Without a model, because none could be asked.
    Mechanical,
}

/// What is new of an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ItemUpdate {
    /// More of a message's or a reasoning's text.
    Text {
        /// What follows.
        delta: String,
    },
    /// More of a call's arguments, while the model writes them.
    Arguments {
        /// What follows.
        delta: String,
    },
    /// The tool runs now.
    Running {
        /// What it does.
        details: ItemDetails,
    },
    /// More of a running tool's output.
    Output {
        /// What follows.
        delta: String,
    },
}

/// How a turn went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TurnSummary {
    /// Counted from 1 within the thread.
    pub turn: u32,
    /// How it ended.
    pub end: TurnEnd,
    /// Requests that it took.
    pub steps: u32,
    /// Its tokens.
    pub usage: Usage,
    /// All tokens of the thread so far.
    pub thread_usage: Usage,
    /// What the turn cost, in micro-dollars, where prices are known.
    pub cost: Option<u64>,
    /// What the thread has cost so far, in micro-dollars, where prices are known.
    pub thread_cost: Option<u64>,
    /// Wall time in milliseconds.
    pub milliseconds: u64,
}

impl TurnSummary {
    /// The event that tells a surface of the end.
    pub fn told(self) -> ThreadEvent {
        match &self.end {
            TurnEnd::Completed => ThreadEvent::TurnCompleted(self),
            TurnEnd::Interrupted => ThreadEvent::TurnInterrupted(self),
            TurnEnd::LimitReached { .. } | TurnEnd::Failed { .. } => ThreadEvent::TurnFailed(self),
        }
    }
}

/// How a turn ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum TurnEnd {
    /// The model has finished.
    Completed,
    /// The user has stopped it.
    Interrupted,
    /// A limit was reached.
    LimitReached {
        /// Which.
        limit: LimitKind,
        /// What happened and how to go on.
        message: String,
    },
    /// It could not go on.
    Failed {
        /// What kind of failure.
        failure: TurnFailure,
        /// What happened and what to do.
        message: String,
    },
}

/// Why a turn could not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnFailure {
    /// The model declined.
    Refusal,
    /// What was asked could not be done; the answer says why.
    Unsuccessful,
    /// The service withheld the answer.
    ContentFilter,
    /// The model said nothing, twice.
    EmptyAnswer,
    /// The model's answers were cut off again and again.
    CutOff,
    /// The model repeated a failing call again and again.
    Repetition,
    /// A request failed for good.
    #[serde(untagged)]
    Model(FailureKind),
}
