//! The ends of turns: what is landed, what waits for the user, what they are told, and when a twin goes.

use std::sync::{Arc, mpsc};

use protocol::TaskState;
use tower_lsp_server::gen_lsp_types::{MessageType, ShowMessageNotification, ShowMessageParams};

use crate::config::paths;
use crate::tasks::mailbox::Order;
use crate::tasks::table::{Stopped, TwinOnDisk};
use crate::tasks::{Access, EndedTurn, TaskId, TaskSurface};
use crate::twins;

use super::super::Session;
use super::fate::Fate;

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
            TaskState::Proposed => self.offer_partial_work(id, &turn),
            _ => {}
        }
        self.forget_twin(id);
        self.start_waiting_tasks();
        self.task_changed(id);
    }

    /// Stops a task: what runs is interrupted, what waits is forgotten. Says whether there was anything to stop.
    pub(in crate::session) fn stop_task(&mut self, id: TaskId) -> bool {
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
                self.chat_unqueued(id);
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

    /// The answer of a task that only looks, or a short message; nothing where changes are about to be seen.
    fn tell_end(&mut self, id: TaskId, turn: &EndedTurn) {
        let name = self.task_name(id);
        let changes = turn.proposal.files.len();
        let task = self.tasks.table.get(id);
        let looking = task.filter(|task| task.request.access == Access::Read);
        if let Some(title) = looking.map(|task| task.request.title.clone())
            && turn.failure.is_none()
            && !turn.answer.trim().is_empty()
        {
            self.show_text(&title, &turn.answer);
            return;
        }
        let message = match (&turn.failure, changes) {
            (Some(_), 0) if turn.was_stopped => return,
            (Some(failure), 0) => format!(
                "{name} could not be done: {} `ropewalk.task.retry {id}` tries again.",
                sentence(failure)
            ),
            (None, 0) => format!("{name} is done. `ropewalk.task.show {id}` shows the answer."),
            // It lands, or is asked about.
            (_, _) => return,
        };
        let kind = match turn.failure {
            Some(_) => MessageType::Warning,
            None => MessageType::Info,
        };
        self.show_message(kind, message);
    }

    fn offer_partial_work(&mut self, id: TaskId, turn: &EndedTurn) {
        let name = self.task_name(id);
        match &turn.failure {
            // Who stops a task wants it out of the way, not a question about it.
            _ if turn.was_stopped => {
                let changed = files(turn.proposal.files.len());
                let message = format!(
                    "{name} was stopped. Its changes in {changed} wait: `ropewalk.task.apply {id}` or `ropewalk.task.discard {id}`."
                );
                self.show_message(MessageType::Info, message);
            }
            failure => {
                let failure = failure.as_deref().unwrap_or_default();
                let message = format!("{name} did not come to its end: {}", sentence(failure));
                let fates = [Fate::GoOn, Fate::Show, Fate::Apply, Fate::Discard];
                self.ask_what_becomes(id, &message, &fates);
            }
        }
    }

    /// `window/showMessage`
    pub(super) fn show_message(&self, kind: MessageType, message: String) {
        self.outbox
            .notify::<ShowMessageNotification>(&ShowMessageParams { kind, message });
    }
}

/// With its full stop, which messages of services may have.
fn sentence(words: &str) -> String {
    let words = words.trim_end();
    match words.ends_with(['.', '!', '?']) {
        true => words.to_owned(),
        false => format!("{words}."),
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
