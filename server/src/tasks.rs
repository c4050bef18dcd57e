//! Agent tasks that are started from the editor: what is asked for, what is under way, and what comes of it.
//!
//! `session/tasks.rs` starts them and hears of them; each turn runs on threads of its own (`agent_host`), and all that
//! happens there comes back as a [`TaskEvent`].

pub(crate) mod editor_context;
pub(crate) mod findings;
pub(crate) mod gate;
pub(crate) mod goal;
pub(crate) mod left;
pub(crate) mod mailbox;
pub(crate) mod marker;
pub(crate) mod offers;
pub(crate) mod problem;
pub(crate) mod progress;
pub(crate) mod reported;
mod request;
pub(crate) mod rich_approval;
pub(crate) mod rich_update;
pub(crate) mod table;
pub(crate) mod unsaved;
pub(crate) mod wording;
pub(crate) mod worker;

use std::fmt;

use agent::surface::{ThreadEvent, TurnSummary};
use changes::Proposal;

use marker::Marker;

pub(crate) use request::{
    Access, Continued, LandingMode, Target, TaskKind, TaskRequest, TaskSurface,
};

/// Names a task within this conversation: 1, 2, 3…
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TaskId(pub(crate) u32);

impl fmt::Display for TaskId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What a task's threads tell the main loop.
#[derive(Debug)]
pub(crate) enum TaskEvent {
    /// Its thread has something to show.
    Thread(Box<ThreadEvent>),
    /// Its thread is there, with what tells a later server of it.
    Begun(String, Option<Marker>),
    /// A turn has ended, and nothing of it runs any more.
    TurnEnded(Box<EndedTurn>),
}

/// A turn that has ended.
#[derive(Debug, Default)]
pub(crate) struct EndedTurn {
    /// The agent's thread, once there is one.
    pub(crate) thread: Option<String>,
    /// Counted from 1 within the thread; 0 when none was begun.
    pub(crate) turn: u32,
    /// What it has made of its twin: empty for tasks that only look.
    pub(crate) proposal: Proposal,
    /// A line for each thing that was written and is not proposed, with the reason.
    pub(crate) left_out: Vec<String>,
    /// Whether some of that is nowhere but in the twin.
    pub(crate) leaves_work: bool,
    /// Why it could not go on, in a sentence or two; `None` when it did what it could.
    pub(crate) failure: Option<String>,
    /// Whether that is because the user has stopped it.
    pub(crate) was_stopped: bool,
    /// What the agent said last, as Markdown.
    pub(crate) answer: String,
    /// Its tokens, cost and time; `None` when none was begun.
    pub(crate) summary: Option<TurnSummary>,
}

/// What has become of the changes of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// They are in the user's documents and files, as far as they shall be.
    Landed,
    /// Nobody wants them.
    Discarded,
    /// They wait for the user.
    Kept,
}
