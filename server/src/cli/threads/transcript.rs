//! A thread as a person reads it: what was said, what was done, how each turn ended.
//!
//! Text in a log comes from models, commands and files: nothing of it may speak to the terminal.

use agent::machine::{Entry, Event};
use agent::store::{Header, ThreadRecord};
use agent::surface::{TurnEnd, TurnSummary};
use agent::tool::{ChangeKind, Presentation, PresentedChange, ToolOutput, ToolStatus};
use models::{Content, Item, Role, ToolCall};

use super::table;
use crate::cli::printable::readable;
use crate::cli::terminal::Style;

/// How a piece of text is given its style.
type Paint<'a> = &'a dyn Fn(Style, &str) -> String;

/// Lines shown of a tool's answer; the whole is in the JSON form.
const OUTPUT_LINES: usize = 12;

/// Characters shown of a call's arguments.
const ARGUMENT_CHARACTERS: usize = 160;

/// The whole thread.
pub(super) fn transcript(record: &ThreadRecord<Entry>, paint: Paint<'_>) -> String {
    let mut text = head(&record.header, paint);
    for entry in &record.events {
        if let Some(paragraph) = paragraph(&entry.event, paint) {
            text.push('\n');
            text.push_str(&paragraph);
            text.push('\n');
        }
    }
    let summary = &record.summary;
    let state = table::state(summary.state);
    text.push_str(&format!("\n{state}, {}\n", table::spent(summary)));
    text
}

fn head(header: &Header, paint: Paint<'_>) -> String {
    let mut text = format!(
        "{}\n{}, {}/{}\n{}\n",
        paint(Style::Bold, &format!("Thread {}", header.id)),
        table::local_time(header.created),
        header.provider,
        header.model,
        header.cwd.display()
    );
    if let Some(parent) = header.parent {
        text.push_str(&format!("forked from {parent}\n"));
    }
    if let Some(whole) = header.part_of {
        text.push_str(&format!("a part of {whole}\n"));
    }
    text
}

/// What a person wants to read of an event; nothing of most.
fn paragraph(event: &Event, paint: Paint<'_>) -> Option<String> {
    let note = |text: &str| Some(paint(Style::Ghost, text));
    match event {
        Event::InputGiven { content } => Some(paint(Style::Bold, &format!("> {}", said(content)))),
        Event::ItemReceived { item } => spoken(item, paint),
        Event::ToolFinished { output, .. } => Some(answer(output, paint)),
        Event::AnswerFailed { error } => Some(paint(Style::Warning, &readable(&error.message))),
        Event::TurnEnded(turn) => Some(turn_end(turn, paint)),
        Event::InterruptRequested => note("interrupted by the user"),
        Event::CompactionRequested => note("compaction asked for by the user"),
        Event::Resumed { .. } => note("resumed"),
        Event::Forked { parent, turn, .. } => note(&format!("forked from {parent}, turn {turn}")),
        Event::SettingsChanged(settings) => note(&format!(
            "from here on with {}/{}",
            settings.provider, settings.model
        )),
        _ => None,
    }
}

fn spoken(item: &Item, paint: Paint<'_>) -> Option<String> {
    match item {
        Item::Message {
            role: Role::Assistant,
            content,
            ..
        } => Some(said(content)),
        Item::Reasoning { summary, .. } if !summary.is_empty() => {
            Some(paint(Style::Ghost, &readable(&summary.join("\n\n"))))
        }
        Item::ToolCall(call) => Some(called(call, paint)),
        _ => None,
    }
}

fn said(content: &[Content]) -> String {
    let parts: Vec<String> = content
        .iter()
        .map(|part| match part {
            Content::Text { text } => readable(text.trim_end()),
            Content::Image { media_type, .. } => format!("[{media_type}]"),
        })
        .collect();
    parts.join("\n")
}

fn called(call: &ToolCall, paint: Paint<'_>) -> String {
    let words: Vec<&str> = call.arguments.split_whitespace().collect();
    let arguments = readable(&words.join(" "));
    let shown: String = arguments.chars().take(ARGUMENT_CHARACTERS).collect();
    let more = if shown.len() < arguments.len() {
        "…"
    } else {
        ""
    };
    let name = paint(Style::Good, &readable(&call.name));
    format!("• {name} {shown}{more}")
}

fn answer(output: &ToolOutput, paint: Paint<'_>) -> String {
    let text = match &output.presentation {
        Some(Presentation::FileChanges { changes }) if output.status == ToolStatus::Succeeded => {
            let changes: Vec<String> = changes.iter().map(change).collect();
            changes.join("\n")
        }
        _ => shortened(&said(&output.content)),
    };
    let style = match output.status {
        ToolStatus::Succeeded => Style::Ghost,
        ToolStatus::Failed | ToolStatus::Declined | ToolStatus::Interrupted => Style::Warning,
    };
    let indented: Vec<String> = text.lines().map(|line| format!("  {line}")).collect();
    paint(style, &indented.join("\n"))
}

fn change(change: &PresentedChange) -> String {
    let path = readable(&change.path.display().to_string());
    let heading = match &change.kind {
        ChangeKind::Added => format!("added {path}"),
        ChangeKind::Modified => format!("changed {path}"),
        ChangeKind::Deleted => format!("deleted {path}"),
        ChangeKind::Moved { from } => {
            format!("moved {} to {path}", readable(&from.display().to_string()))
        }
    };
    format!("{heading}\n{}", readable(change.diff.trim_end()))
}

/// The beginning and the end, where most is said.
fn shortened(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() <= OUTPUT_LINES {
        return lines.join("\n");
    }
    let half = OUTPUT_LINES / 2;
    let (beginning, end) = (&lines[..half], &lines[lines.len() - half..]);
    let between = lines.len() - OUTPUT_LINES;
    format!(
        "{}\n[{between} lines not shown]\n{}",
        beginning.join("\n"),
        end.join("\n")
    )
}

fn turn_end(turn: &TurnSummary, paint: Paint<'_>) -> String {
    let (style, end) = match &turn.end {
        TurnEnd::Completed => (Style::Good, "finished".to_owned()),
        TurnEnd::Interrupted => (Style::Warning, "interrupted".into()),
        TurnEnd::LimitReached { message, .. } | TurnEnd::Failed { message, .. } => {
            (Style::Warning, format!("ended: {}", readable(message)))
        }
    };
    let cost = turn.cost.map(|cost| format!(", {}", table::dollars(cost)));
    let text = format!(
        "— turn {} {end} ({} {}, {} tokens{}, {}.{} s)",
        turn.turn,
        turn.steps,
        if turn.steps == 1 { "step" } else { "steps" },
        table::thousands(turn.usage.total()),
        cost.unwrap_or_default(),
        turn.milliseconds / 1000,
        turn.milliseconds % 1000 / 100
    );
    paint(style, &text)
}
