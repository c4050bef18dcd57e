//! Sub-tasks of a task: what one is asked to do, what comes of it, and how it is given its parent's files.
//!
//! The tool `spawn_tasks` asks for them and merges what they made; the host of threads implements [`SubTasks`].

mod seeding;

use changes::Proposal;

use crate::{ToolContext, surface::TurnSummary};

pub use seeding::seed;

/// Runs sub-tasks, each a thread of its own in a twin of its own that begins as the parent's files are.
pub trait SubTasks: Send + Sync {
    /// Runs all of `tasks`, several at once, and gives what became of each, in their order. Returns when all have ended,
    /// soon after `context.cancel` is set.
    ///
    /// # Errors
    /// Why none could begin, as a sentence for the model.
    fn run(&self, tasks: &[SubTask], context: &ToolContext<'_>) -> Result<Vec<SubTaskEnd>, String>;
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubTask {
    /// A few words, unique among those that run together.
    pub title: String,
    /// All that its model is told of the work.
    pub instructions: String,
    /// Globs and paths of the files that are its to change; empty for no bounds. Told, not enforced.
    pub files: Vec<String>,
}

/// What became of a sub-task.
pub struct SubTaskEnd {
    /// How its turn went, or why there was none.
    pub turn: Result<TurnSummary, String>,
    /// The last message of its model; empty when it said nothing.
    pub said: String,
    /// What it changed, against the files that it began with.
    pub proposal: Proposal,
    /// What it wrote and cannot be taken over, a sentence each.
    pub left_out: Vec<String>,
    /// Where it worked, for whoever has taken its changes to let go of.
    pub place: Option<Box<dyn SubTaskPlace>>,
}

/// Where a sub-task has worked. Nothing runs there any more.
pub trait SubTaskPlace: Send {
    /// How the user finds it when it is kept.
    fn name(&self) -> String;

    /// Leaves it for the user to look at.
    fn keep(self: Box<Self>);

    /// Removes it.
    fn discard(self: Box<Self>);
}
