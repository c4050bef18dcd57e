//! What the user is told of landings, conflicts and checkpoints: sentences with the next step. Pure.

use std::path::{Path, PathBuf};

use agent::landing::Checkpoint;
use changes::{ConflictReason, FileState};

use super::{ConflictHunk, LandingPlan, WholeFile};

/// So many files are named in a message; the rest are counted.
const NAMED: usize = 5;

/// What became of the user's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Review {
    /// The changes wait to be judged, hunk by hunk.
    Open,
    /// They are kept at once.
    Kept,
}

/// `1 file`, `3 files`.
pub(crate) fn count(number: usize, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        number => format!("{number} {one}s"),
    }
}

/// What a landing has done.
pub(crate) fn landed(plan: &LandingPlan, hunks: usize, review: Review) -> String {
    let mut sentences = Vec::new();
    let files = plan.files.len();
    match (files, review) {
        (0, _) => sentences.push("Nothing had to be changed.".to_owned()),
        (_, Review::Open) => sentences.push(format!(
            "Changed {}, not saved yet: {} to review.",
            count(files, "file"),
            count(hunks, "hunk")
        )),
        (_, Review::Kept) => {
            sentences.push(format!("Changed {}, not saved yet.", count(files, "file")))
        }
    }
    let conflicts = plan.conflict_count();
    if 0 < conflicts {
        sentences.push(format!(
            "{} to decide, where you changed the same: look for the warnings, or run `ropewalk.conflicts`.",
            count(conflicts, "conflict")
        ));
    }
    sentences.join(" ")
}

/// Which files were left alone, with their reasons; empty when there are none.
pub(crate) fn left_alone(files: &[(PathBuf, String)], name: impl Fn(&Path) -> String) -> String {
    let mut lines: Vec<String> = files
        .iter()
        .take(NAMED)
        .map(|(path, reason)| format!("\n- {} {reason}", name(path)))
        .collect();
    if NAMED < files.len() {
        lines.push(format!("\n- and {} more", files.len() - NAMED));
    }
    lines.concat()
}

/// Why something waits instead of having landed, with what can be done.
pub(crate) fn waiting(task: &str, reason: &str, number: u32) -> String {
    format!(
        "{task}: {reason} Nothing is lost: the changes wait. `ropewalk.task.apply {number}` applies them, \
         `ropewalk.task.changes {number}` shows them, `ropewalk.task.discard {number}` throws them away."
    )
}

/// A conflict as a diagnostic.
pub(crate) fn hunk_message(hunk: &ConflictHunk) -> String {
    let wanted = match hunk.proposed.lines().count() {
        0 => "wants these lines gone".to_owned(),
        lines => format!("has {} for this place", count(lines, "line")),
    };
    format!(
        "Conflict {}: you changed what \"{}\" changed too; it {wanted}. Your version stands.",
        hunk.number, hunk.source.title
    )
}

/// A file to be decided as a whole, as the rest of a sentence that begins with its name.
pub(crate) fn file_message(file: &WholeFile) -> String {
    match (file.reason, &file.proposed) {
        (ConflictReason::DeletedByUser, Some(_)) => {
            "was deleted or moved by you, and changed by the task. It stays deleted".to_owned()
        }
        (reason, _) => format!("{reason}. It stays as you have it"),
    }
}

/// Both sides of a place, and what they come from, as Markdown.
pub(crate) fn hunk_sides(name: &str, yours: &str, hunk: &ConflictHunk) -> String {
    let mut text = format!(
        "# Conflict {} in {name}\n\nFrom the task \"{}\".\n",
        hunk.number, hunk.source.title
    );
    text.push_str(&section("Yours, which stands in the file", yours));
    text.push_str(&section("The task's", &hunk.proposed));
    if let Some(base) = &hunk.base {
        text.push_str(&section("What both started from", base));
    }
    text
}

/// Both sides of a file, as Markdown.
pub(crate) fn file_sides(
    number: u64,
    name: &str,
    yours: Option<&FileState>,
    file: &WholeFile,
) -> String {
    format!(
        "# Conflict {number}: {name}\n\n`{name}` {}.\n{}{}",
        file_message(file),
        section("Yours", &side(yours)),
        section("The task's", &side(file.proposed.as_ref()))
    )
}

/// A list of checkpoints as Markdown.
pub(crate) fn checkpoints(list: &[Checkpoint]) -> String {
    if list.is_empty() {
        return "# Checkpoints\n\nNone were taken in these folders yet.\n".to_owned();
    }
    let mut text = "# Checkpoints\n\nThe latest first. `ropewalk.checkpoint.restore ID` brings back what was there before; \
         the beginning of the ID will do where it is the only one that begins so.\n\n"
        .to_owned();
    for checkpoint in list {
        text.push_str(&checkpoint_line(checkpoint));
    }
    text
}

fn checkpoint_line(checkpoint: &Checkpoint) -> String {
    let turn = checkpoint.turn.map(|turn| format!(", turn {turn}"));
    let undone = match checkpoint.is_undone {
        true => " (taken back)",
        false => "",
    };
    let time = checkpoint.time.strftime("%Y-%m-%d %H:%M UTC");
    format!(
        "- `{}` {time}: {}{}, {}{undone}\n",
        checkpoint.id,
        checkpoint.title.replace(['\n', '\r'], " "),
        turn.unwrap_or_default(),
        count(checkpoint.files.len(), "file")
    )
}

fn side(state: Option<&FileState>) -> String {
    match state {
        None => "(no file)".to_owned(),
        Some(state) => match (&state.content, state.text()) {
            (_, Some(text)) => text.to_owned(),
            (changes::Content::Link(target), None) => format!("(a link to {})", target.display()),
            (changes::Content::Bytes(bytes), None) => format!("({} bytes, no text)", bytes.len()),
        },
    }
}

/// Text between fences that are longer than any in it.
fn section(title: &str, text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max();
    let fence = "`".repeat(longest.unwrap_or_default().max(2) + 1);
    let end = match text.is_empty() || text.ends_with('\n') {
        true => "",
        false => "\n",
    };
    format!("\n## {title}\n\n{fence}\n{text}{end}{fence}\n")
}

#[cfg(test)]
mod tests;
