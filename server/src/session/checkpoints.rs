//! Checkpoints in the editor: listed, and restored as landings of what was there before.

use std::path::PathBuf;

use agent::landing::{Checkpoint, Wanted};
use serde_json::{Value, json};
use tower_lsp_server::gen_lsp_types::{CodeAction, CodeActionKind, Command, MessageType};
use tower_lsp_server::jsonrpc::{Error, Result};

use crate::commands::{Before, CheckpointCommand};
use crate::config::paths::state_folder;
use crate::delivery::Outcome;
use crate::landing::wording::{self, count};
use crate::landing::{Aim, Errand, LandingEvent, Planned, PlanningError, checkpoint_list};
use crate::tasks::TaskId;

use super::Session;
use super::code_actions::ActionPlace;
use super::landing::{LandedTurn, UnderWay};

impl Session {
    /// Carries out a command about checkpoints.
    pub(super) fn run_checkpoint_command(&mut self, command: CheckpointCommand) -> Result<Value> {
        match command {
            CheckpointCommand::List => self.list_checkpoints(),
            CheckpointCommand::Restore(before) => self.restore_before(&before),
        }
    }

    /// What can be restored in the file at a place: the last turn that changed it and still stands.
    pub(super) fn checkpoint_actions(&self, place: &ActionPlace) -> Vec<CodeAction> {
        let landed = self
            .standing()
            .find(|turn| turn.paths.contains(&place.path));
        let action = landed.map(|turn| CodeAction {
            title: format!("Restore to before \"{}\"", turn.title),
            kind: Some(CodeActionKind::Source),
            command: Some(Command {
                title: "Restore".to_owned(),
                tooltip: None,
                command: CheckpointCommand::RESTORE.to_owned(),
                arguments: Some(vec![json!(turn.checkpoint.to_string())]),
            }),
            ..CodeAction::default()
        });
        action.into_iter().collect()
    }

    /// A delivery of a restored checkpoint is over.
    pub(super) fn restore_delivered(&mut self, number: u64, outcome: Outcome) {
        self.errand_delivered(Errand::Restore(number), outcome);
    }

    /// Says what a restored checkpoint has brought back, and remembers that it was.
    pub(super) fn tell_restored(&mut self, planned: &Planned) {
        let Some(restored) = &planned.restores else {
            return;
        };
        let id = restored.id;
        self.landings.landed.retain(|turn| turn.checkpoint != id);
        let files = planned.plan.files.len();
        let done = match files {
            0 => format!(
                "No file had to be changed to go back to before \"{}\".",
                restored.title
            ),
            files => format!(
                "Back to before \"{}\": changed {}, not saved yet.",
                restored.title,
                count(files, "file")
            ),
        };
        let conflicts = match planned.plan.conflict_count() {
            0 => String::new(),
            number => format!(
                " {}, where you have changed the same since: yours stands, and `ropewalk.conflicts` lists them.",
                count(number, "conflict")
            ),
        };
        let left = match planned.plan.refused.is_empty() {
            true => String::new(),
            false => format!(
                " Not changed:{}",
                wording::left_alone(&planned.plan.refused, |path| self.short_name(path))
            ),
        };
        let again = planned
            .checkpoint
            .map(|id| format!(" `ropewalk.checkpoint.restore {id}` takes this back."));
        let message = format!("{done}{conflicts}{}{left}", again.unwrap_or_default());
        self.say(MessageType::Info, message);
    }

    /// The list has been read.
    pub(super) fn show_checkpoints(
        &mut self,
        list: std::result::Result<Vec<Checkpoint>, PlanningError>,
    ) {
        match list {
            Ok(list) => {
                let text = wording::checkpoints(&list);
                self.write_text("checkpoints.md".to_owned(), move || text.into_bytes());
            }
            Err(error) => self.say(
                MessageType::Error,
                format!("The checkpoints cannot be listed: {error}"),
            ),
        }
    }

    fn list_checkpoints(&mut self) -> Result<Value> {
        let state_folder = state_folder().ok_or_else(no_state_folder)?;
        let folders = self.folder_paths();
        self.aside_for_landing(move || {
            LandingEvent::Checkpoints(checkpoint_list(&state_folder, &folders))
        });
        let turns = self.landings.landed.iter().rev();
        Ok(turns.map(turn_as_json).collect())
    }

    fn restore_before(&mut self, before: &Before) -> Result<Value> {
        let wanted = match before {
            Before::Id(id) => Wanted::Id(id.clone()),
            Before::Last => Wanted::Last,
            Before::Turn(task, turn) => Wanted::Id(self.checkpoint_of(*task, *turn)?),
        };
        let number = self.next_landing_number();
        let under_way = UnderWay::new("Restore a checkpoint".to_owned(), Aim::Restore(wanted));
        self.begin(Errand::Restore(number), under_way);
        Ok(Value::Null)
    }

    fn checkpoint_of(&self, task: TaskId, turn: u32) -> Result<String> {
        let mut turns = self.landings.landed.iter().rev();
        let found =
            turns.find(|landed| landed.errand == Errand::Landing(task) && landed.turn == turn);
        found.map(|landed| landed.checkpoint.to_string()).ok_or_else(|| {
            Error::invalid_params(format!(
                "turn {turn} of task {task} has changed nothing in this conversation; `ropewalk.checkpoints` lists \
                 the checkpoints, earlier ones too"
            ))
        })
    }

    /// Turns of tasks, the latest first.
    fn standing(&self) -> impl Iterator<Item = &LandedTurn> {
        let turns = self.landings.landed.iter().rev();
        turns.filter(|turn| matches!(turn.errand, Errand::Landing(_)))
    }
}

fn turn_as_json(turn: &LandedTurn) -> Value {
    let task = match turn.errand {
        Errand::Landing(task) => Some(task.0),
        Errand::Restore(_) | Errand::Decision(_) => None,
    };
    let paths: Vec<&PathBuf> = turn.paths.iter().collect();
    json!({
        "id": turn.checkpoint.to_string(),
        "title": turn.title,
        "task": task,
        "turn": turn.turn,
        "files": paths,
    })
}

fn no_state_folder() -> Error {
    Error::invalid_params("there is no place for checkpoints: set HOME or XDG_STATE_HOME")
}
