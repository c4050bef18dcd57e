//! What our own twins cost.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use scripted_model::{Script, SeenRequest, Server, Step};
use serde_json::{Value, json};

use super::super::agent::session::{self, Way};
use super::super::figures::{Figure, megabytes, quantile};
use super::repository::README;
use super::{Stage, memory, rows};

/// How often a twin is made, after one that warms the page cache.
const TWINS: usize = 10;

/// How many tasks run at once.
const TASKS: usize = 8;

/// How many commands are measured.
const COMMANDS: usize = 200;

/// Nothing takes longer, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// Times of twins that are made one after another, and of commands in the last one.
pub(super) fn twins(stage: &Stage, program: &Path) -> anyhow::Result<Vec<Figure>> {
    let (mut reads, mut first_commands) = (Vec::new(), Vec::new());
    let mut commands = Vec::new();
    let mut figures = Vec::new();
    for round in 0..=TWINS {
        let count = if round == TWINS { COMMANDS } else { 0 };
        let measured = Measured::start(stage, program, 1, count)?;
        if round > 0 {
            reads.push(number(&measured.twins[0]["read"])?);
            first_commands.push(number(&measured.twins[0]["command"])?);
        }
        if round == TWINS {
            commands = measured.commands.clone();
            let taken = disk_taken(&stage.scratch)?;
            figures.push(Figure::new(rows::DISK, &[megabytes(taken)]));
            let confined = memory::of_descendants(measured.process.id())?;
            figures.push(Figure::new(rows::CONFINED, &[confined]));
        }
        measured.end()?;
    }
    let both = [quantile(&mut commands, 0.5), quantile(&mut commands, 0.99)];
    figures.extend([
        Figure::new(rows::READ, &[quantile(&mut reads, 0.5)]),
        Figure::new(rows::COMMAND, &[quantile(&mut first_commands, 0.5)]),
        Figure::new(rows::TRUE, &both),
    ]);
    Ok(figures)
}

/// Eight twins of one program, each with its confined process, as an editor's server has them.
pub(super) fn eight_in_one(stage: &Stage, program: &Path) -> anyhow::Result<Vec<Figure>> {
    let measured = Measured::start(stage, program, TASKS, 1)?;
    let taken = memory::of_all_from(measured.process.id())?;
    measured.end()?;
    Ok(vec![Figure::new(rows::EIGHT_IN_ONE, &[taken])])
}

/// Eight programs at once, each in the middle of a turn in which it has read a file and run a command.
pub(super) fn eight_programs(stage: &Stage, program: &Path) -> anyhow::Result<Vec<Figure>> {
    empty(&stage.scratch)?;
    let pause = Arc::new(Pause::default());
    let server = Server::start(script(&pause))?;
    let mut programs = Programs(Vec::new());
    for number in 0..TASKS {
        // Each has its own settings: they are written when the programs before may still be reading theirs.
        let stage = session::Stage {
            workspace: stage.repository.clone(),
            home: stage.scratch.join(format!("home{number}")),
        };
        let mut command = session::command(&stage, program, &server, Way::ResponsesHttp)?;
        keep_caches(&mut command);
        command.stderr(Stdio::null());
        programs.0.push(command.spawn()?);
    }
    let all_wait = |requests: &[SeenRequest]| {
        let waiting = requests
            .iter()
            .filter(|request| request.outputs().len() == 2);
        waiting.count() == TASKS
    };
    let is_reached = server.wait_until(PATIENCE, all_wait);
    let taken = programs
        .0
        .iter()
        .map(|child| memory::of_all_from(child.id()));
    let taken = taken.sum::<anyhow::Result<f64>>();
    pause.end();
    ensure!(is_reached, "the tasks do not come to their last step");
    for child in &mut programs.0 {
        ensure!(child.wait()?.success(), "a task failed");
    }
    let failed = |request: &SeenRequest| {
        !request.outputs().iter().all(|output| {
            output.text.contains("code 0") || output.text.contains("A large repository")
        })
    };
    ensure!(!server.steps().iter().any(failed), "a tool failed");
    empty(&stage.scratch)?;
    Ok(vec![Figure::new(rows::EIGHT_PROGRAMS, &[taken?])])
}

