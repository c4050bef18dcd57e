//! What a task's turn does at the moment, and how far it is, in words for a line of progress. Pure: folded from the thread's
//! events.

use std::path::Path;

use agent::surface::{ItemDetails, ItemUpdate, SurfaceItem, ThreadEvent};
use agent::tool::{PlanStatus, PlanStep};
use serde_json::Value;

use crate::cli::printable::readable;

/// Longer steps are cut, in characters: editors have one line for them.
const LONGEST_STEP: usize = 80;

/// How far a turn is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TurnProgress {
    /// What it does, if it has begun.
    step: Option<String>,
    /// As the agent has written it down.
    plan: Vec<PlanStep>,
    /// The most that was ever told, in percent.
    percentage: u32,
}

impl TurnProgress {
    /// Takes in an event; says whether there is something new to tell.
    pub(crate) fn take(&mut self, event: &ThreadEvent) -> bool {
        let before = self.clone();
        match event {
            ThreadEvent::TurnStarted { .. } => self.step = Some("thinking".into()),
            ThreadEvent::ItemStarted { item } => self.take_item(&item.details),
            ThreadEvent::ItemUpdated {
                update: ItemUpdate::Running { details },
                ..
            } => self.take_item(details),
            ThreadEvent::ItemUpdated {
                update: ItemUpdate::Text { .. },
                ..
            } => self.step = Some("thinking".into()),
            ThreadEvent::ItemCompleted { item } => self.complete(item),
            _ => {}
        }
        *self != before
    }

    /// What it does, with the plan's step, for example `3/5 run the tests: cargo test`.
    pub(crate) fn line(&self) -> String {
        let step = self.step.as_deref().unwrap_or("starting");
        match self.plan_step() {
            Some(planned) => format!("{planned}: {step}"),
            None => step.to_owned(),
        }
    }

    /// How many of the plan's steps are done, in percent; never less than before. `None` without a plan.
    pub(crate) fn percentage(&self) -> Option<u32> {
        (!self.plan.is_empty()).then_some(self.percentage)
    }

    fn plan_step(&self) -> Option<String> {
        let in_progress = |step: &PlanStep| step.status == PlanStatus::InProgress;
        let number = self.plan.iter().position(in_progress)?;
        let count = self.plan.len();
        let words = one_line(&self.plan[number].step);
        Some(format!("{}/{count} {words}", number + 1))
    }

    fn take_item(&mut self, details: &ItemDetails) {
        match details {
            ItemDetails::Plan { steps } => self.take_plan(steps),
            details => {
                if let Some(step) = step(details) {
                    self.step = Some(one_line(&step));
                }
            }
        }
    }

    fn complete(&mut self, item: &SurfaceItem) {
        match &item.details {
            ItemDetails::Plan { steps } => self.take_plan(steps),
            ItemDetails::Command { .. }
            | ItemDetails::FileChange { .. }
            | ItemDetails::ToolCall { .. } => self.step = Some("thinking".into()),
            _ => {}
        }
    }

    fn take_plan(&mut self, steps: &[PlanStep]) {
        self.plan = steps.to_vec();
        let is_done = |step: &&PlanStep| step.status == PlanStatus::Completed;
        let done = steps.iter().filter(is_done).count();
        if let Some(percentage) = (done * 100).checked_div(steps.len()) {
            // The rest of the turn is the last percent.
            let percentage = u32::try_from(percentage).unwrap_or(0).min(99);
            self.percentage = self.percentage.max(percentage);
        }
    }
}

/// What an item does, in words; nothing for what is no step of its own.
fn step(details: &ItemDetails) -> Option<String> {
    Some(match details {
        ItemDetails::Message { .. } | ItemDetails::Reasoning { .. } => "thinking".into(),
        ItemDetails::Command { command, .. } => {
            let line = command.lines().find(|line| !line.trim().is_empty());
            line.unwrap_or("a command").trim().to_owned()
        }
        ItemDetails::FileChange { changes, .. } => match &changes[..] {
            [] => "changing files".into(),
            [change] => format!("changing {}", file_name(&change.path)),
            [change, rest @ ..] => {
                format!(
                    "changing {} and {} more",
                    file_name(&change.path),
                    rest.len()
                )
            }
        },
        ItemDetails::ToolCall {
            name, arguments, ..
        } => tool_step(name, arguments),
        ItemDetails::Compaction { .. } => "compacting the conversation".into(),
        ItemDetails::Plan { .. } => return None,
    })
}

fn tool_step(name: &str, arguments: &str) -> String {
    let arguments: Value = serde_json::from_str(arguments).unwrap_or_default();
    let argument = |key: &str| arguments[key].as_str().map(str::to_owned);
    let about = |verb: &str, thing: Option<String>| match thing {
        Some(thing) => format!("{verb} {thing}"),
        None => verb.to_owned(),
    };
    match name {
        "read_file" | "view_image" => about("reading", argument("path")),
        "outline" => about("looking at", argument("path")),
        "list_files" => about("listing files in", argument("path").or(Some(".".into()))),
        "search" => about("searching", argument("pattern").or(argument("query"))),
        "find_symbol" => about("looking for", argument("name")),
        "edit_file" | "apply_patch" => about("changing", argument("path").or(Some("files".into()))),
        "rename" => about("renaming", argument("old_name").or(argument("name"))),
        "rewrite" => about("rewriting", argument("pattern")),
        "diagnostics" => "looking at the diagnostics".into(),
        "ask_user" => "asking".into(),
        "update_plan" => "planning".into(),
        "write_stdin" => "waiting for a command".into(),
        name => name.to_owned(),
    }
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// Models write what they like.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = readable(&words.join(" "));
    match line.char_indices().nth(LONGEST_STEP) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests;
