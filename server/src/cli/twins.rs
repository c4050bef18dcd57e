//! `ropewalk twins`, `diff`, `apply` and `discard`: what became of tasks and waits for a yes or a no.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use agent::landing::ConflictPolicy;
use jiff::Timestamp;
use sandbox::twin::TwinState;

use super::exec;
use super::printable::{exact, readable};
use super::proposal::patch_file::{self, PatchTarget};
use super::proposal::view::{self, Extent};
use super::short_id::short_id;
use super::terminal::{Style, Terminal};
use super::threads::table::local_time;
use crate::twins::{KeptTwin, TaskProposal, TaskTwin, Twins};

/// Arguments of `ropewalk twins`.
#[derive(Debug, clap::Args)]
pub(crate) struct TwinsArguments {
    /// List the twins of all folders.
    #[arg(long)]
    all: bool,
}

/// Arguments of `ropewalk diff`.
#[derive(Debug, clap::Args)]
pub(crate) struct DiffArguments {
    #[command(flatten)]
    twin: WhichTwin,
}

/// Arguments of `ropewalk apply`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 applied, 1 it could not be done, 4 something conflicts with your files."
)]
pub(crate) struct ApplyArguments {
    #[command(flatten)]
    twin: WhichTwin,
    /// Apply what conflicts with nothing, and keep the rest.
    #[arg(long)]
    partly: bool,
}

/// Arguments of `ropewalk discard`.
#[derive(Debug, clap::Args)]
pub(crate) struct DiscardArguments {
    #[command(flatten)]
    twin: WhichTwin,
}

#[derive(Debug, clap::Args)]
struct WhichTwin {
    /// The twin's id, which is its thread's, the beginning of it, or `last` for the newest one of the current folder.
    #[arg(default_value = "last")]
    id: String,
}

