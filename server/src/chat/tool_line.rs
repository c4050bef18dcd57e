//! A tool's call as one line of a list: what it does or did, and how it went. Pure.

use std::path::Path;

use agent::surface::ItemDetails;
use agent::tool::{ChangeKind, PresentedChange, ToolStatus};

use super::links::Links;

/// Longer commands and arguments are cut. In characters.
const LONGEST: usize = 100;

/// The line; nothing for items that are no call.
pub(super) fn tool_line(details: &ItemDetails, links: &Links) -> Option<String> {
    let (what, status) = match details {
        ItemDetails::Command {
            command,
            status,
            exit_code,
            ..
        } => {
            let verb = match status {
                None => "running",
                Some(ToolStatus::Declined) => "not run:",
                Some(_) => "ran",
            };
            let code = exit_code.filter(|code| *code != 0);
            let code = code.map_or(String::new(), |code| format!(" (exit code {code})"));
            let is_failure = exit_code.is_some_and(|code| code != 0);
            let status = match status {
                Some(ToolStatus::Succeeded) if is_failure => Some(ToolStatus::Failed),
                status => *status,
            };
            (format!("{verb} {}{code}", inline_code(command)), status)
        }
        ItemDetails::FileChange { changes, status } => (changed(changes, *status, links), *status),
        ItemDetails::ToolCall {
            name,
            arguments,
            status,
            ..
        } => {
            let arguments = told_arguments(arguments, links);
            let space = if arguments.is_empty() { "" } else { " " };
            (format!("{}{space}{arguments}", inline_code(name)), *status)
        }
        ItemDetails::Message { .. }
        | ItemDetails::Reasoning { .. }
        | ItemDetails::Plan { .. }
        | ItemDetails::Compaction { .. } => return None,
    };
    Some(format!("- {what}{}", mark(status)))
}

fn mark(status: Option<ToolStatus>) -> &'static str {
    match status {
        None => " …",
        Some(ToolStatus::Succeeded) => " ✓",
        Some(ToolStatus::Failed) => " ✗",
        Some(ToolStatus::Declined) => " ✗ declined",
        Some(ToolStatus::Interrupted) => " ✗ stopped",
    }
}

fn changed(changes: &[PresentedChange], status: Option<ToolStatus>, links: &Links) -> String {
    let verb = if status.is_some() {
        "changed"
    } else {
        "changing"
    };
    let files: Vec<String> = changes.iter().map(|change| file(change, links)).collect();
    match files.is_empty() {
        true => format!("{verb} files"),
        false => format!("{verb} {}", files.join(", ")),
    }
}

fn file(change: &PresentedChange, links: &Links) -> String {
    let shown = links.link(&change.path, None);
    match &change.kind {
        ChangeKind::Modified => shown,
        ChangeKind::Added => format!("{shown} (new)"),
        ChangeKind::Deleted => format!("{} (deleted)", inline_code(&links.name(&change.path))),
        ChangeKind::Moved { from } => {
            format!("{shown} (was {})", inline_code(&links.name(from)))
        }
    }
}

/// The one path that a call is about as a link, else its arguments in short.
fn told_arguments(arguments: &str, links: &Links) -> String {
    let parsed: serde_json::Value = serde_json::from_str(arguments).unwrap_or_default();
    let path = parsed["path"].as_str().and_then(|path| links.find(path));
    let pattern = ["pattern", "query", "name", "question"]
        .iter()
        .find_map(|key| parsed[*key].as_str());
    let mut told: Vec<String> = Vec::new();
    told.extend(pattern.map(inline_code));
    told.extend(path.map(|path: std::path::PathBuf| links.link(Path::new(&path), None)));
    if told.is_empty() && !arguments.trim().is_empty() && arguments.trim() != "{}" {
        told.push(inline_code(arguments));
    }
    told.join(" in ")
}

/// `text` on one line, in as many backticks as it takes.
pub(super) fn inline_code(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown: String = words.chars().take(LONGEST).collect();
    if shown.len() < words.len() {
        shown.push('…');
    }
    let longest_run = shown
        .split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(longest_run + 1);
    let space = if longest_run > 0 { " " } else { "" };
    format!("{fence}{space}{shown}{space}{fence}")
}
