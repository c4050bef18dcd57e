//! Everything that can happen to a thread. A thread's log is a list of [`Entry`]s, and nothing else is kept of it.
//!
//! The driver appends an entry to the log, then steps the machine with it, then performs what the machine asks for. What
//! streams by while an answer is written (deltas) is not an event: only complete items count.

use std::{path::PathBuf, sync::Arc};

use models::{Content, EndReason, Item, ModelError, ModelFacts, ReasoningEffort, ToolSpec, Usage};
use serde::{Deserialize, Serialize};

use crate::{
    Tool,
    limits::Limits,
    surface::TurnSummary,
    tool::{ToolEffect, ToolOutput},
    world::WorldChange,
};

/// An event with its time: one line of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Milliseconds since 1970 in UTC, by the clock of the machine that wrote it. The machine's only clock.
    pub time: u64,
    /// What happened.
    pub event: Event,
}

/// Something that happened to a thread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The thread begins. First in every log, and only there.
    ThreadStarted(Box<ThreadStart>),
    /// The entries before are a copy of another thread's; from here on this is a thread of its own. It goes on using the
    /// prompt cache of the other.
    Forked {
        /// This thread's id.
        thread: String,
        /// The other thread's id.
        parent: String,
        /// The last turn of the other that this one knows; 0 for none.
        turn: u32,
    },
    /// The program runs again on a log that was closed, perhaps by a crash.
    Resumed {
        /// What becomes of a turn that was running.
        unfinished: Unfinished,
    },
    /// Another model, other limits or other tools from here on.
    SettingsChanged(Box<Settings>),
    /// The user says something: a new turn begins, or the running one is steered.
    InputGiven {
        /// What, in order.
        content: Vec<Content>,
    },
    /// The world was looked at, as the machine asked for.
    WorldObserved {
        /// What is different from what the model knows already.
        change: WorldChange,
    },
    /// An item of the running answer is complete.
    ItemReceived {
        /// The item.
        item: Item,
    },
    /// The answer is complete.
    AnswerEnded {
        /// Why it ended.
        end: EndReason,
        /// What it cost, where the service says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        usage: Option<Usage>,
    },
    /// There is no more of the answer.
    AnswerFailed {
        /// Why.
        error: ModelError,
    },
    /// The request was dropped, as the machine asked for.
    AnswerDropped {
        /// What the model had said of a message that was not complete.
        said: String,
    },
    /// A call is handed to its tool right after this.
    ToolStarted {
        /// Which call.
        call_id: String,
    },
    /// A tool has answered.
    ToolFinished {
        /// Which call.
        call_id: String,
        /// The answer, with secrets masked.
        output: ToolOutput,
    },
    /// A time that the machine asked to be told of has come.
    TimerFired {
        /// Which.
        timer: Timer,
    },
    /// The user stops the running turn.
    InterruptRequested,
    /// The user wants the history compacted before the next request.
    CompactionRequested,
    /// The turn has ended. A note for those who read logs: the machine has come to the same by itself. What the user said
    /// while the turn was being stopped begins the next one.
    TurnEnded(Box<TurnSummary>),
}

/// What a thread begins with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThreadStart {
    /// The thread's id.
    pub thread: String,
    /// The first settings.
    pub settings: Settings,
}

/// What a thread runs with. Every request is made from these and the history, so they are part of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The provider's name in the configuration.
    pub provider: String,
    /// The model's name as its service knows it.
    pub model: String,
    /// What is known of the model.
    pub facts: ModelFacts,
    /// How hard to think; `None` leaves it to the service.
    pub effort: Option<ReasoningEffort>,
    /// The standing instructions.
    pub instructions: String,
    /// The tools, in the order in which they are listed to the model.
    pub tools: Vec<ToolDeclaration>,
    /// Where relative paths start; absolute.
    pub cwd: PathBuf,
    /// How far a turn may go.
    pub limits: Limits,
}

/// A tool as the machine knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolDeclaration {
    /// As the model is told of it.
    pub spec: ToolSpec,
    /// What may run at the same time.
    pub effect: ToolEffect,
}

impl ToolDeclaration {
    /// The declarations of `tools` to a model of which `facts` are known, in order; tools that are not for it are left out.
    pub fn all(tools: &[Arc<dyn Tool>], facts: &ModelFacts) -> Vec<Self> {
        let declare = |tool: &Arc<dyn Tool>| {
            let spec = tool.spec(facts)?;
            let effect = tool.effect();
            Some(Self { spec, effect })
        };
        tools.iter().filter_map(declare).collect()
    }
}

/// What becomes of a turn that was running when the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unfinished {
    /// It goes on.
    GoOn,
    /// It ends as interrupted; its calls get their outputs.
    End,
}

/// The times that the machine asks to be told of. One of each can be set; setting it again replaces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timer {
    /// The failed request may be sent again.
    Retry,
    /// The turn has used up its time.
    Turn,
    /// Tools that were told to stop have had enough time for it.
    Grace,
}
