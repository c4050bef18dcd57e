//! What shall become of a task that came to no end: the user is asked, with a button for each thing that can be done.

use protocol::TaskState;
use tower_lsp_server::gen_lsp_types::{
    MessageActionItem, MessageType, ShowMessageRequest, ShowMessageRequestParams,
};

use crate::event::Event;
use crate::tasks::{LandingMode, TaskId};
use crate::transport::Answer;

use super::super::Session;
use super::ends::files;

/// What can become of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Its thread goes on.
    GoOn,
    /// What it has changed is applied.
    Apply,
    /// What it has changed is shown first.
    Show,
    /// What it has changed is thrown away.
    Discard,
    /// It stays as it is, in the list.
    Later,
}

impl Fate {
    const ALL: [Self; 5] = [
        Self::GoOn,
        Self::Apply,
        Self::Show,
        Self::Discard,
        Self::Later,
    ];

    fn title(self) -> &'static str {
        match self {
            Self::GoOn => "Go on",
            Self::Apply => "Apply",
            Self::Show => "Show changes",
            Self::Discard => "Discard",
            Self::Later => "Later",
        }
    }

    fn needs_changes(self) -> bool {
        matches!(self, Self::Apply | Self::Show)
    }
}

impl Session {
    /// Asks what shall become of a task; `message` says what has happened. A dismissed question leaves it as it is.
    pub(super) fn ask_what_becomes(&mut self, id: TaskId, message: &str, fates: &[Fate]) {
        let task = self.tasks.table.get(id);
        let ended = task.and_then(|task| task.ended.as_ref());
        let changes = ended.map_or(0, |turn| turn.proposal.files.len());
        let waiting = match changes {
            0 => String::new(),
            changes => format!(" What it has changed in {} waits.", files(changes)),
        };
        let possible = fates
            .iter()
            .filter(|fate| changes > 0 || !fate.needs_changes());
        let actions = possible.map(|fate| MessageActionItem {
            title: fate.title().to_owned(),
            properties: Default::default(),
        });
        let params = ShowMessageRequestParams {
            kind: MessageType::Info,
            message: format!("{message}{waiting}"),
            actions: Some(actions.collect()),
        };
        let events = self.events.clone();
        self.outbox
            .request::<ShowMessageRequest>(&params, move |answer| {
                events.send(Event::TaskDecided(id, answer));
            });
    }

    /// The user has said what shall become of a task.
    pub(in super::super) fn task_decided(&mut self, id: TaskId, answer: &Answer) {
        let answered = answer.as_ref().ok();
        let title = answered.and_then(|value| value["title"].as_str());
        let fate = Fate::ALL
            .into_iter()
            .find(|fate| Some(fate.title()) == title);
        let done = match fate {
            Some(Fate::GoOn) => self.retry_task(id),
            Some(Fate::Apply) => self.apply_task(id, None),
            Some(Fate::Discard) => self.discard_task(id),
            Some(Fate::Show) => {
                self.offer_changes(id);
                Ok(())
            }
            Some(Fate::Later) | None => Ok(()),
        };
        if let Err(error) = done {
            self.show_message(MessageType::Warning, error.message.to_string());
        }
    }

    fn offer_changes(&mut self, id: TaskId) {
        let Some(task) = self.tasks.table.get(id) else {
            return;
        };
        if let (Some(turn), TaskState::Proposed) = (task.ended.clone(), task.state) {
            let title = task.request.title.clone();
            self.land(id, &title, &turn, LandingMode::Preview);
        }
    }
}
