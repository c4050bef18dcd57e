//! The note at the start of a new window: what happened, the plan, the files, the summary.

use std::path::Path;

use models::{Item, ToolCall};

use super::{Material, Summary, shorten};
use crate::{
    bounded_text::prefix,
    machine::history::{self, HistoryEntry, Origin},
    tool::{ChangeKind, PlanStatus, PlanStep},
};

const OPENING: &str = "The conversation became longer than the model's window and was cut here. The user's messages above are \
kept as far as there was room; the steps that followed them are replaced by this note. The last steps follow it as they were, \
but long outputs are cut. The files are as you left them.";

/// Files that are listed at most.
const MOST_FILES: usize = 200;

/// The text of the note; `older` is what is left out.
pub(super) fn note(material: &Material<'_>, older: &[HistoryEntry], summary: &Summary) -> String {
    let mut parts = vec![OPENING.to_owned()];
    if !material.plan.is_empty() {
        parts.push(section("plan", &plan(material.plan)));
    }
    if !material.files.is_empty() {
        parts.push(section("files_changed", &files(material)));
    }
    match summary {
        Summary::Written(text) => {
            let text = shorten::text(text, material.budgets.summary);
            parts.push(section("summary", &text));
        }
        Summary::Service(_) => {}
        Summary::Missing => parts.extend(without_model(material, older)),
    }
    section("handover", &parts.join("\n\n"))
}

fn section(tag: &str, text: &str) -> String {
    format!("<{tag}>\n{text}\n</{tag}>")
}

fn plan(steps: &[PlanStep]) -> String {
    let line = |step: &PlanStep| {
        let mark = match step.status {
            PlanStatus::Pending => "[ ]",
            PlanStatus::InProgress => "[>]",
            PlanStatus::Completed => "[x]",
        };
        format!("{mark} {}", step.step)
    };
    steps.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn files(material: &Material<'_>) -> String {
    let shown = |path: &Path| {
        let path = path.strip_prefix(material.cwd).unwrap_or(path);
        path.display().to_string()
    };
    let line = |(path, kind): (&std::path::PathBuf, &ChangeKind)| match kind {
        ChangeKind::Added => format!("added {}", shown(path)),
        ChangeKind::Modified => format!("modified {}", shown(path)),
        ChangeKind::Deleted => format!("deleted {}", shown(path)),
        ChangeKind::Moved { from } => format!("moved {} to {}", shown(from), shown(path)),
    };
    let mut lines: Vec<String> = material.files.iter().take(MOST_FILES).map(line).collect();
    if material.files.len() > MOST_FILES {
        lines.push(format!("and {} more", material.files.len() - MOST_FILES));
    }
    lines.join("\n")
}

/// What can be said without a model: the note before this one, and one line a step.
fn without_model(material: &Material<'_>, older: &[HistoryEntry]) -> Vec<String> {
    let budget = material.budgets.step_list;
    let mut parts = Vec::new();
    let handover = older
        .iter()
        .rev()
        .filter(|entry| entry.origin == Origin::Handover)
        .find_map(|entry| message_text(&entry.item));
    if let Some(earlier) = handover {
        parts.push(section("earlier_note", &shorten::text(&earlier, budget)));
    }
    let steps = step_list(older, budget);
    if !steps.is_empty() {
        parts.push(section("steps_left_out", &steps));
    }
    parts
}

/// The newest steps within `budget` tokens, one line each, in their order.
fn step_list(older: &[HistoryEntry], budget: u64) -> String {
    let mut left = budget;
    let mut lines = Vec::new();
    for entry in older.iter().rev() {
        let Some(line) = step_line(entry) else {
            continue;
        };
        let tokens = history::tokens(line.len());
        if tokens > left {
            lines.push("…".to_owned());
            break;
        }
        left -= tokens;
        lines.push(line);
    }
    lines.reverse();
    lines.join("\n")
}

fn step_line(entry: &HistoryEntry) -> Option<String> {
    match &*entry.item {
        Item::ToolCall(ToolCall {
            name, arguments, ..
        }) => Some(format!("called {name} {}", line(arguments))),
        Item::ToolOutput { failed: true, .. } => Some("  which failed".to_owned()),
        item if matches!(entry.origin, Origin::Answer(_)) => {
            message_text(item).map(|text| format!("said: {}", line(&text)))
        }
        _ => None,
    }
}

/// The beginning of `text`, on one line.
fn line(text: &str) -> String {
    const LENGTH: usize = 160;
    let words: Vec<&str> = text.split_whitespace().collect();
    let words = words.join(" ");
    if words.len() <= LENGTH {
        return words;
    }
    format!("{}…", prefix(&words, LENGTH))
}

fn message_text(item: &Item) -> Option<String> {
    match item {
        Item::Message { content, .. } => {
            let texts = content.iter().filter_map(|part| match part {
                models::Content::Text { text } => Some(text.as_str()),
                models::Content::Image { .. } => None,
            });
            Some(texts.collect::<Vec<_>>().join("\n"))
        }
        _ => None,
    }
}
