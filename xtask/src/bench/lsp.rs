//! `cargo xtask bench lsp`: the language server from a client over stdio, beside its peers, in one run.

mod big;
mod client;
mod measure;
mod model;
mod peer;
mod rows;
mod tasks;
mod typist;
pub(super) mod wire;

use std::fs;
use std::path::{Path, PathBuf};

use crate::project::{self, Profile};

use super::figures::Column;
use super::{corpus, our_program, report};
use measure::Stage;
use peer::Peer;

/// Measures our server and those given as NAME=PATH.
pub(super) fn run(servers: &[String], json: Option<&Path>) -> anyhow::Result<()> {
    let mut peers = vec![Peer::ropewalk(project::build_server(Profile::Release)?)];
    for server in servers {
        peers.push(Peer::parse(server)?);
    }
    let stage = set_stage(&folder("small"), 6_000_000)?;
    let columns: Vec<Column> = peers.iter().map(|peer| measure_all(&stage, peer)).collect();
    report(rows::ALL, &columns, json)?;
    if peers.len() > 1 {
        println!("llm-ls and lsp-ai ask a model here that answers at once, always the same.");
    }
    Ok(())
}

/// Measures how typing fares in our server while a large workspace is learned.
pub(super) fn run_big() -> anyhow::Result<()> {
    let peer = Peer::ropewalk(project::build_server(Profile::Release)?);
    let stage = set_stage(&folder("big"), big::WORKSPACE_BYTES)?;
    big::run(&stage, &peer)
}

/// Measures how typing fares while tasks run, in our build or in another one that `servers` names as `ropewalk=PATH`.
pub(super) fn run_tasks(servers: &[String]) -> anyhow::Result<()> {
    let peer = Peer::ropewalk(our_program(servers)?);
    let stage = set_stage(&folder("small"), 6_000_000)?;
    tasks::run(&stage, &peer)
}

fn folder(name: &str) -> PathBuf {
    project::root().join("target/bench").join(name)
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
    let mut column = Column::new(peer.kind.name());
    for (name, measurement) in measure::ALL {
        eprintln!("{}: {name} ...", column.name);
        column.take(name, measurement(stage, peer));
    }
    column
}
