//! What servers that have ended left of their tasks: listed, and asked about. Nothing of it happens by itself.

use std::sync::Arc;

use crate::config::paths;
use crate::event::Event;
use crate::tasks::left::{self, FoundTask, LastTurn};
use crate::tasks::table::TwinOnDisk;
use crate::tasks::{Continued, TaskId, TaskRequest, TaskSurface};
use protocol::TaskState;

use super::super::Session;
use super::fate::Fate;

impl Session {
    /// Looks for tasks that an earlier server has left in these folders.
    pub(in super::super) fn look_for_left_tasks(&mut self) {
        let folders = self.folder_paths();
        let Some(state_folder) = paths::state_folder().filter(|_| !folders.is_empty()) else {
            return;
        };
        let (config, events) = (self.settings.config.clone(), self.events.clone());
        let find = move || {
            let found = left::find(&config, &state_folder, &folders);
            if !found.is_empty() {
                events.send(Event::TasksFound(found));
            }
        };
        if let Err(error) = self.tasks.crew.spawn("earlier tasks", find) {
            tracing::warn!(%error, "what earlier tasks have left is not looked for");
        }
    }

    /// Lists what was found, and asks the user about each.
    pub(in super::super) fn take_over_tasks(&mut self, found: Vec<FoundTask>) {
        for task in found {
            let turn = task.turn;
            let id = self.take_over_task(task);
            self.ask_about_left_task(id, turn);
            self.task_changed(id);
        }
    }

    fn take_over_task(&mut self, found: FoundTask) -> TaskId {
        let remembered = found.remembered;
        let request = TaskRequest {
            kind: remembered.kind,
            title: remembered.title,
            prompt: remembered.prompt,
            target: None,
            access: remembered.access,
            mode: remembered.mode,
            surface: TaskSurface::Progress,
            continues: Some(Continued::Thread(remembered.thread)),
        };
        let has_changes = !found.ended.proposal.is_empty() || found.ended.leaves_work;
        let state = match found.ended.proposal.is_empty() {
            true => TaskState::Stopped,
            false => TaskState::Proposed,
        };
        let id = self.tasks.table.add_idle(request, state);
        if let Some(task) = self.tasks.table.get_mut(id) {
            task.turns = found.ended.turn;
            task.is_broken_off = found.turn == LastTurn::BrokenOff;
            task.message = Some(match found.turn {
                LastTurn::BrokenOff => "broken off when the server ended".into(),
                LastTurn::Ended => "left by an earlier server".into(),
            });
            task.marker = Some(found.marker);
            task.twin = match has_changes {
                true => TwinOnDisk::Unsettled,
                false => TwinOnDisk::Free,
            };
            task.ended = Some(Arc::new(found.ended));
        }
        id
    }

    fn ask_about_left_task(&mut self, id: TaskId, turn: LastTurn) {
        let name = self.task_name(id);
        match turn {
            LastTurn::BrokenOff => self.ask_what_becomes(
                id,
                &format!("{name} was broken off when the editor or its server ended."),
                &[Fate::GoOn, Fate::Show, Fate::Discard, Fate::Later],
            ),
            LastTurn::Ended => self.ask_what_becomes(
                id,
                &format!("{name} of an earlier session is done."),
                &[Fate::Apply, Fate::Show, Fate::Discard, Fate::Later],
            ),
        }
    }
}
