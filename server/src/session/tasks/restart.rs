//! What servers that have ended left of their tasks: listed, and asked about. Nothing of it happens by itself.

use std::sync::Arc;

use protocol::TaskState;
use tower_lsp_server::gen_lsp_types::{
    MessageActionItem, MessageType, ShowMessageRequest, ShowMessageRequestParams,
};

use crate::config::paths;
use crate::event::Event;
use crate::tasks::left::{self, FoundTask, LastTurn};
use crate::tasks::table::TwinOnDisk;
use crate::tasks::{Continued, LandingMode, TaskId, TaskRequest, TaskSurface};
use crate::transport::Answer;

use super::super::Session;
use super::ends::files;

const GO_ON: &str = "Go on";
const APPLY: &str = "Apply";
const SHOW: &str = "Show changes";
const DISCARD: &str = "Discard";
const LATER: &str = "Later";

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

    /// The user has said what shall become of such a task; a dismissed question leaves it as it is.
    pub(in super::super) fn found_task_decided(&mut self, id: TaskId, answer: &Answer) {
        let title = answer.as_ref().ok();
        let done = match title.and_then(|value| value["title"].as_str()) {
            Some(GO_ON) => self.retry_task(id),
            Some(APPLY) => self.apply_task(id),
            Some(DISCARD) => self.discard_task(id),
            Some(SHOW) => {
                self.offer_left_changes(id);
                Ok(())
            }
            _ => Ok(()),
        };
        if let Err(error) = done {
            self.show_message(MessageType::Warning, error.message.to_string());
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

    fn ask_about_left_task(&self, id: TaskId, turn: LastTurn) {
        let name = self.task_name(id);
        let task = self.tasks.table.get(id);
        let ended = task.and_then(|task| task.ended.as_ref());
        let changes = ended.map_or(0, |turn| turn.proposal.files.len());
        let waiting = match changes {
            0 => String::new(),
            changes => format!(" What it has changed in {} waits.", files(changes)),
        };
        let message = match turn {
            LastTurn::BrokenOff => {
                format!("{name} was broken off when the editor or its server ended.{waiting}")
            }
            LastTurn::Ended => format!("{name} of an earlier session is done.{waiting}"),
        };
        let first = match turn {
            LastTurn::BrokenOff => GO_ON,
            LastTurn::Ended => APPLY,
        };
        let show = (changes > 0).then_some(SHOW);
        let titles = [Some(first), show, Some(DISCARD), Some(LATER)];
        let actions = titles.into_iter().flatten().map(|title| MessageActionItem {
            title: title.to_owned(),
            properties: Default::default(),
        });
        let params = ShowMessageRequestParams {
            kind: MessageType::Info,
            message,
            actions: Some(actions.collect()),
        };
        let events = self.events.clone();
        self.outbox
            .request::<ShowMessageRequest>(&params, move |answer| {
                events.send(Event::FoundTaskDecided(id, answer));
            });
    }

    fn offer_left_changes(&mut self, id: TaskId) {
        let Some(task) = self.tasks.table.get(id) else {
            return;
        };
        if let (Some(turn), TaskState::Proposed) = (task.ended.clone(), task.state) {
            let title = task.request.title.clone();
            self.land(id, &title, &turn, LandingMode::Preview);
        }
    }
}
