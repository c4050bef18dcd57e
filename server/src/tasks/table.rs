//! All tasks of a conversation, and which of them may run: at most so many at once, the others in the order in which they
//! were asked for. Plain data; `session/tasks.rs` does what follows from it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Instant;

use protocol::TaskState;

use super::marker::Marker;
use super::progress::TurnProgress;
use super::{Continued, EndedTurn, TaskId, TaskRequest};

/// A turn that is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    /// What was asked for.
    pub(crate) request: TaskRequest,
    /// What the thread is told.
    pub(crate) input: TurnInput,
}

/// What a thread is told at the beginning of a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TurnInput {
    /// This.
    Prompt(String),
    /// Nothing: a turn that was broken off goes on.
    Nothing,
}

/// The twin of a task's thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum TwinOnDisk {
    /// There is none, or one that nobody needs.
    #[default]
    Free,
    /// It has changes that nobody has decided about.
    Unsettled,
}

/// A task.
#[derive(Debug)]
pub(crate) struct Task {
    /// Its number.
    pub(crate) id: TaskId,
    /// What was asked for last.
    pub(crate) request: TaskRequest,
    /// How it stands.
    pub(crate) state: TaskState,
    /// The agent's thread, once there is one.
    pub(crate) thread: Option<String>,
    /// Turns of the thread so far.
    pub(crate) turns: u32,
    /// What it does, and how far it is.
    pub(crate) progress: TurnProgress,
    /// When its turn began to run, or to wait.
    pub(crate) since: Instant,
    /// The last turn that has ended.
    pub(crate) ended: Option<Arc<EndedTurn>>,
    /// What the user should know of its end.
    pub(crate) message: Option<String>,
    /// What became of its twin.
    pub(crate) twin: TwinOnDisk,
    /// Tells a later server of it.
    pub(crate) marker: Option<Marker>,
    /// Whether its last turn was broken off by the end of a server, so that it goes on by itself once it is resumed.
    pub(crate) is_broken_off: bool,
    /// Closed when its last twin is removed.
    pub(crate) removal: Option<Receiver<()>>,
    /// What is to be run next.
    next: VecDeque<Turn>,
}

/// What there is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// It waited, and is out of the queue now.
    Unqueued,
    /// It runs: its thread must be told.
    Running,
    /// Nothing ran or waited.
    Idle,
}

/// All tasks of a conversation.
#[derive(Debug, Default)]
pub(crate) struct TaskTable {
    last: u32,
    tasks: BTreeMap<TaskId, Task>,
    /// Those that wait, the next one first.
    queue: VecDeque<TaskId>,
}

impl Turn {
    /// The turn that `request` asks for.
    pub(crate) fn of(request: TaskRequest) -> Self {
        let input = TurnInput::Prompt(request.prompt.clone());
        Self { request, input }
    }
}

impl Task {
    /// Whether its thread has something that it can go on with.
    pub(crate) fn can_go_on(&self) -> bool {
        let has_failed = |turn: &Arc<EndedTurn>| {
            let is_wanted = !turn.was_stopped || !turn.proposal.is_empty();
            turn.failure.is_some() && turn.turn > 0 && is_wanted
        };
        let can_go_on = self.is_broken_off || self.ended.as_ref().is_some_and(has_failed);
        self.thread.is_some() && can_go_on
    }

    /// Whether a turn of it runs or waits, or its changes are on their way.
    pub(crate) fn is_at_work(&self) -> bool {
        matches!(
            self.state,
            TaskState::Queued | TaskState::Running | TaskState::Landing
        )
    }
}

impl TaskTable {
    /// A task with its first turn, in the queue.
    pub(crate) fn add(&mut self, turn: Turn) -> TaskId {
        let id = self.add_idle(turn.request.clone(), TaskState::Queued);
        if let Some(task) = self.tasks.get_mut(&id) {
            task.next.push_back(turn);
        }
        self.queue.push_back(id);
        id
    }

