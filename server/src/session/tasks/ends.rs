//! The ends of turns: what is landed, what waits for the user, what they are told, and when a twin goes.

use std::sync::{Arc, mpsc};

use protocol::TaskState;
use tower_lsp_server::gen_lsp_types::{MessageType, ShowMessageNotification, ShowMessageParams};

use crate::config::paths;
use crate::tasks::mailbox::Order;
use crate::tasks::table::{Stopped, TwinOnDisk};
use crate::tasks::{EndedTurn, LandingMode, TaskId, TaskSurface};
use crate::twins;

use super::super::Session;

impl Session {
    /// A turn is over, or could not be begun.
    pub(super) fn turn_ended(&mut self, id: TaskId, turn: EndedTurn) {
        self.tasks.mailboxes.remove(&id);
        self.withdraw_questions(id);
        let Some(task) = self.tasks.table.get_mut(id) else {
            return;
        };
        let turn = Arc::new(turn);
        if let Some(thread) = &turn.thread {
            task.thread = Some(thread.clone());
        }
        task.turns = task.turns.max(turn.turn);
        task.message = turn.failure.clone();
        if !turn.proposal.is_empty() || turn.leaves_work {
            task.twin = TwinOnDisk::Unsettled;
        } else if turn.thread.is_some() {
            task.twin = TwinOnDisk::Free;
        }
        task.ended = Some(Arc::clone(&turn));
        let (title, mode) = (task.request.title.clone(), task.request.mode);
        let surface = task.request.surface.clone();
        let state = state_after(&turn);
        self.tasks.table.set_state(id, state);
        self.end_task_progress(id);
        match &surface {
            TaskSurface::Chat(path) => self.chat_turn_ended(path, id, &turn),
            TaskSurface::Progress => self.tell_end(id, &turn),
        }
        match state {
            TaskState::Landing => {
                let mode = mode.unwrap_or(self.settings.config.tasks.landing);
                self.land(id, &title, &turn, mode);
            }
            // Work that came to no end is offered only.
            TaskState::Proposed => self.land(id, &title, &turn, LandingMode::Preview),
            _ => {}
        }
        self.forget_twin(id);
        self.start_waiting_tasks();
        self.task_changed(id);
    }

    /// Stops a task: what runs is interrupted, what waits is forgotten. Says whether there was anything to stop.
    pub(super) fn stop_task(&mut self, id: TaskId) -> bool {
        let stopped = self.tasks.table.stop(id);
        match stopped {
            Stopped::Running => {
                if let Some(mailbox) = self.tasks.mailboxes.get(&id) {
                    // A turn that has just ended needs no stopping.
                    drop(mailbox.post(Order::Stop));
                }
                self.withdraw_questions(id);
            }
            Stopped::Unqueued => {
                self.end_task_progress(id);
                self.forget_twin(id);
                self.start_waiting_tasks();
            }
            Stopped::Idle => return false,
        }
        self.task_changed(id);
        true
    }

    /// Removes the twin of a task, and what a later server would be told of it, once nobody needs it any more.
    pub(super) fn forget_twin(&mut self, id: TaskId) {
        let Some(task) = self.tasks.table.get_mut(id) else {
            return;
        };
        if task.is_at_work() || task.twin != TwinOnDisk::Free {
            return;
        }
        let Some(marker) = task.marker.take() else {
            return;
        };
        // At once: the task's next turn may write it anew.
        marker.remove();
        let (Some(thread), Some(state_folder)) = (task.thread.clone(), paths::state_folder())
        else {
            return;
        };
        let (working, done) = mpsc::channel::<()>();
        task.removal = Some(done);
        let remove = move || {
            twins::remove_if_there(&state_folder, &thread);
            drop(working);
        };
        if let Err(error) = self.tasks.crew.spawn("twin's end", remove) {
            tracing::warn!(%error, "a twin that nobody needs is still there");
        }
    }

    /// A short message about the end of a turn; nothing where its changes are about to be seen.
    fn tell_end(&self, id: TaskId, turn: &EndedTurn) {
        let name = self.task_name(id);
        let changes = turn.proposal.files.len();
        let message = match (&turn.failure, changes) {
            (Some(_), 0) if turn.was_stopped => return,
            (Some(failure), 0) => format!(
                "{name} could not be done: {failure}. `ropewalk.task.retry {id}` tries again."
            ),
            (Some(failure), changes) => format!(
                "{name} did not come to its end: {failure}. What it has changed in {} waits; `ropewalk.task.retry {id}` \
                 goes on.",
                files(changes)
            ),
            (None, 0) => format!("{name} is done. `ropewalk.task.show {id}` shows the answer."),
            (None, _) => return,
        };
        let kind = match turn.failure {
            Some(_) => MessageType::Warning,
            None => MessageType::Info,
        };
        self.show_message(kind, message.replace("..", "."));
    }

    /// `window/showMessage`
    pub(super) fn show_message(&self, kind: MessageType, message: String) {
        self.outbox
            .notify::<ShowMessageNotification>(&ShowMessageParams { kind, message });
    }
}

/// `3 files`
pub(super) fn files(count: usize) -> String {
    match count {
        1 => "1 file".into(),
        count => format!("{count} files"),
    }
}

/// Work that came to no end is not landed by itself.
fn state_after(turn: &EndedTurn) -> TaskState {
    match (&turn.failure, turn.proposal.is_empty()) {
        (None, true) => TaskState::Done,
        (None, false) => TaskState::Landing,
        (Some(_), false) => TaskState::Proposed,
        (Some(_), true) if turn.was_stopped => TaskState::Stopped,
        (Some(_), true) => TaskState::Failed,
    }
}