fn script(pause: &Arc<Pause>) -> Script {
    let pause = Arc::clone(pause);
    Script::reacting(move |request| match request.outputs().len() {
        0 => Step::call("exec_command", json!({ "cmd": "true" })),
        1 => Step::call("read_file", json!({ "path": README })),
        _ => {
            pause.wait();
            Step::say("Done.")
        }
    })
}

/// Holds those that wait until it ends.
#[derive(Default)]
struct Pause {
    is_over: Mutex<bool>,
    changed: Condvar,
}

impl Pause {
    fn wait(&self) {
        let is_over = self.is_over.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .changed
            .wait_timeout_while(is_over, PATIENCE, |is_over| !*is_over);
        drop(waited);
    }

    fn end(&self) {
        *self.is_over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }
}

/// Programs that do not outlive their owner.
struct Programs(Vec<Child>);

impl Drop for Programs {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // It has ended if all went well.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// `ropewalk debug twins`, which has measured and holds its twins.
struct Measured {
    process: Child,
    /// A line each.
    twins: Vec<Value>,
    /// In milliseconds.
    commands: Vec<f64>,
}

impl Measured {
    fn start(stage: &Stage, program: &Path, count: usize, commands: usize) -> anyhow::Result<Self> {
        empty(&stage.scratch)?;
        let mut command = Command::new(program);
        command
            .args(["debug", "twins", "--wait", "--read", README])
            .args([
                "--count",
                &count.to_string(),
                "--commands",
                &commands.to_string(),
            ])
            .current_dir(&stage.repository)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        session::set_home(&mut command, &stage.scratch);
        keep_caches(&mut command);
        let mut process = command
            .spawn()
            .context("the program could not be started")?;
        let stdout = process.stdout.take().context("it has an output")?;
        let mut measured = Self {
            process,
            twins: Vec::new(),
            commands: Vec::new(),
        };
        for line in BufReader::new(stdout).lines() {
            let line: Value = serde_json::from_str(&line?)?;
            match line["type"].as_str() {
                Some("twin") => measured.twins.push(line),
                Some("commands") => {
                    measured.commands = serde_json::from_value(line["milliseconds"].clone())?;
                }
                _ => break,
            }
        }
        ensure!(
            measured.twins.len() == count && measured.commands.len() == commands,
            "the program did not make its twins"
        );
        for twin in &measured.twins {
            ensure!(
                twin["wall"] == "Overlay",
                "the wall is weaker than it can be: {twin}"
            );
        }
        Ok(measured)
    }

    /// Lets it remove its twins.
    fn end(mut self) -> anyhow::Result<()> {
        drop(self.process.stdin.take());
        let status = self.process.wait()?;
        ensure!(status.success(), "{status}");
        Ok(())
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        // It has ended if all went well.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The caches in a developer's home are part of every twin, and of what it costs.
fn keep_caches(command: &mut Command) {
    if let Some(home) = std::env::var_os("HOME") {
        command.env("HOME", home);
    }
}

/// Makes a folder empty.
pub(super) fn empty(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(fs::create_dir_all(folder)?)
}

/// The bytes of all files below `folder`, as the disk gives them out.
pub(super) fn disk_taken(folder: &Path) -> anyhow::Result<u64> {
    use std::os::unix::fs::MetadataExt as _;
    let mut taken = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // In blocks of 512 bytes, whatever the file system's own are.
        taken += entry.metadata()?.blocks() * 512;
        if entry.file_type()?.is_dir() {
            taken += disk_taken(&entry.path())?;
        }
    }
    Ok(taken)
}

fn number(value: &Value) -> anyhow::Result<f64> {
    value.as_f64().context("a figure is missing")
}
