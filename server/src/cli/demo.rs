//! `ropewalk demo`: the main jobs on real input, on the terminal. Leaves nothing behind.

mod agent;
mod completion;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use tempfile::TempDir;

use super::terminal::Terminal;

/// Arguments of `ropewalk demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct DemoArguments {
    /// What to show.
    #[arg(value_enum, default_value_t = Show::Completion)]
    show: Show,
    /// Go as fast as the machine can, without pauses to watch.
    #[arg(long)]
    fast: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Show {
    /// Tab-completion: new code is typed into a small project.
    Completion,
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
        Show::Completion => completion::run(watching),
        Show::Agent => agent::run(watching),
    }
}

/// A folder that is removed when the handle is dropped.
fn temporary_folder() -> anyhow::Result<TempDir> {
    tempfile::Builder::new()
        .prefix("ropewalk-demo-")
        .tempdir()
        .context("no temporary folder can be made; set TMPDIR to a folder that can be written")
}
