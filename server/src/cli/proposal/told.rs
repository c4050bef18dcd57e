//! What was applied and what was not, in words for people and as data for programs.

use std::path::{Path, PathBuf};

use agent::landing::{Landed, Obstacle};
use changes::ChangeKind;
use serde::Serialize;

use crate::cli::printable::exact;
use crate::cli::terminal::{Style, Terminal};

/// How many lines of both sides are shown of one file.
const MOST_LINES: usize = 40;

/// A file that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ToldFile {
    /// Absolute.
    pub(crate) path: PathBuf,
    /// What happened to it: `added`, `modified`, `deleted`, `moved`.
    pub(crate) kind: &'static str,
}

/// A file that was left as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ToldConflict {
    /// Absolute.
    pub(crate) path: PathBuf,
    /// Why, in words.
    pub(crate) reason: String,
    /// The lines in which the user's text and the task's differ, between conflict marks; none where they are no texts.
    #[serde(skip)]
    sides: Vec<String>,
}

/// What an attempt to apply a proposal came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// In order of the paths.
    pub(crate) files: Vec<ToldFile>,
    /// In order of the paths.
    pub(crate) conflicts: Vec<ToldConflict>,
    /// What the user should know of single files.
    pub(crate) notes: Vec<String>,
    /// What takes it back.
    pub(crate) checkpoint: Option<String>,
}

impl Outcome {
    /// Says what was applied; paths below `folder` are shown without it.
    pub(crate) fn tell(&self, terminal: &mut Terminal, folder: &Path) {
        let applied = match self.files.len() {
            0 => "Your files have these changes already.".to_owned(),
            1 => "Applied to 1 file.".to_owned(),
            files => format!("Applied to {files} files."),
        };
        let undo = match &self.checkpoint {
            Some(_) => " `ropewalk undo` takes it back.",
            None => "",
        };
        terminal.line(&terminal.style(Style::Good, format!("{applied}{undo}")));
        self.tell_notes(terminal);
        self.tell_conflicts(terminal, folder);
    }

    /// Says what the user should know of single files.
    pub(crate) fn tell_notes(&self, terminal: &mut Terminal) {
        for note in &self.notes {
            terminal.line(&terminal.style(Style::Warning, exact(note)));
        }
    }

    /// Says what conflicts.
    pub(crate) fn tell_conflicts(&self, terminal: &mut Terminal, folder: &Path) {
        for conflict in &self.conflicts {
            let path = conflict.path.strip_prefix(folder).unwrap_or(&conflict.path);
            let line = format!("C {}: {}", path.display(), conflict.reason);
            terminal.line(&terminal.style(Style::Warning, exact(&line)));
            for line in conflict.sides.iter().take(MOST_LINES) {
                terminal.line(&format!("  {}", exact(line)));
            }
            if let Some(more @ 1..) = conflict.sides.len().checked_sub(MOST_LINES) {
                terminal.line(&terminal.style(Style::Ghost, format!("  ({more} more lines)")));
            }
        }
    }
}

impl From<&Landed> for Outcome {
    fn from(landed: &Landed) -> Self {
        let files = landed.applied.iter().map(|file| ToldFile {
            path: file.path.clone(),
            kind: kind_name(file.kind),
        });
        let conflicts = landed.conflicts.iter().map(|conflict| ToldConflict {
            path: conflict.path.clone(),
            reason: conflict.obstacle.to_string(),
            sides: sides(&conflict.obstacle),
        });
        Self {
            files: files.collect(),
            conflicts: conflicts.collect(),
            notes: landed.notes.iter().map(ToString::to_string).collect(),
            checkpoint: landed.checkpoint.map(|id| id.to_string()),
        }
    }
}

/// The conflict marks with what is between them.
fn sides(obstacle: &Obstacle) -> Vec<String> {
    let Obstacle::Merge(conflict) = obstacle else {
        return Vec::new();
    };
    let text = conflict.marked_text().unwrap_or_default();
    let mut is_between = false;
    let lines = text.lines().filter(|line| {
        is_between |= line.starts_with("<<<<<<< ");
        let is_shown = is_between;
        is_between &= !line.starts_with(">>>>>>> ");
        is_shown
    });
    lines.map(str::to_owned).collect()
}

/// As the `kind` of a file change in the thread's events.
fn kind_name(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Created => "added",
        ChangeKind::Modified | ChangeKind::Mode => "modified",
        ChangeKind::Deleted => "deleted",
        ChangeKind::Renamed => "moved",
    }
}
