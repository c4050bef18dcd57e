//! `ropewalk undo`: takes back what was applied, without git; also what an earlier undo has taken back.

use std::path::Path;
use std::process::ExitCode;

use agent::landing::{self, Checkpoint, Conflict, ConflictPolicy, Landed, Obstacle, Wanted};
use anyhow::{Context, bail};
use changes::ConflictReason;
use clap::builder::NonEmptyStringValueParser;

use super::exec;
use super::printable::readable;
use super::proposal::told::Outcome;
use super::short_id::short_id;
use super::terminal::{Style, Terminal};
use super::threads::table::local_time;
use crate::twins::Twins;

/// Arguments of `ropewalk undo`.
#[derive(Debug, clap::Args)]
pub(crate) struct UndoArguments {
    /// The change to take back, as `--list` names it, or the beginning of its id; without it, the last one in the current
    /// folder that still stands.
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    id: Option<String>,
    /// List what can be taken back in the current folder, the latest first.
    #[arg(long, conflicts_with = "id")]
    list: bool,
    /// With `--list`: in all folders.
    #[arg(long, requires = "list")]
    all: bool,
}

/// Does what was asked for; the exit code is 1 when some files could not be taken back.
pub(crate) fn run(arguments: &UndoArguments) -> anyhow::Result<ExitCode> {
    let cwd = exec::working_folder(None)?;
    let twins = Twins::of_this_user(&cwd)?;
    if arguments.list {
        list(&twins, (!arguments.all).then_some(cwd.as_path()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let wanted = match &arguments.id {
        Some(id) => Wanted::Id(id.clone()),
        None => Wanted::Last,
    };
    let folders = [cwd.clone()];
    let options = twins.landing_options(&folders, "", None, ConflictPolicy::KeepForLater);
    let (checkpoint, landed) = landing::undo(&wanted, &options)?;
    tell(&checkpoint, &landed, &cwd);
    Ok(match landed.conflicts.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn tell(checkpoint: &Checkpoint, landed: &Landed, cwd: &Path) {
    let mut terminal = Terminal::stdout();
    let title = readable(&title(checkpoint));
    let files = match landed.applied.len() {
        0 => "No file had to be changed to take back".to_owned(),
        1 => "Took back, in 1 file,".to_owned(),
        files => format!("Took back, in {files} files,"),
    };
    terminal.line(&terminal.style(Style::Good, format!("{files} {title}.")));
    let mut outcome = Outcome::from(landed);
    for (told, conflict) in outcome.conflicts.iter_mut().zip(&landed.conflicts) {
        told.reason = reason(conflict);
    }
    outcome.tell_notes(&mut terminal);
    outcome.tell_conflicts(&mut terminal, cwd);
    if let Some(id) = landed.checkpoint {
        let line = format!("`ropewalk undo {}` brings it back.", short_id(&id));
        terminal.line(&terminal.style(Style::Ghost, line));
    }
}

/// What stands in the way of undoing; the words for applying speak of what a task wants.
fn reason(conflict: &Conflict) -> String {
    match &conflict.obstacle {
        Obstacle::Merge(merge) => format!("{}; it stays as it is", changed_since(merge.reason)),
        other => other.to_string(),
    }
}

fn changed_since(reason: ConflictReason) -> &'static str {
    match reason {
        ConflictReason::SameLines => "was changed by you since in the same lines",
        ConflictReason::NotText => "was changed by you since, and is no text to merge",
        ConflictReason::CreatedByBoth => "is a file of yours by now",
        ConflictReason::DeletedByUser => "was deleted or moved by you since",
        ConflictReason::DeletedByTask => "was made by the change, and was changed by you since",
        ConflictReason::TargetExists => "was its name before, which another file has by now",
        ConflictReason::UnknownBase => "was changed by you since",
    }
}

fn list(twins: &Twins, folder: Option<&Path>) -> anyhow::Result<()> {
    let checkpoints =
        landing::checkpoints(twins.state_folder()).context("the checkpoints cannot be listed")?;
    let is_wanted = |checkpoint: &&Checkpoint| {
        let is_in = |folder: &Path| checkpoint.folders.iter().any(|one| one == folder);
        folder.is_none_or(is_in)
    };
    let wanted: Vec<&Checkpoint> = checkpoints.iter().filter(is_wanted).collect();
    if wanted.is_empty() {
        match folder {
            Some(_) => {
                bail!("nothing was applied in this folder; `--list --all` lists all folders")
            }
            None => bail!("nothing was applied yet"),
        }
    }
    let mut terminal = Terminal::stdout();
    for checkpoint in wanted {
        let standing = if checkpoint.is_undone {
            "  (taken back)"
        } else {
            ""
        };
        let place = match folder {
            Some(_) => String::new(),
            None => format!("  {}", folders(checkpoint)),
        };
        let files = match checkpoint.files.len() {
            1 => "1 file".to_owned(),
            files => format!("{files} files"),
        };
        let line = format!(
            "{}  {}  {files:>9}{place}  {}{standing}",
            short_id(&checkpoint.id),
            local_time(checkpoint.time),
            title(checkpoint)
        );
        terminal.line(&readable(&line));
    }
    Ok(())
}

fn title(checkpoint: &Checkpoint) -> String {
    let title = match checkpoint.title.as_str() {
        "" => "a change without a title",
        title => title,
    };
    match checkpoint.undoes {
        Some(id) => format!("the undoing of {}", short_id(&id)),
        None => format!("\"{title}\""),
    }
}

fn folders(checkpoint: &Checkpoint) -> String {
    let names = checkpoint
        .folders
        .iter()
        .map(|folder| folder.display().to_string());
    names.collect::<Vec<_>>().join(", ")
}
