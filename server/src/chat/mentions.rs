//! What a message mentions: `@selection`, `@diagnostics`, `@diff`, and files as `@src/a.rs`. Completed while it is written,
//! and told to the agent with the message. Pure, but for looking whether a mentioned file is there.

use std::ops::Range;
use std::path::{Path, PathBuf};

use agent::world::{Diagnostic, Severity};

use super::links::Links;

/// Longer selections are cut; the agent can read the file. In bytes.
const LONGEST_SELECTION: usize = 16 * 1024;

/// More diagnostics than this are counted only.
const MOST_DIAGNOSTICS: usize = 50;

/// What stands between a message and what it mentions, in the turn's input.
const SEPARATOR: &str = "\n\nWhat `@…` in this message means:\n";

/// Mentions that are no files, each with what it stands for.
pub(crate) const NAMED: [(&str, &str); 3] = [
    (
        "selection",
        "What is selected in the file that you were in last",
    ),
    (
        "diagnostics",
        "What is reported about that file, or about all files",
    ),
    ("diff", "What has changed and is not committed yet"),
];

/// What mentions can stand for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mentionable {
    /// Where files are looked for.
    pub(crate) links: Links,
    /// Where the user was last, and what is selected there.
    pub(crate) selection: Option<Selected>,
    /// What is reported, of all files.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Some text of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selected {
    /// Absolute.
    pub(crate) path: PathBuf,
    /// The first line and the last, counted from 1.
    pub(crate) lines: (usize, usize),
    /// The text; empty for a cursor.
    pub(crate) text: String,
}

/// The turn's input that a message means: the message, and what it mentions.
pub(crate) fn expand(message: &str, mentionable: &Mentionable) -> String {
    let mut told: Vec<String> = Vec::new();
    for word in mentioned(message) {
        let meaning = match word {
            "selection" => mentionable.selection_told(),
            "diagnostics" => mentionable.diagnostics_told(),
            "diff" => "- `@diff`: what the user has changed and not committed. See it with `git status --short` and \
                       `git diff HEAD`."
                .to_owned(),
            word => match mentionable.links.find(word) {
                Some(path) => {
                    format!("- `@{word}`: the file `{}`; read it.", mentionable.links.name(&path))
                }
                None => continue,
            },
        };
        if !told.contains(&meaning) {
            told.push(meaning);
        }
    }
    match told.is_empty() {
        true => message.to_owned(),
        false => format!("{message}{SEPARATOR}{}", told.join("\n")),
    }
}

/// The message of a turn's input.
pub(crate) fn message_of(input: &str) -> &str {
    input
        .split_once(SEPARATOR)
        .map_or(input, |(message, _)| message)
}

/// The mention that is being written at the end of `before`, the text before the cursor: where it begins, its `@` included.
pub(crate) fn being_written(before: &str) -> Option<Range<usize>> {
    let start = before.rfind('@')?;
    let is_word = before[start + 1..].chars().all(is_mention_character);
    (is_word && begins_word(before, start)).then_some(start..before.len())
}

/// How well `path` fits what was typed, the smaller the better; `None` when it does not. Case does not count.
pub(crate) fn fitness(path: &str, typed: &str) -> Option<usize> {
    let (path, typed) = (path.to_lowercase(), typed.to_lowercase());
    let name = path.rsplit('/').next().unwrap_or(&path);
    let rank = if path.starts_with(&typed) || name.starts_with(&typed) {
        0
    } else if name.contains(&typed) {
        1
    } else if path.contains(&typed) {
        2
    } else {
        return None;
    };
    Some(rank * 10_000 + path.len().min(9_999))
}

fn mentioned(message: &str) -> impl Iterator<Item = &str> {
    let places = message.match_indices('@').map(|(start, _)| start);
    places
        .filter(|start| begins_word(message, *start))
        .filter_map(|start| {
            let rest = &message[start + 1..];
            let end = rest.find(|character| !is_mention_character(character));
            let word = rest[..end.unwrap_or(rest.len())].trim_end_matches(['.', ',', ':', '/']);
            (!word.is_empty()).then_some(word)
        })
}

fn begins_word(text: &str, start: usize) -> bool {
    let before = text[..start].chars().next_back();
    before.is_none_or(|before| before.is_whitespace() || "([{\"'`*".contains(before))
}

fn is_mention_character(character: char) -> bool {
    character.is_alphanumeric() || "._-/+:~".contains(character)
}

impl Mentionable {
    fn selection_told(&self) -> String {
        let Some(selected) = &self.selection else {
            return "- `@selection`: nothing is known to be selected.".into();
        };
        let path = self.links.name(&selected.path);
        let (first, last) = selected.lines;
        if selected.text.is_empty() {
            return format!(
                "- `@selection`: the cursor is in `{path}`, line {first}; nothing is selected."
            );
        }
        let text = beginning(&selected.text);
        format!(
            "- `@selection`: `{path}`, lines {first} to {last}:\n\n{}\n",
            fenced(text)
        )
    }

    fn diagnostics_told(&self) -> String {
        let of_file = |path: &Path| -> Vec<&Diagnostic> {
            self.diagnostics
                .iter()
                .filter(|diagnostic| diagnostic.path == path)
                .collect()
        };
        let here = self
            .selection
            .as_ref()
            .map(|selected| of_file(&selected.path));
        let chosen = match here {
            Some(here) if !here.is_empty() => here,
            _ => self.diagnostics.iter().collect(),
        };
        if chosen.is_empty() {
            return "- `@diagnostics`: the editor reports none.".into();
        }
        let more = chosen.len().saturating_sub(MOST_DIAGNOSTICS);
        let mut lines = vec!["- `@diagnostics`:".to_owned()];
        lines.extend(
            chosen
                .iter()
                .take(MOST_DIAGNOSTICS)
                .map(|diagnostic| self.diagnostic_line(diagnostic)),
        );
        if more > 0 {
            lines.push(format!("  - and {more} more"));
        }
        lines.join("\n")
    }

    fn diagnostic_line(&self, diagnostic: &Diagnostic) -> String {
        let severity = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Information => "information",
            Severity::Hint => "hint",
        };
        let source = diagnostic
            .source
            .as_deref()
            .map(|source| format!(" ({source})"));
        format!(
            "  - {}:{}:{} {severity}{}: {}",
            self.links.name(&diagnostic.path),
            diagnostic.place.line,
            diagnostic.place.column,
            source.unwrap_or_default(),
            diagnostic.message.replace('\n', "\n    ")
        )
    }
}

fn beginning(text: &str) -> &str {
    let mut end = text.len().min(LONGEST_SELECTION);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// `text` as a block of code, whatever it contains.
pub(crate) fn fenced(text: &str) -> String {
    let longest_run = text.split(|character| character != '`').map(str::len).max();
    let fence = "`".repeat(longest_run.unwrap_or(0).max(2) + 1);
    format!("{fence}\n{}\n{fence}", text.trim_end_matches('\n'))
}

#[cfg(test)]
mod tests;
