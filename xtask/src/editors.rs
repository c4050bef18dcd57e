//! `cargo xtask editors`: fetches the real editors and drives the real server in them.
//!
//! The scripts in `tests/editors` do the work and can be started by hand; here they get their programs by name.

mod find;

use std::fmt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};

use crate::project::{self, Profile};

pub(crate) use find::{Editor, find};

#[derive(Args)]
pub(crate) struct EditorsArguments {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand)]
enum Action {
    /// Fetch Neovim, Helix and tmux into target/editors (the default)
    Fetch,
    /// Drive the editors
    Test {
        /// Run only this part: nvim-plugin, nvim, helix, nvim-tasks or helix-tasks
        part: Option<String>,
        /// Run only tests whose name has this in it
        filter: Option<String>,
    },
    /// Print where an editor is: nvim, hx or tmux
    Path {
        /// Its program
        program: String,
    },
}

/// A part of the editor tests.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The Neovim plugin against a scripted server.
    NeovimPlugin,
    /// The real server in Neovim.
    Neovim,
    /// The real server in Helix.
    Helix,
    /// Agent tasks in a Neovim without any plugin.
    NeovimTasks,
    /// Agent tasks in Helix.
    HelixTasks,
}

impl Part {
    /// All parts, the quickest first.
    pub(crate) const ALL: [Self; 5] = [
        Self::NeovimPlugin,
        Self::Neovim,
        Self::Helix,
        Self::NeovimTasks,
        Self::HelixTasks,
    ];
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NeovimPlugin => "nvim-plugin",
            Self::Neovim => "nvim",
            Self::Helix => "helix",
            Self::NeovimTasks => "nvim-tasks",
            Self::HelixTasks => "helix-tasks",
        })
    }
}

pub(crate) fn run(arguments: &EditorsArguments) -> anyhow::Result<()> {
    match &arguments.action {
        None | Some(Action::Fetch) => print_editors(),
        Some(Action::Test { part, filter }) => test_parts(part.as_deref(), filter.as_deref()),
        Some(Action::Path { program }) => {
            let editor = Editor::ALL
                .into_iter()
                .find(|editor| editor.program() == program);
            let editor = editor.context("there are nvim, hx and tmux")?;
            println!("{}", find(editor)?.display());
            Ok(())
        }
    }
}

fn print_editors() -> anyhow::Result<()> {
    for editor in Editor::ALL {
        println!("{:5} {}", editor.program(), find(editor)?.display());
    }
    Ok(())
}

fn test_parts(part: Option<&str>, filter: Option<&str>) -> anyhow::Result<()> {
    let is_wanted = |candidate: &Part| part.is_none_or(|name| candidate.to_string() == name);
    let wanted: Vec<Part> = Part::ALL.into_iter().filter(is_wanted).collect();
    if wanted.is_empty() {
        bail!(
            "there is no part `{}`; there are nvim-plugin, nvim, helix, nvim-tasks and helix-tasks",
            part.unwrap_or_default()
        );
    }
    for part in wanted {
        test(part, filter)?;
    }
    Ok(())
}

/// Runs one part of the editor tests; an error when a test fails.
pub(crate) fn test(part: Part, filter: Option<&str>) -> anyhow::Result<()> {
    let root = project::root();
    let mut command = match part {
        Part::NeovimPlugin => neovim_script(&root.join("editors/nvim/tests/run.lua"))?,
        Part::Neovim => {
            let mut command = neovim_script(&root.join("tests/editors/nvim/drive.lua"))?;
            command.env("ROPEWALK_BIN", project::build_server(Profile::Development)?);
            command
        }
        Part::Helix => terminal_script(&root.join("tests/editors/helix/drive.sh"))?,
        Part::NeovimTasks => tasks_script(&root, "nvim")?,
        Part::HelixTasks => tasks_script(&root, "helix")?,
    };
    project::run(command.args(filter).current_dir(&root))
}

fn neovim_script(script: &Path) -> anyhow::Result<Command> {
    let mut command = Command::new(find(Editor::Neovim)?);
    command.arg("-l").arg(script);
    Ok(command)
}

/// A script that drives an editor in a terminal.
fn terminal_script(script: &Path) -> anyhow::Result<Command> {
    let mut command = Command::new("bash");
    command
        .arg(script)
        .env("ROPEWALK_HX", find(Editor::Helix)?)
        .env("ROPEWALK_TMUX", find(Editor::Tmux)?)
        .env("ROPEWALK_BIN", project::build_server(Profile::Development)?);
    Ok(command)
}

fn tasks_script(root: &Path, editor: &str) -> anyhow::Result<Command> {
    let mut command = terminal_script(&root.join("tests/editors/tasks/drive.sh"))?;
    command
        .arg(editor)
        .env("ROPEWALK_NVIM", find(Editor::Neovim)?)
        .env("SCRIPTED_MODEL", project::build_scripted_model()?);
    Ok(command)
}