/// Lists the twins.
pub(crate) fn list(arguments: &TwinsArguments) -> anyhow::Result<ExitCode> {
    let cwd = exec::working_folder(None)?;
    let twins = Twins::of_this_user(&cwd)?;
    let mut terminal = Terminal::stdout();
    let mut is_empty = true;
    for twin in twins.list() {
        if arguments.all || twin.folders.contains(&cwd) {
            is_empty = false;
            terminal.line(&readable(&line(&twins, &twin, arguments)));
        }
    }
    if is_empty {
        Terminal::stderr().line(match arguments.all {
            true => "There are no twins.",
            false => "No twin of this folder waits; `--all` lists those of others.",
        });
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints what would change, as a patch; coloured and exact for a person.
pub(crate) fn diff(arguments: &DiffArguments) -> anyhow::Result<ExitCode> {
    let (cwd, twin) = arguments.twin.open()?;
    let task = twin.proposal()?;
    if Terminal::stdout_is_terminal() {
        view::show(&mut Terminal::stdout(), &task.proposal, &cwd, Extent::Whole);
    } else {
        PatchTarget::StandardOutput.write(&task.proposal, twin.folders())?;
        patch_file::tell_missing(&mut Terminal::stderr(), &task.proposal, &cwd);
    }
    tell_left_out(&task, &cwd);
    twin.keep()?;
    Ok(ExitCode::SUCCESS)
}

/// Applies what waits in a twin, and removes the twin.
pub(crate) fn apply(arguments: &ApplyArguments) -> anyhow::Result<ExitCode> {
    let (cwd, twin) = arguments.twin.open()?;
    let task = twin.proposal()?;
    tell_left_out(&task, &cwd);
    let mut terminal = Terminal::stdout();
    if task.proposal.is_empty() {
        terminal.line("Nothing that could be applied is changed in it.");
        return done_with(twin, &task);
    }
    let conflicts = match arguments.partly {
        true => ConflictPolicy::KeepForLater,
        false => ConflictPolicy::Refuse,
    };
    let outcome = match twin.apply(&task.proposal, conflicts) {
        Ok(outcome) => outcome,
        Err(error) => {
            twin.keep()?;
            return Err(error);
        }
    };
    if outcome.conflicts.is_empty() {
        outcome.tell(&mut terminal, &cwd);
        return done_with(twin, &task);
    }
    let advice = match arguments.partly {
        true => {
            outcome.tell(&mut terminal, &cwd);
            "The rest is kept."
        }
        false => {
            outcome.tell_conflicts(&mut terminal, &cwd);
            "Nothing was applied, because of what conflicts; `--partly` applies the rest."
        }
    };
    terminal.line(&terminal.style(Style::Warning, advice));
    twin.keep()?;
    Ok(ExitCode::from(exec::NOT_APPLIED))
}

/// Removes a twin of which all is applied, unless it has work that nobody has taken out of it.
fn done_with(twin: TaskTwin, task: &TaskProposal) -> anyhow::Result<ExitCode> {
    if task.leaves_work() {
        let line = format!(
            "What is not part of the changes is kept: `ropewalk discard {}` removes it.",
            twin.id()
        );
        twin.keep()?;
        Terminal::stderr().line(&line);
    } else {
        twin.discard()?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Removes a twin with all that waits in it.
pub(crate) fn discard(arguments: &DiscardArguments) -> anyhow::Result<ExitCode> {
    let cwd = exec::working_folder(None)?;
    let twins = Twins::of_this_user(&cwd)?;
    let twin = twins.find(&arguments.twin.id, &cwd)?;
    twins.remove(&twin.id)?;
    let line = format!("{} is discarded; your files are as they were.", twin.id);
    Terminal::stdout().line(&line);
    Ok(ExitCode::SUCCESS)
}

impl WhichTwin {
    /// Takes the twin up; gives the current folder, too.
    fn open(&self) -> anyhow::Result<(PathBuf, TaskTwin)> {
        let cwd = exec::working_folder(None)?;
        let twins = Twins::of_this_user(&cwd)?;
        let twin = twins.find(&self.id, &cwd)?;
        Ok((cwd, twins.open(&twin)?))
    }
}

fn tell_left_out(task: &TaskProposal, cwd: &Path) {
    let mut terminal = Terminal::stderr();
    for file in &task.left_out {
        terminal.line(&terminal.style(Style::Warning, exact(&file.line(cwd))));
    }
}

/// One twin in the list.
fn line(twins: &Twins, twin: &KeptTwin, arguments: &TwinsArguments) -> String {
    let id = short_id(&twin.id);
    let Some(about) = &twin.listed.about else {
        return format!(
            "{id}  cannot be read: its task was killed at once; `ropewalk discard {id}` removes it"
        );
    };
    let created = Timestamp::try_from(about.created).map_or_else(|_| String::new(), local_time);
    let folders = match arguments.all {
        true => format!("  {}", paths(&about.folders)),
        false => String::new(),
    };
    let title = match twin.title.as_str() {
        "" => "(nothing said)",
        title => title,
    };
    format!(
        "{id}  {created}  {:<10}  {:>9}  {:>9}  {}{folders}  {title}",
        standing(twin),
        changes(twins, twin),
        size(twin.listed.disk_use()),
        about.wall.name(),
    )
}

/// Who has it, in a word or two.
fn standing(twin: &KeptTwin) -> &'static str {
    match twin.listed.state {
        TwinState::InUse => "at work",
        TwinState::Kept => "kept",
        TwinState::LeftBehind => "broken off",
    }
}

/// How much waits in it. What somebody works in is not looked into.
fn changes(twins: &Twins, twin: &KeptTwin) -> String {
    if twin.is_in_use() {
        return String::new();
    }
    let count = || {
        let opened = twins.open(twin)?;
        let task = opened.proposal();
        // Looking into it leaves it as it was found.
        if twin.listed.state == TwinState::Kept {
            opened.keep()?;
        }
        Ok::<_, anyhow::Error>(task?.proposal.files.len())
    };
    match count() {
        Ok(1) => "1 file".to_owned(),
        Ok(count) => format!("{count} files"),
        Err(error) => {
            tracing::warn!(%error, id = twin.id, "what waits in the twin cannot be told");
            "unreadable".to_owned()
        }
    }
}

fn paths(paths: &[PathBuf]) -> String {
    let paths = paths.iter().map(|path| path.display().to_string());
    paths.collect::<Vec<_>>().join(", ")
}

/// Bytes as a person reads them: `12.3 MB`.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}
