//! `ropewalk debug twins`: what twins of the current folder cost on this machine, as lines of JSON. They are gone at its end.
//!
//! `cargo xtask bench twin` has its figures from it, so it makes twins and runs commands as a task does.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use agent::store::ThreadId;
use anyhow::{Context, bail, ensure};
use sandbox::{Channel, CommandLine, Exit, Processes, Reach, Started, Starter, StarterError, Wall};
use serde::Serialize;

use crate::agent_host::place::Ready;
use crate::cli::exec;
use crate::cli::terminal::Terminal;
use crate::twins::{NewTwin, TaskTwin, Twins};

/// What is run: the least that a command can do.
const COMMAND: &str = "true";

/// Nothing takes longer, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// As much of a file as a tool reads, in bytes.
const READ_LIMIT: u64 = 1024 * 1024;

/// Arguments of `ropewalk debug twins`.
#[derive(Debug, clap::Args)]
pub(crate) struct TwinsArguments {
    /// How many there are at once.
    #[arg(long, default_value_t = 1)]
    count: usize,
    /// Read this file first in each; below the current folder.
    #[arg(long, value_name = "FILE")]
    read: Option<PathBuf>,
    /// Run `true` so many times in the last one.
    #[arg(long, value_name = "TIMES", default_value_t = 20)]
    commands: usize,
    /// Keep them until standard input ends.
    #[arg(long)]
    wait: bool,
}

/// A line of what is printed.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line {
    /// A twin was made. All times are from before it was begun, in milliseconds.
    Twin {
        wall: Wall,
        ready: f64,
        read: f64,
        /// Until its first command had ended.
        command: f64,
    },
    /// How long each of the commands took from its start to its end, in milliseconds.
    Commands { milliseconds: Vec<f64> },
    /// All is done, and the twins wait for the end of standard input.
    Waiting,
}

/// A twin with commands of its own.
struct Task {
    processes: Processes,
    twin: Arc<TaskTwin>,
}

/// Starts commands in a twin that somebody else has, too.
struct SharedStarter(Arc<TaskTwin>);

/// Makes twins, runs commands, and prints what that took.
pub(super) fn run(arguments: &TwinsArguments) -> anyhow::Result<()> {
    let cwd = exec::working_folder(None)?;
    let twins = Twins::of_this_user(&cwd)?;
    let read = cwd.join(arguments.read.as_deref().unwrap_or(Path::new("")));
    let mut tasks = Vec::new();
    for _ in 0..arguments.count {
        tasks.push(Task::begin(&twins, &cwd, &read)?);
    }
    if let Some(task) = tasks.last() {
        let times = (0..arguments.commands).map(|_| task.run_command(&cwd));
        let milliseconds = times.collect::<anyhow::Result<_>>()?;
        print(&Line::Commands { milliseconds });
    }
    if arguments.wait {
        print(&Line::Waiting);
        io::copy(&mut io::stdin().lock(), &mut io::sink()).context("standard input failed")?;
    }
    tasks.into_iter().try_for_each(Task::end)
}

impl Task {
    fn begin(twins: &Twins, cwd: &Path, read: &Path) -> anyhow::Result<Self> {
        let begun = Instant::now();
        let twin = match twins.create(ThreadId::new(), &NewTwin::of(cwd, "measured")) {
            Ready::Twin(twin) => Arc::new(*twin),
            Ready::Folder(reasons) => bail!("no twin can be had: {}", reasons.join("; ")),
            Ready::Nowhere(reason) => bail!("{reason}"),
        };
        let ready = milliseconds_since(begun);
        if read != cwd {
            twin.workspace().read(read, READ_LIMIT)?;
        }
        let read = milliseconds_since(begun);
        let starter = Box::new(SharedStarter(Arc::clone(&twin)));
        let task = Self {
            processes: Processes::new(starter, sandbox::Limits::default()),
            twin,
        };
        task.run_command(cwd)?;
        print(&Line::Twin {
            wall: task.twin.wall(),
            ready,
            read,
            command: milliseconds_since(begun),
        });
        Ok(task)
    }

    /// Runs the command, and says how many milliseconds it took.
    fn run_command(&self, cwd: &Path) -> anyhow::Result<f64> {
        let started = Instant::now();
        let session = self.processes.start(&CommandLine {
            text: COMMAND.to_owned(),
            folder: cwd.to_path_buf(),
            channel: Channel::Pipe,
            reach: Reach::default(),
        })?;
        session.wait_until_ended(started + PATIENCE);
        let taken = milliseconds_since(started);
        let ended = session.ended().context("a command does not end")?;
        ensure!(ended.exit == Exit::Code(0), "a command failed: {ended:?}");
        self.processes.forget(session.id());
        Ok(taken)
    }

    fn end(self) -> anyhow::Result<()> {
        let Self { processes, twin } = self;
        drop(processes);
        let twin = Arc::into_inner(twin).context("a twin is still in use")?;
        twin.discard()
    }
}

impl Starter for SharedStarter {
    fn start(&self, command: &CommandLine, name: &str) -> Result<Started, StarterError> {
        self.0.starter().start(command, name)
    }

    fn end_all(&self) {
        self.0.starter().end_all();
    }
}

fn milliseconds_since(moment: Instant) -> f64 {
    moment.elapsed().as_secs_f64() * 1e3
}

fn print(line: &Line) {
    let text = serde_json::to_string(line).expect("a line has only names and numbers");
    Terminal::stdout().line(&text);
}
