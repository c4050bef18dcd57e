//! `cargo xtask train`: trains the ranker of the embedded completion engine anew.
//!
//! The server's own evaluation replays the repositories and writes training rows; `train/train.py`
//! learns from them with LightGBM, in a virtual environment under `target`; the shipped ranker is
//! put where the engine's crate includes it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use clap::Args;

use crate::project::{self, Profile};

#[derive(Args)]
pub(crate) struct TrainArguments {
    /// Git repositories to learn from, at least two. The shipped ranker may only learn from code
    /// whose licence permits it
    #[arg(required = true, num_args = 2..)]
    repositories: Vec<PathBuf>,
    /// Repositories by their report names that only the left-out rankers learn from, never the
    /// shipped one
    #[arg(long, value_name = "NAME", num_args = 1..)]
    exclude: Vec<String>,
    /// Repositories by their report names: for each, also train a ranker without it, into
    /// target/train/rankers
    #[arg(long, value_name = "NAME", num_args = 1..)]
    leave_out: Vec<String>,
    /// How many trees a ranker has
    #[arg(long, default_value_t = 110)]
    trees: u32,
    /// How many lines of each commit to learn from
    #[arg(long, default_value_t = 8)]
    lines: u32,
}

/// What the engine knows when rows are written: mostly a whole workspace, sometimes none, so that
/// both are learned.
const SETTINGS: [(&str, u32, &[&str]); 2] =
    [("indexed", 1, &[]), ("empty", 4, &["--empty-workspace"])];

/// Runs the command.
pub(crate) fn run(arguments: &TrainArguments) -> anyhow::Result<()> {
    let folder = project::root().join("target/train");
    let rows = folder.join("rows");
    let server = project::build_server(Profile::Release)?;
    for (name, line_share, options) in SETTINGS {
        let rows = rows.join(name);
        fs::create_dir_all(&rows).with_context(|| format!("cannot make {}", rows.display()))?;
        let mut command = Command::new(&server);
        command.args(["eval", "completion", "--seed", "11", "--lines"]);
        command.arg((arguments.lines / line_share).max(1).to_string());
        command
            .args(options)
            .arg("--dump-features")
            .arg(rows)
            .args(&arguments.repositories);
        project::run(&mut command)?;
    }
    let rankers = folder.join("rankers");
    project::run(&mut training(arguments, &python(&folder)?, &rows, &rankers))?;
    let shipped = project::root().join("crates/predict/src/ranker/shipped.ranker");
    fs::copy(rankers.join("shipped.ranker"), &shipped)
        .with_context(|| format!("cannot write {}", shipped.display()))?;
    println!(
        "wrote {}; measure it with `ropewalk eval completion`",
        shipped.display()
    );
    Ok(())
}

fn training(arguments: &TrainArguments, python: &Path, rows: &Path, rankers: &Path) -> Command {
    let mut command = Command::new(python);
    command
        .arg(project::root().join("xtask/train/train.py"))
        .arg(rows)
        .arg(rankers);
    command.arg("--trees").arg(arguments.trees.to_string());
    for (option, names) in [
        ("--leave-out", &arguments.leave_out),
        ("--exclude", &arguments.exclude),
    ] {
        if !names.is_empty() {
            command.arg(option).args(names);
        }
    }
    command
}

/// The Python of a virtual environment that has what the training needs.
fn python(folder: &Path) -> anyhow::Result<PathBuf> {
    let environment = folder.join("venv");
    let python = environment.join("bin/python");
    if !python.exists() {
        project::run(
            Command::new("python3")
                .args(["-m", "venv"])
                .arg(&environment),
        )?;
    }
    let requirements = project::root().join("xtask/train/requirements.txt");
    project::run(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "-r"])
            .arg(requirements),
    )?;
    Ok(python)
}
