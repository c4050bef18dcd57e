//! `cargo xtask bench agent`: what the agent costs beside the model, with a model on loopback that answers at once.
//!
//! Each figure comes from whole sessions of the real program, `ropewalk exec --json --yes`, seen from the service's side.

mod measure;
mod rows;
pub(super) mod session;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::project::{self, Profile};

use super::figures::Column;
use super::{corpus, report};
use session::{SAMPLE, SAMPLE_BEGINNING, Stage};

/// How much code the workspace holds, in bytes.
const WORKSPACE_BYTES: u64 = 2_000_000;

/// How much of it a step reads, in bytes.
const SAMPLE_BYTES: usize = 4_000;

/// Measures our build and others of ours that are given as ropewalk=PATH.
pub(super) fn run(builds: &[String], json: Option<&Path>) -> anyhow::Result<()> {
    let ours = project::build_server(Profile::Release)?;
    let others = builds
        .iter()
        .map(|build| parse(build))
        .collect::<Result<Vec<_>, _>>()?;
    let stage = set_stage(&project::root().join("target/bench/agent"))?;
    let mut columns = vec![measure_all(&stage, "ropewalk", &ours)];
    for other in &others {
        columns.push(measure_all(&stage, &other.display().to_string(), other));
    }
    columns.push(rows::codex());
    report(rows::ALL, &columns, json)?;
    println!(
        "A step is counted from the end of an answer to the last byte of the next request. All of it happens in a twin."
    );
    Ok(())
}

fn parse(build: &str) -> anyhow::Result<PathBuf> {
    match build.strip_prefix("ropewalk=").map(PathBuf::from) {
        Some(path) if path.is_file() => Ok(path.canonicalize()?),
        Some(path) => bail!("{} is not a file", path.display()),
        None => bail!("the agent is measured beside other builds of ours only: ropewalk=PATH"),
    }
}

/// Lays out a workspace of real code, and a home without settings or threads.
fn set_stage(folder: &Path) -> anyhow::Result<Stage> {
    let _ = fs::remove_dir_all(folder);
    let (workspace, home) = (folder.join("workspace"), folder.join("home"));
    for folder in [&workspace.join(".git"), &home] {
        fs::create_dir_all(folder)?;
    }
    let files = corpus::files()?;
    corpus::copy(&files, &workspace, WORKSPACE_BYTES)?;
    let sample = format!("{SAMPLE_BEGINNING}\n{}", corpus::text(&files, SAMPLE_BYTES));
    fs::write(workspace.join(SAMPLE), sample)?;
    fs::write(workspace.join("AGENTS.md"), "Keep functions short.\n")?;
    Ok(Stage {
        workspace: workspace.canonicalize()?,
        home: home.canonicalize()?,
    })
}

/// Measures all there is; what fails is noted beside the figures.
fn measure_all(stage: &Stage, name: &str, program: &Path) -> Column {
    let mut column = Column::new(name);
    for (name, measurement) in measure::ALL {
        eprintln!("{}: {name} ...", column.name);
        column.take(name, measurement(stage, program));
    }
    column
}
