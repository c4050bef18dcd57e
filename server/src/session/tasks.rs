//! Tasks as the main loop sees them: started or queued, heard of, settled. Each turn is worked on by a thread of its own
//! (`tasks/worker.rs`); what comes of it is landed by `landing`.

mod commands;
mod ends;
mod fate;
mod progress;
mod restart;

use std::sync::Arc;
use std::time::Duration;

use protocol::TaskState;
use rustc_hash::FxHashMap;

use crate::event::Event;
use crate::tasks::gate::EditorGate;
use crate::tasks::mailbox::{Mailbox, Order};
use crate::tasks::marker::Remembered;
use crate::tasks::table::{Task, TaskTable, Turn, TurnInput, TwinOnDisk};
use crate::tasks::worker::{self, Crew, WorkOrder};
use crate::tasks::{Continued, EndedTurn, Settled, TaskEvent, TaskId, TaskRequest, TaskSurface};

use super::{Phase, Session};
use progress::ShownProgress;

/// How long the end of the conversation waits for tasks to end their commands.
const PATIENCE: Duration = Duration::from_secs(3);

/// All that the session has of its tasks.
#[derive(Default)]
pub(super) struct Tasks {
    table: TaskTable,
    /// Of the turns that run.
    mailboxes: FxHashMap<TaskId, Mailbox>,
    shown: FxHashMap<TaskId, ShownProgress>,
    /// So many tokens of progress were made.
    tokens: u64,
    crew: Crew,
}

impl Tasks {
    /// Has all turns broken off, to be gone on with later.
    pub(super) fn leave(&self) {
        for mailbox in self.mailboxes.values() {
            drop(mailbox.post(Order::Leave));
        }
    }

    /// Ends all threads.
    pub(super) fn end(&self) {
        self.leave();
        self.crew.wait(PATIENCE);
    }
}

impl Session {
    /// Starts a task, or queues it; gives its id at once. A further turn of a task that runs is told to it.
    pub(super) fn start_task(&mut self, request: TaskRequest) -> TaskId {
        let known = match &request.continues {
            Some(Continued::Task(id)) => self.tasks.table.get(*id).map(|task| task.id),
            Some(Continued::Thread(_)) | None => None,
        };
        let id = match known {
            Some(id) => {
                if let Err(prompt) = self.steer_task(id, request.prompt.clone()) {
                    let request = TaskRequest { prompt, ..request };
                    self.tasks.table.continue_with(id, Turn::of(request));
                }
                id
            }
            None => self.tasks.table.add(Turn::of(request)),
        };
        self.start_waiting_tasks();
        self.task_changed(id);
        id
    }