    /// A task of which nothing waits or runs.
    pub(crate) fn add_idle(&mut self, request: TaskRequest, state: TaskState) -> TaskId {
        self.last += 1;
        let id = TaskId(self.last);
        let thread = match &request.continues {
            Some(Continued::Thread(thread)) => Some(thread.clone()),
            Some(Continued::Task(_)) | None => None,
        };
        let task = Task {
            id,
            request,
            state,
            thread,
            turns: 0,
            progress: TurnProgress::default(),
            since: Instant::now(),
            ended: None,
            message: None,
            twin: TwinOnDisk::Free,
            marker: None,
            is_broken_off: false,
            removal: None,
            next: VecDeque::new(),
        };
        self.tasks.insert(id, task);
        id
    }

    /// A further turn, when the task has ended the one that it is at.
    pub(crate) fn continue_with(&mut self, id: TaskId, turn: Turn) {
        if let Some(task) = self.tasks.get_mut(&id) {
            task.next.push_back(turn);
            self.queue_if_idle(id);
        }
    }

    /// The next turn that may run beside fewer than `limit` others. It counts as running from here on.
    pub(crate) fn start_next(&mut self, limit: usize) -> Option<(TaskId, Turn)> {
        if self.count(TaskState::Running) >= limit {
            return None;
        }
        let id = self.queue.pop_front()?;
        let task = self.tasks.get_mut(&id)?;
        let turn = task.next.pop_front()?;
        task.request = turn.request.clone();
        task.state = TaskState::Running;
        task.progress = TurnProgress::default();
        task.since = Instant::now();
        task.message = None;
        task.is_broken_off = false;
        Some((id, turn))
    }

    /// The running turn of a task has ended, or its changes are settled. What waits for that is queued.
    pub(crate) fn set_state(&mut self, id: TaskId, state: TaskState) {
        if let Some(task) = self.tasks.get_mut(&id) {
            task.state = state;
            self.queue_if_idle(id);
        }
    }

    /// Forgets what waits of a task.
    pub(crate) fn stop(&mut self, id: TaskId) -> Stopped {
        let Some(task) = self.tasks.get_mut(&id) else {
            return Stopped::Idle;
        };
        task.next.clear();
        self.queue.retain(|queued| *queued != id);
        match task.state {
            TaskState::Running => Stopped::Running,
            TaskState::Queued => {
                task.state = match task.twin {
                    TwinOnDisk::Unsettled => TaskState::Proposed,
                    TwinOnDisk::Free => TaskState::Stopped,
                };
                Stopped::Unqueued
            }
            _ => Stopped::Idle,
        }
    }

    /// One task.
    pub(crate) fn get(&self, id: TaskId) -> Option<&Task> {
        self.tasks.get(&id)
    }

    /// One task.
    pub(crate) fn get_mut(&mut self, id: TaskId) -> Option<&mut Task> {
        self.tasks.get_mut(&id)
    }

    /// All of them, the oldest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values()
    }

    /// How many are in the queue before this one, which is in it.
    pub(crate) fn before(&self, id: TaskId) -> Option<usize> {
        self.queue.iter().position(|queued| *queued == id)
    }

    /// Those that wait, the next one first.
    pub(crate) fn queue(&self) -> impl Iterator<Item = TaskId> {
        self.queue.iter().copied()
    }

    fn count(&self, state: TaskState) -> usize {
        let in_state = self.tasks.values().filter(|task| task.state == state);
        in_state.count()
    }

    fn queue_if_idle(&mut self, id: TaskId) {
        if let Some(task) = self.tasks.get_mut(&id)
            && !task.is_at_work()
            && !task.next.is_empty()
        {
            task.state = TaskState::Queued;
            task.since = Instant::now();
            self.queue.push_back(id);
        }
    }
}

#[cfg(test)]
mod tests;
