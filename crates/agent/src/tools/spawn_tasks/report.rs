//! Tells the model what became of its sub-tasks: what each said and changed, and what is left for it to decide.

use std::fmt::Write;

use models::Content;

use super::{Settled, merging::Open};
use crate::{
    ToolContext, ToolOutput,
    surface::TurnEnd,
    tools::{many_files::counted, output::without_middle, places::shown},
};

/// So many files of a sub-task are named.
const MOST_NAMED: usize = 60;

/// So many regions of a file that both sides changed are shown.
const MOST_REGIONS: usize = 8;

/// Tokens of what one sub-task said that are passed on.
const SAID_TOKENS: usize = 800;

/// Tokens of one side of a region that are shown.
const SIDE_TOKENS: usize = 250;

/// Tokens of the whole report.
const MOST_TOKENS: usize = 16_000;

/// What became of all of them.
pub(super) fn report(settled: &[Settled], context: &ToolContext<'_>) -> String {
    let done = settled.iter().filter(|one| is_done(one)).count();
    let open: usize = settled.iter().map(|one| one.merging.open.len()).sum();
    let mut text = format!("{} of {} done.", done, counted(settled.len(), "sub-task"));
    if open > 0 {
        text += &format!(
            " {} could not be merged whole: resolve them.",
            counted(open, "file")
        );
    }
    text.push('\n');
    for one in settled {
        text.push_str(&chapter(one, context));
    }
    without_middle(&text, MOST_TOKENS).text
}

/// The text of an answer.
pub(super) fn text_of(output: &ToolOutput) -> String {
    let texts = output.content.iter().filter_map(|content| match content {
        Content::Text { text } => Some(text.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

fn is_done(one: &Settled) -> bool {
    matches!(&one.end.turn, Ok(turn) if turn.end == TurnEnd::Completed)
}

// Writing to a string cannot fail.
fn chapter(one: &Settled, context: &ToolContext<'_>) -> String {
    let mut text = format!("\n## {}: {}\n", one.title, how_it_went(one));
    match &one.refused {
        Some(reason) => {
            let _ = writeln!(text, "None of its changes was taken over: {reason}");
        }
        None => text.push_str(&files(one, context)),
    }
    for open in &one.merging.open {
        text.push_str(&undecided(open, context));
    }
    for sentence in &one.end.left_out {
        let _ = writeln!(text, "{sentence}");
    }
    if let Some(name) = &one.kept {
        let _ = writeln!(text, "All that it made is kept for the user: {name}.");
    }
    let said = one.end.said.trim();
    if !said.is_empty() {
        let _ = writeln!(text, "It said: {}", without_middle(said, SAID_TOKENS).text);
    }
    text
}

fn how_it_went(one: &Settled) -> String {
    match &one.end.turn {
        Err(reason) => format!("failed, {reason}"),
        Ok(turn) => match &turn.end {
            TurnEnd::Completed => "done".into(),
            TurnEnd::Interrupted => "stopped by the user".into(),
            TurnEnd::LimitReached { message, .. } => format!("not finished: {message}"),
            TurnEnd::Failed { message, .. } => format!("failed: {message}"),
        },
    }
}

fn files(one: &Settled, context: &ToolContext<'_>) -> String {
    let merged = &one.merging.merged;
    if merged.is_empty() && one.merging.open.is_empty() {
        return match one.kept {
            Some(_) => "Nothing of it was taken over.\n".into(),
            None => "It changed no file.\n".into(),
        };
    }
    let mut text = String::new();
    for file in merged.iter().take(MOST_NAMED) {
        let remark = file
            .remark
            .map_or(String::new(), |remark| format!(" ({remark})"));
        let _ = writeln!(text, "{} {}{remark}", file.mark, shown(context, &file.path));
    }
    if merged.len() > MOST_NAMED {
        let _ = writeln!(text, "[{} more files]", merged.len() - MOST_NAMED);
    }
    text
}

fn undecided(open: &Open, context: &ToolContext<'_>) -> String {
    let path = shown(context, &open.path);
    let mut text = format!("Not merged: {path} {}.\n", open.reason);
    for sides in open.sides.iter().take(MOST_REGIONS) {
        let _ = write!(
            text,
            "{path}:{}\n<<<<<<< in the file now\n{}||||||| before the sub-tasks\n{}=======\n{}>>>>>>> by this sub-task\n",
            sides.line,
            side(&sides.current),
            side(&sides.before),
            side(&sides.proposed)
        );
    }
    if open.sides.len() > MOST_REGIONS {
        let more = counted(open.sides.len() - MOST_REGIONS, "more region");
        let _ = writeln!(text, "[{more}]");
    }
    text
}

/// One side, bounded, ending with a line break unless it is empty.
fn side(text: &str) -> String {
    let mut bounded = without_middle(text, SIDE_TOKENS).text;
    if !bounded.is_empty() && !bounded.ends_with('\n') {
        bounded.push('\n');
    }
    bounded
}
