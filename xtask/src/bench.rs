//! `cargo xtask bench`: measures the server and the agent, beside their peers.
//!
//! The rows are those of the design's budgets. Nothing passes or fails here: figures are for people to read.

mod agent;
mod corpus;
mod figures;
mod lsp;
mod refactor;
mod twin;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};

use crate::project::{self, Profile};

use figures::{Column, Row};

#[derive(Args)]
pub(crate) struct BenchArguments {
    /// What to measure
    #[arg(value_enum, default_value_t = Subject::Lsp)]
    subject: Subject,
    /// Measure this program too, as NAME=PATH; there are llm-ls, lsp-ai, copilot, and ropewalk for another build of ours
    #[arg(long = "server", value_name = "NAME=PATH")]
    servers: Vec<String>,
    /// Write the figures to this file too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Measure instead how typing fares while a workspace of 200 MB is learned
    #[arg(long)]
    big: bool,
    /// Measure instead how typing fares while eight tasks run
    #[arg(long, conflicts_with = "big")]
    tasks: bool,
}

/// What can be measured.
#[derive(Clone, Copy, ValueEnum)]
enum Subject {
    /// The language server.
    Lsp,
    /// The agent, as `ropewalk exec`.
    Agent,
    /// Twins, beside other ways to work apart.
    Twin,
    /// A structural rewrite of a large repository, from the command to the changed files.
    Refactor,
}

pub(crate) fn run(arguments: &BenchArguments) -> anyhow::Result<()> {
    let json = arguments.json.as_deref();
    if arguments.tasks {
        return lsp::run_tasks(&arguments.servers);
    }
    match (arguments.subject, arguments.big) {
        (Subject::Lsp, true) => lsp::run_big(),
        (Subject::Lsp, false) => lsp::run(&arguments.servers, json),
        (Subject::Agent, false) => agent::run(&arguments.servers, json),
        (Subject::Twin, false) if arguments.servers.is_empty() => twin::run(json),
        (Subject::Twin, false) => {
            bail!("twins are measured of this build alone: leave out `--server`")
        }
        (Subject::Refactor, false) => refactor::run(&arguments.servers, json),
        (Subject::Agent | Subject::Twin | Subject::Refactor, true) => {
            bail!("--big measures typing: leave out the subject")
        }
    }
}

/// Our program: this build's, or another one that `servers` names as `ropewalk=PATH`.
fn our_program(servers: &[String]) -> anyhow::Result<PathBuf> {
    match servers {
        [] => project::build_server(Profile::Release),
        [server] => {
            let path = server.strip_prefix("ropewalk=");
            let path = path.context("only `--server ropewalk=PATH` can do this")?;
            let path = fs::canonicalize(path);
            path.with_context(|| format!("`{server}` names no program"))
        }
        _ => bail!("one build is measured at a time: give `--server` once"),
    }
}

/// Prints the table, and writes the figures to a file if one is given.
fn report(rows: &[Row], columns: &[Column], json: Option<&Path>) -> anyhow::Result<()> {
    println!("\n{}", figures::table(rows, columns));
    let Some(path) = json else { return Ok(()) };
    let text = format!("{:#}\n", figures::json(rows, columns));
    fs::write(path, text).with_context(|| format!("{} could not be written", path.display()))
}
