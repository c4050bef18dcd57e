//! `cargo xtask bench`: measures the server from a client over stdio, beside its peers, in one run.
//!
//! The rows are those of the design's budgets. Nothing passes or fails here: figures are for people to read.

mod big;
mod client;
mod corpus;
mod figures;
mod measure;
mod model;
mod peer;
mod typist;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use crate::project::{self, Profile};

use figures::Column;
use measure::Stage;
use peer::Peer;

#[derive(Args)]
pub(crate) struct BenchArguments {
    /// What to measure
    #[arg(value_enum, default_value_t = Subject::Lsp)]
    subject: Subject,
    /// Measure this server too, as NAME=PATH; there are llm-ls, lsp-ai, copilot, and ropewalk for another build of ours
    #[arg(long = "server", value_name = "NAME=PATH")]
    servers: Vec<String>,
    /// Write the figures to this file too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Measure instead how typing fares while a workspace of 200 MB is learned
    #[arg(long)]
    big: bool,
}

/// What can be measured.
#[derive(Clone, Copy, ValueEnum)]
enum Subject {
    /// The language server.
    Lsp,
}

pub(crate) fn run(arguments: &BenchArguments) -> anyhow::Result<()> {
    let Subject::Lsp = arguments.subject;
    let mut peers = vec![Peer::ropewalk(project::build_server(Profile::Release)?)];
    for server in &arguments.servers {
        peers.push(Peer::parse(server)?);
    }
    let folder = project::root().join("target/bench");
    if arguments.big {
        return big::run(
            &set_stage(&folder.join("big"), big::WORKSPACE_BYTES)?,
            &peers[0],
        );
    }
    let stage = set_stage(&folder.join("small"), 6_000_000)?;
    let columns: Vec<Column> = peers.iter().map(|peer| measure_all(&stage, peer)).collect();
    println!("\n{}", figures::table(&columns));
    if peers.len() > 1 {
        println!("llm-ls and lsp-ai ask a model here that answers at once, always the same.");
    }
    if let Some(path) = &arguments.json {
        let text = format!("{:#}\n", figures::json(&columns));
        fs::write(path, text)
            .with_context(|| format!("{} could not be written", path.display()))?;
    }
    Ok(())
}

/// Lays out the workspaces afresh, so that nothing is left of an earlier run but the copied sources.
fn set_stage(folder: &Path, workspace_bytes: u64) -> anyhow::Result<Stage> {
    let mut files = corpus::files()?;
    let workspace = folder.join("workspace");
    if !workspace.join(".git").exists() {
        eprintln!("copying {} MB of sources ...", workspace_bytes / 1_000_000);
        let _ = fs::remove_dir_all(&workspace);
        corpus::copy(&files, &workspace, workspace_bytes)?;
        fs::create_dir_all(workspace.join(".git"))?;
    }
    let (empty, home) = (folder.join("empty"), folder.join("home"));
    for scratch in [&empty, &home] {
        let _ = fs::remove_dir_all(scratch);
        fs::create_dir_all(scratch)?;
    }
    // What is typed comes from the other end of the list than the workspace: new code, not a copy of what was learned.
    files.reverse();
    Ok(Stage {
        workspace,
        empty,
        home,
        model: model::start()?,
        files,
    })
}

/// Measures all there is; what fails is noted beside the figures.
fn measure_all(stage: &Stage, peer: &Peer) -> Column {
    let mut column = Column {
        name: peer.kind.name().into(),
        figures: Vec::new(),
        failures: Vec::new(),
    };
    for (name, measurement) in measure::ALL {
        eprintln!("{}: {name} ...", column.name);
        match measurement(stage, peer) {
            Ok(figures) => column.figures.extend(figures),
            Err(problem) => column.failures.push(format!("{name}: {problem:#}")),
        }
    }
    column
}
