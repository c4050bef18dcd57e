//! `ropewalk demo`: the main jobs on real input, on the terminal. Leaves nothing behind.

mod agent;
mod client;
mod completion;
mod project;
mod task;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use tempfile::TempDir;

use super::exec;
use super::terminal::Terminal;

/// Arguments of `ropewalk demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct DemoArguments {
    /// What to show; without it, what an editor has: completion, then a task.
    #[arg(value_enum)]
    show: Option<Show>,
    /// Go as fast as the machine can, without pauses to watch.
    #[arg(long)]
    fast: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Show {
    /// Tab-completion: new code is typed into a small project.
    Completion,
    /// Tasks in an editor: a workspace-wide change while somebody types, judged hunk by hunk.
    Task,
    /// The agent: it mends a failing test, then renames a function everywhere.
    Agent,
}

/// Whether somebody watches, for whom there are pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Watching {
    Watched,
    Unwatched,
}

impl Watching {
    fn pause(self, pause: Duration) -> Duration {
        match self {
            Self::Watched => pause,
            Self::Unwatched => Duration::ZERO,
        }
    }
}

/// Shows what was asked for.
pub(crate) fn run(arguments: &DemoArguments) -> anyhow::Result<ExitCode> {
    let watching = match Terminal::stdout().can_redraw() && !arguments.fast {
        true => Watching::Watched,
        false => Watching::Unwatched,
    };
    match arguments.show {
        None => {
            let cleaner = Cleaner::on_signals()?;
            completion::run(watching, &cleaner)?;
            Terminal::stdout().line("");
            task::run(watching, &cleaner)
        }
        Some(Show::Completion) => completion::run(watching, &Cleaner::on_signals()?),
        Some(Show::Task) => task::run(watching, &Cleaner::on_signals()?),
        Some(Show::Agent) => agent::run(watching),
    }
}

/// A folder that is removed when the handle is dropped.
fn temporary_folder() -> anyhow::Result<TempDir> {
    tempfile::Builder::new()
        .prefix("ropewalk-demo-")
        .tempdir()
        .context("no temporary folder can be made; set TMPDIR to a folder that can be written")
}

/// Folders that are removed when Ctrl-C ends a demonstration.
#[derive(Clone, Default)]
struct Cleaner(Arc<Mutex<Vec<PathBuf>>>);

impl Cleaner {
    /// Ctrl-C ends the demonstration at once from here on, and still leaves nothing behind.
    fn on_signals() -> anyhow::Result<Self> {
        let cleaner = Self::default();
        let folders = Arc::clone(&cleaner.0);
        ctrlc::set_handler(move || {
            for folder in folders
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .iter()
            {
                // Who stops the demonstration need not hear that a temporary folder could not be removed.
                drop(std::fs::remove_dir_all(folder));
            }
            std::process::exit(i32::from(exec::INTERRUPTED));
        })
        .context("signals cannot be received")?;
        Ok(cleaner)
    }

    /// This one, too.
    fn add(&self, folder: &Path) {
        let mut folders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        folders.push(folder.to_path_buf());
    }
}
