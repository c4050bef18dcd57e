//! A proposal for a person: each file with its diff in colour, or cut to what can be taken in at a glance.
//!
//! Everything is shown exactly: what a task wrote can neither hide in its diff nor speak to the terminal.

use std::path::Path;

use agent::tool::{ChangeKind, PresentedChange};
use changes::{Base, Content, FileChange, FileState, Proposal, text_diff};

use crate::cli::exec::transcript::{indented, show_change};
use crate::cli::printable::exact;
use crate::cli::terminal::{Style, Terminal};

/// How many lines of diffs are shown before the rest is only counted.
const MOST_LINES: usize = 200;

/// How many files are named before the rest is only counted.
const MOST_FILES: usize = 200;

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All of it.
    Whole,
    /// What fits [`MOST_LINES`], file by file; a file that does not is named only, and no more than [`MOST_FILES`] are.
    Glance,
}

/// Whether everything was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Whole,
    InPart,
}

/// The changes as surfaces know them, in the proposal's order.
pub(crate) fn presented(proposal: &Proposal) -> Vec<PresentedChange> {
    proposal.files.iter().map(presented_change).collect()
}

/// Shows the summary and the diffs. Paths below `folder` are shown without it.
pub(crate) fn show(
    terminal: &mut Terminal,
    proposal: &Proposal,
    folder: &Path,
    extent: Extent,
) -> Shown {
    let (mut room, named) = match extent {
        Extent::Whole => (usize::MAX, usize::MAX),
        Extent::Glance => (MOST_LINES, MOST_FILES),
    };
    let mut shown = Shown::Whole;
    for file in proposal.files.iter().take(named) {
        let mut change = presented_change(file);
        let lines = change.diff.lines().count();
        let is_cut = lines > room;
        if is_cut {
            change.diff.clear();
            shown = Shown::InPart;
        }
        show_change(terminal, &change, folder);
        for note in notes(file) {
            terminal.line(&format!("  {note}"));
        }
        if is_cut {
            let note = format!("  ({lines} lines of diff, not shown here)");
            terminal.line(&terminal.style(Style::Ghost, note));
        }
        // A long file does not take the room of the short ones after it.
        room = if is_cut { room } else { room - lines };
    }
    let unnamed = proposal.files.len().saturating_sub(named);
    if unnamed > 0 {
        shown = Shown::InPart;
        let note = format!("({unnamed} more files, not named here)");
        terminal.line(&terminal.style(Style::Ghost, note));
    }
    let headline = proposal.summary(&[folder.to_path_buf()]).headline();
    terminal.line(&terminal.style(Style::Bold, headline));
    shown
}

fn presented_change(change: &FileChange) -> PresentedChange {
    PresentedChange {
        path: change.path.clone(),
        kind: match (&change.renamed_from, &change.base, &change.after) {
            (Some(from), _, _) => ChangeKind::Moved { from: from.clone() },
            (None, _, None) => ChangeKind::Deleted,
            (None, Base::Absent, Some(_)) => ChangeKind::Added,
            (None, Base::Known(_) | Base::Unknown, Some(_)) => ChangeKind::Modified,
        },
        diff: match (&change.base, is_shown_as_text(change)) {
            // Against an unknown beginning there is no difference to show.
            (Base::Unknown, _) | (_, false) => String::new(),
            _ => text_diff(
                &shown_text(change.before()),
                &shown_text(change.after.as_ref()),
            ),
        },
    }
}

fn is_shown_as_text(change: &FileChange) -> bool {
    let sides = [change.before(), change.after.as_ref()];
    sides
        .into_iter()
        .flatten()
        .all(|state| state.is_link() || state.text().is_some())
}

/// The text of a side; of a link, where it leads, as git shows it.
fn shown_text(state: Option<&FileState>) -> String {
    match state.map(|state| (&state.content, state.text())) {
        Some((Content::Link(target), _)) => target.to_string_lossy().into_owned(),
        Some((Content::Bytes(_), text)) => text.unwrap_or_default().to_owned(),
        None => String::new(),
    }
}

/// What a diff does not tell.
fn notes(change: &FileChange) -> Vec<String> {
    let mut notes = Vec::new();
    if change.base == Base::Unknown {
        notes.push(
            "(you changed it while the task worked, and what the task started from is not known)"
                .to_owned(),
        );
    }
    if !is_shown_as_text(change) {
        let size = |state: Option<&FileState>| match state.map(|state| &state.content) {
            Some(Content::Bytes(bytes)) => format!("{} bytes", bytes.len()),
            Some(Content::Link(_)) => "a link".to_owned(),
            None => "nothing".to_owned(),
        };
        notes.push(format!(
            "(binary: {} becomes {})",
            size(change.before()),
            size(change.after.as_ref())
        ));
    }
    match (&change.after, change.new_mode()) {
        (Some(after), _) if after.is_link() => notes.push(format!(
            "(a link to {})",
            indented(&exact(&shown_text(Some(after))))
        )),
        (_, Some(true)) => notes.push("(may be executed now)".to_owned()),
        (_, Some(false)) => notes.push("(may no longer be executed)".to_owned()),
        (Some(after), None) if after.is_executable && change.base == Base::Absent => {
            notes.push("(may be executed)".to_owned());
        }
        _ => {}
    }
    notes
}
