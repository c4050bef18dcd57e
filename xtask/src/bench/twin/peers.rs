//! The other ways to have files apart from the user's, and to run a command apart.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, bail, ensure};

use super::super::figures::{Figure, megabytes, quantile};
use super::ours::{disk_taken, empty};
use super::repository::git;
use super::{Stage, rows};

/// How often files are written out. What they are written from is in the page cache: the twins before have seen to that.
const ROUNDS: usize = 3;

/// How many commands are measured, after one that warms the page cache.
const COMMANDS: usize = 200;

/// `git worktree add` of all files.
pub(super) fn worktree(stage: &Stage) -> anyhow::Result<Vec<Figure>> {
    let place = stage.scratch.join("worktree");
    let name = place.to_str().context("the place's name is no text")?;
    let add = ["worktree", "add", "--quiet", "--detach", name];
    let mut times = Vec::new();
    let mut taken = 0;
    for _ in 0..ROUNDS {
        empty(&stage.scratch)?;
        let begun = Instant::now();
        git(&stage.repository, &add)?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        taken = disk_taken(&stage.scratch)?;
        git(&stage.repository, &["worktree", "remove", "--force", name])?;
    }
    Ok(vec![
        Figure::new(rows::READ, &[quantile(&mut times, 0.5)]),
        Figure::new(rows::DISK, &[megabytes(taken)]),
    ])
}

/// A copy of everything, by reflinks where the file system has them.
pub(super) fn copy(stage: &Stage) -> anyhow::Result<Vec<Figure>> {
    let mut times = Vec::new();
    let mut taken = 0;
    for _ in 0..ROUNDS {
        empty(&stage.scratch)?;
        let mut command = Command::new("cp");
        command
            .args(["-r", "--reflink=auto"])
            .arg(&stage.repository);
        command.arg(stage.scratch.join("copy"));
        let begun = Instant::now();
        succeed(&mut command)?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        taken = disk_taken(&stage.scratch)?;
    }
    empty(&stage.scratch)?;
    Ok(vec![
        Figure::new(rows::READ, &[quantile(&mut times, 0.5)]),
        Figure::new(rows::DISK, &[megabytes(taken)]),
    ])
}

/// Bubblewrap, which builds its namespaces for each command; without an overlay or any other copy of the files.
pub(super) fn bubblewrap(stage: &Stage) -> anyhow::Result<Vec<Figure>> {
    let mut times = Vec::new();
    for round in 0..=COMMANDS {
        let mut command = Command::new("bwrap");
        command
            .args(["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"])
            .args(["--tmpfs", "/tmp", "--unshare-all", "--die-with-parent"])
            .arg("true")
            .current_dir(&stage.repository);
        let begun = Instant::now();
        succeed(&mut command)?;
        if round > 0 {
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
    }
    let both = [quantile(&mut times, 0.5), quantile(&mut times, 0.99)];
    Ok(vec![Figure::new(rows::TRUE, &both)])
}

/// Runs it in silence.
fn succeed(command: &mut Command) -> anyhow::Result<()> {
    let name = Path::new(command.get_program()).display().to_string();
    command.stdin(Stdio::null()).stdout(Stdio::null());
    match command.status() {
        Ok(status) => ensure!(status.success(), "`{name}` failed: {status}"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            bail!(
                "`{name}` is missing; Debian has it in the package {}",
                package(&name)
            );
        }
        Err(error) => return Err(error).context(format!("`{name}` could not be started")),
    }
    Ok(())
}

/// The package of a program, where it is called otherwise.
fn package(program: &str) -> &str {
    match program {
        "bwrap" => "bubblewrap",
        "cp" => "coreutils",
        other => other,
    }
}