    /// All tasks, the oldest first.
    pub(super) fn all_tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.table.all()
    }

    /// The turn of a task whose changes wait for the user.
    pub(super) fn unsettled_turn(&self, id: TaskId) -> Option<Arc<EndedTurn>> {
        let task = self.tasks.table.get(id)?;
        let waits = task.twin == TwinOnDisk::Unsettled;
        task.ended.clone().filter(|_| waits)
    }

    /// Whether there is such a task that can be gone on with.
    pub(super) fn has_task(&self, id: TaskId) -> bool {
        self.tasks.table.get(id).is_some()
    }

    /// How messages name a task.
    pub(super) fn task_name(&self, id: TaskId) -> String {
        match self.tasks.table.get(id) {
            Some(task) => format!("Task {id} ({})", task.request.title),
            None => format!("Task {id}"),
        }
    }

    /// Something about a task is different now. Everything that changes one comes here.
    pub(super) fn task_changed(&mut self, id: TaskId) {
        self.show_task_progress(id);
        if let Some(task) = self.tasks.table.get(id) {
            self.tell_task(task);
        }
    }

    /// Something happened in a task.
    pub(super) fn task_event(&mut self, id: TaskId, event: TaskEvent) {
        match event {
            TaskEvent::Thread(event) => {
                self.tell_update(id, &event);
                let Some(task) = self.tasks.table.get_mut(id) else {
                    return;
                };
                let is_news = task.progress.take(&event);
                if let TaskSurface::Chat(path) = &task.request.surface {
                    let path = path.clone();
                    self.chat_event(&path, id, &event);
                }
                if is_news {
                    self.task_changed(id);
                }
            }
            TaskEvent::Begun(thread, marker) => {
                if let Some(task) = self.tasks.table.get_mut(id) {
                    task.thread = Some(thread);
                    task.marker = marker.or(task.marker.take());
                }
                self.task_changed(id);
            }
            TaskEvent::TurnEnded(turn) => self.turn_ended(id, *turn),
        }
    }

    /// Says what became of a task's changes. Its twin goes, unless they wait for the user.
    pub(super) fn settle_task(&mut self, id: TaskId, settled: Settled) {
        if settled != Settled::Kept {
            self.forget_proposal(id);
        }
        let Some(task) = self.tasks.table.get_mut(id) else {
            return;
        };
        let state = match settled {
            Settled::Landed | Settled::Discarded => {
                let stays = settled == Settled::Landed
                    && task.ended.as_ref().is_some_and(|turn| turn.leaves_work);
                task.twin = match stays {
                    true => TwinOnDisk::Unsettled,
                    false => TwinOnDisk::Free,
                };
                match &task.ended {
                    Some(turn) if turn.was_stopped => TaskState::Stopped,
                    _ => TaskState::Done,
                }
            }
            Settled::Kept => TaskState::Proposed,
        };
        if matches!(
            task.state,
            TaskState::Landing | TaskState::Proposed | TaskState::Failed | TaskState::Stopped
        ) {
            self.tasks.table.set_state(id, state);
        }
        self.forget_twin(id);
        self.start_waiting_tasks();
        self.task_changed(id);
    }

    /// Tells a running task what the user says.
    ///
    /// # Errors
    /// When no turn runs that could still hear it: gives the words back.
    fn steer_task(&mut self, id: TaskId, words: String) -> Result<(), String> {
        let Some(mailbox) = self.tasks.mailboxes.get(&id) else {
            return Err(words);
        };
        let task = self.tasks.table.get(id);
        let facts = self.editor_facts(task.and_then(|task| task.request.target.as_ref()));
        match mailbox.post(Order::Steer(words, Box::new(facts))) {
            Err(Order::Steer(words, _)) => Err(words),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Tells a thread what the user says, if a turn of it runs.
    ///
    /// # Errors
    /// When none does: gives the words back.
    pub(super) fn steer_thread(&mut self, thread: &str, words: String) -> Result<(), String> {
        let of_thread = |task: &&Task| task.thread.as_deref() == Some(thread);
        let id = self.tasks.table.all().find(of_thread).map(|task| task.id);
        match id {
            Some(id) => self.steer_task(id, words),
            None => Err(words),
        }
    }

    /// Starts what waits, as far as the limit allows.
    pub(super) fn start_waiting_tasks(&mut self) {
        if self.phase != Phase::Running {
            return;
        }
        let limit = self.settings.config.tasks.limit;
        while let Some((id, turn)) = self.tasks.table.start_next(limit) {
            self.start_turn(id, turn);
            self.task_changed(id);
        }
        let waiting: Vec<TaskId> = self.tasks.table.queue().collect();
        for id in waiting {
            self.task_changed(id);
        }
    }

    fn start_turn(&mut self, id: TaskId, turn: Turn) {
        if self.settings.is_incomplete {
            let problems = self.settings.problems.join("\n");
            let failure = format!(
                "the settings cannot be used, and they say which model gets to see the code; mend them and try again:\n{problems}"
            );
            let ended = Box::new(EndedTurn::failed(failure));
            self.events
                .send(Event::Task(id, TaskEvent::TurnEnded(ended)));
            return;
        }
        let Some(order) = self.work_order(id, turn) else {
            return;
        };
        let mailbox = worker::start(order, &self.tasks.crew, self.events.clone());
        self.tasks.mailboxes.insert(id, mailbox);
    }

    fn work_order(&mut self, id: TaskId, turn: Turn) -> Option<WorkOrder> {
        let after = self.tasks.table.get_mut(id)?.removal.take();
        let thread = self.tasks.table.get(id)?.thread.clone();
        // What was undone since is news to the thread.
        let reasons = thread.and_then(|thread| self.take_reasons(&thread));
        let task = self.tasks.table.get(id)?;
        let request = turn.request;
        let facts = self.editor_facts(request.target.as_ref());
        Some(WorkOrder {
            task: id,
            thread: task.thread.clone(),
            input: match turn.input {
                TurnInput::Prompt(prompt) => Some(match reasons {
                    Some(reasons) => format!("{reasons}\n\n{prompt}"),
                    None => prompt,
                }),
                TurnInput::Nothing => reasons,
            },
            remembered: Remembered {
                thread: String::new(),
                title: request.title,
                prompt: request.prompt,
                kind: request.kind,
                access: request.access,
                mode: request.mode,
                folders: self.folder_paths(),
            },
            target: request.target.map(|target| target.path),
            may_discard_twin: task.twin == TwinOnDisk::Free && task.turns > 0,
            config: self.settings.config.clone(),
            facts,
            diagnostics: self.diagnostics_source(),
            gate: self.gate_for(id),
            after,
        })
    }

    /// Who answers for the user.
    fn gate_for(&self, id: TaskId) -> Arc<dyn agent::tool::Gate> {
        Arc::new(EditorGate::new(id, self.events.clone()))
    }
}
