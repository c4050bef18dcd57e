//! `spawn_tasks`: the model splits its work into sub-tasks that run side by side; what they made is merged into its files.
//!
//! [`SubTasks`] runs them; `merging` joins one sub-task's changes with the files as they are by then, `report` tells the
//! model of it.

mod merging;
mod report;

use std::sync::Arc;

use changes::Proposal;
use schemars::JsonSchema;
use serde::Deserialize;

use self::merging::{Merging, merge};
use super::{change_files::change_files, function_tool::FunctionTool};
use crate::{
    ToolContext, ToolOutput,
    sub_tasks::{SubTask, SubTaskEnd, SubTaskPlace, SubTasks},
    surface::TurnEnd,
    tool::{ToolEffect, ToolStatus},
};

/// The most sub-tasks of one call.
const MOST_TASKS: usize = 16;

/// The tool.
pub struct SpawnTasks {
    sub_tasks: Arc<dyn SubTasks>,
}

impl SpawnTasks {
    /// The tool, whose sub-tasks `sub_tasks` runs.
    pub fn new(sub_tasks: Arc<dyn SubTasks>) -> Self {
        Self { sub_tasks }
    }
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// Up to 16 sub-tasks.
    tasks: Vec<Wanted>,
}

#[derive(Deserialize, JsonSchema)]
struct Wanted {
    /// A few words.
    title: String,
    /// All that the sub-task has to know: it sees nothing of this conversation.
    instructions: String,
    /// Globs and paths of the files that it may change, such as `src/net/**`; no two sub-tasks should have the same ones.
    #[serde(default)]
    files: Vec<String>,
}

/// A sub-task whose changes have been taken over as far as possible.
struct Settled {
    title: String,
    end: SubTaskEnd,
    merging: Merging,
    /// Why what could be merged was not written.
    refused: Option<String>,
    /// Where its own files are kept, if they are.
    kept: Option<String>,
}

impl FunctionTool for SpawnTasks {
    type Arguments = Arguments;

    const NAME: &'static str = "spawn_tasks";

    const DESCRIPTION: &'static str = "Splits a large change into sub-tasks that other agents do at the same time, each on a copy of \
the files as they are now, and merges what they changed into your files. For work over many files that falls into parts which \
do not depend on each other, and that `rewrite` and `rename` cannot do mechanically: do first what all parts need, then give \
each its own files and complete instructions. Not for what a few edits do. It waits for all of them and tells what each said \
and changed, and what could not be merged, which is yours to resolve. Check the whole afterwards.";

    const EXAMPLE: &'static str = r#"{"tasks": [{"title": "Port the parser", "instructions": "In src/parser replace …", "files": ["src/parser/**"]}]}"#;

    const EFFECT: ToolEffect = ToolEffect::Acts;

    fn answer(
        &self,
        arguments: Arguments,
        context: &ToolContext<'_>,
    ) -> Result<ToolOutput, ToolOutput> {
        let tasks = checked(arguments.tasks)?;
        let ends = self
            .sub_tasks
            .run(&tasks, context)
            .map_err(ToolOutput::failure)?;
        let is_interrupted = context.cancel.is_set() || ends.iter().any(was_interrupted);
        let take_over = match is_interrupted {
            true => put_aside,
            false => take_over,
        };
        let pairs = tasks.into_iter().zip(ends);
        let settled: Vec<Settled> = pairs
            .map(|(task, end)| take_over(task.title, end, context))
            .collect();
        let text = report::report(&settled, context);
        Ok(match is_interrupted {
            true => ToolOutput::interrupted(text),
            false if settled.iter().all(|one| one.end.turn.is_err()) => ToolOutput::failure(text),
            false => ToolOutput::success(text),
        })
    }
}

/// The sub-tasks, if they can be run.
fn checked(wanted: Vec<Wanted>) -> Result<Vec<SubTask>, ToolOutput> {
    let wrong =
        |problem: &str| ToolOutput::failure(format!("{problem}\nExample: {}", SpawnTasks::EXAMPLE));
    if wanted.is_empty() || wanted.len() > MOST_TASKS {
        return Err(wrong(&format!("Give 1 to {MOST_TASKS} sub-tasks.")));
    }
    let mut tasks: Vec<SubTask> = Vec::new();
    for one in wanted {
        let title = one.title.split_whitespace().collect::<Vec<_>>().join(" ");
        if title.is_empty() || one.instructions.trim().is_empty() {
            return Err(wrong("Each sub-task needs a title and instructions."));
        }
        if tasks.iter().any(|task| task.title == title) {
            return Err(wrong(&format!(
                "Two sub-tasks are called `{title}`; give each a title of its own."
            )));
        }
        tasks.push(SubTask {
            title,
            instructions: one.instructions,
            files: one.files,
        });
    }
    Ok(tasks)
}

fn was_interrupted(end: &SubTaskEnd) -> bool {
    matches!(&end.turn, Ok(turn) if turn.end == TurnEnd::Interrupted)
}

/// Merges what a sub-task made into the files. What it made stays in its twin unless all of it is taken over.
fn take_over(title: String, mut end: SubTaskEnd, context: &ToolContext<'_>) -> Settled {
    let merging = merge(&end.proposal, context.workspace);
    let written = change_files(&merging.edits, context, String::new(), |error| {
        error.to_string()
    });
    let refused = (written.status != ToolStatus::Succeeded).then(|| report::text_of(&written));
    let is_whole = refused.is_none() && merging.open.is_empty() && end.left_out.is_empty();
    let place = end.place.take();
    Settled {
        kept: place.and_then(|place| let_go(place, is_whole)),
        title,
        end,
        merging,
        refused,
    }
}

/// Leaves what a sub-task made where it is, for the turn was stopped.
fn put_aside(title: String, mut end: SubTaskEnd, _context: &ToolContext<'_>) -> Settled {
    let is_nothing = end.proposal == Proposal::default() && end.left_out.is_empty();
    let place = end.place.take();
    Settled {
        kept: place.and_then(|place| let_go(place, is_nothing)),
        title,
        end,
        merging: Merging::default(),
        refused: None,
    }
}

/// Removes a place that nobody needs; gives the name of one that is kept.
fn let_go(place: Box<dyn SubTaskPlace>, is_done_with: bool) -> Option<String> {
    if is_done_with {
        place.discard();
        return None;
    }
    let name = place.name();
    place.keep();
    Some(name)
}

#[cfg(test)]
mod tests;
