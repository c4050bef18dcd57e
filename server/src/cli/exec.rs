//! `ropewalk exec`: hands a goal to the agent and shows how it works until it is done.
//!
//! Exit codes: 0 done, 1 could not be done, 3 a limit was reached, 130 interrupted.

mod command_output;
pub(crate) mod gate;
pub(crate) mod interrupts;
mod json_lines;
mod keyboard;
mod screen;
pub(crate) mod transcript;

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use agent::ThreadHandle;
use agent::prompt::{Attachment, Permissions, UserInput};
use agent::surface::{TurnEnd, TurnSummary};
use anyhow::{Context, bail};
use models::{Content, ReasoningEffort};

use crate::agent_host::{AgentHost, SurfaceLink, ThreadOptions};
use crate::cli::terminal::{Style, Terminal};

use gate::{Permit, TerminalGate};
use interrupts::Interrupts;
use json_lines::JsonLines;
use screen::Screen;
use transcript::Transcript;

/// The exit code of a turn that a limit has ended.
const LIMIT_REACHED: u8 = 3;

/// The exit code when the user has stopped it, as shells have it for Ctrl-C.
pub(crate) const INTERRUPTED: u8 = 130;

/// Arguments of `ropewalk exec`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 done, 1 could not be done, 3 a limit was reached, 130 interrupted."
)]
pub(crate) struct ExecArguments {
    /// What is to be done; `-` reads it from standard input. With `--resume` it may be left out.
    goal: Option<String>,
    #[command(flatten)]
    model: ModelArguments,
    /// Attach a file to the goal: a picture (PNG, JPEG, GIF, WebP) or a text. Can be given several times.
    #[arg(long, short, value_name = "FILE", visible_alias = "attach")]
    image: Vec<PathBuf>,
    /// Go on with a thread: an id, the beginning of one, or `last`.
    #[arg(long, value_name = "THREAD", conflicts_with = "fork")]
    resume: Option<String>,
    /// Begin with what another thread knew, which stays as it is: `THREAD` or `THREAD:TURN`.
    #[arg(long, value_name = "THREAD")]
    fork: Option<String>,
    /// Allow every change and command without asking.
    #[arg(long, short, conflicts_with = "read_only")]
    yes: bool,
    /// Allow no change and no command.
    #[arg(long)]
    read_only: bool,
    /// Print one JSON event a line (docs/events.md) in place of text.
    #[arg(long)]
    json: bool,
    /// Work in this folder. Without it, a thread that is resumed or forked goes on in its own.
    #[arg(long, short = 'C', value_name = "FOLDER")]
    directory: Option<PathBuf>,
}

/// Which model works, and how far it may go.
#[derive(Debug, clap::Args)]
pub(crate) struct ModelArguments {
    /// The model, as PROVIDER/MODEL, PROVIDER, or a model's name; `ropewalk models` lists what there is.
    #[arg(long, short)]
    model: Option<String>,
    /// How hard the model shall think.
    #[arg(long, value_parser = effort)]
    effort: Option<ReasoningEffort>,
    /// Requests to the model at most.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    max_steps: Option<u32>,
    /// Minutes at most.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    max_minutes: Option<u64>,
    /// Tokens at most, as the service counts them.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    max_tokens: Option<u64>,
}

/// Works until the turn has ended.
pub(crate) fn run(arguments: &ExecArguments) -> anyhow::Result<ExitCode> {
    let cwd = working_folder(arguments.directory.as_deref())?;
    let input = input(arguments)?;
    let has_goal = input.is_some();
    let permit = permit(arguments)?;
    let handle = Arc::new(begin(AgentHost::new(&cwd)?, arguments, permit)?);
    Interrupts::receive()?.stop(&handle);
    if let Some(content) = input {
        handle.send(content)?;
    }
    let summary = handle.wait()?;
    if summary.is_none() && !has_goal {
        bail!(
            "nothing of this thread was left unfinished; say what to do next: `ropewalk exec --resume {} \"GOAL\"`",
            handle.id()
        );
    }
    if !arguments.json {
        say_how_to_go_on(handle.id(), summary.as_ref());
    }
    Ok(summary.as_ref().map_or(ExitCode::SUCCESS, exit_code))
}

impl ModelArguments {
    /// As the host takes them.
    pub(crate) fn options(&self, permissions: Permissions) -> ThreadOptions {
        ThreadOptions {
            model: self.model.clone(),
            effort: self.effort,
            max_steps: self.max_steps,
            max_minutes: self.max_minutes,
            max_tokens: self.max_tokens,
            permissions,
        }
    }
}

/// Begins a thread, or takes one up: in its own folder, unless another was asked for.
fn begin(
    host: AgentHost,
    arguments: &ExecArguments,
    permit: Permit,
) -> anyhow::Result<ThreadHandle> {
    let options = arguments.model.options(permit.permissions());
    let named = arguments.resume.as_deref().map(|thread| (thread, None));
    let forked = arguments.fork.as_deref().map(thread_and_turn).transpose()?;
    let Some((thread, turn)) = named.or(forked) else {
        report(&host.problems);
        return host.start(&options, link(arguments, permit, &host));
    };
    let thread = host.find(thread)?;
    let host = match arguments.directory {
        Some(_) => host,
        None => host.where_it_worked(thread)?,
    };
    report(&host.problems);
    let link = link(arguments, permit, &host);
    match arguments.resume {
        Some(_) => host.resume(thread, &options, link),
        None => host.fork(thread, turn, &options, link),
    }
}

/// What `--fork` names: `THREAD` or `THREAD:TURN`.
fn thread_and_turn(fork: &str) -> anyhow::Result<(&str, Option<u32>)> {
    let Some((thread, turn)) = fork.split_once(':') else {
        return Ok((fork, None));
    };
    match turn.parse() {
        Ok(turn) => Ok((thread, Some(turn))),
        Err(_) => bail!("`{turn}` is not the number of a turn: write `--fork THREAD:TURN`"),
    }
}

/// Shows events and asks questions; a program that reads the events is not asked.
fn link(arguments: &ExecArguments, permit: Permit, host: &AgentHost) -> SurfaceLink {
    if arguments.json {
        let mut lines = JsonLines::new();
        return SurfaceLink {
            gate: Arc::new(TerminalGate::unattended(permit)),
            listener: Box::new(move |event| lines.write(&event)),
        };
    }
    let screen = Arc::new(Screen::new(Transcript::new(
        host.cwd(),
        Terminal::stdout(),
        Terminal::stderr(),
    )));
    SurfaceLink {
        gate: Arc::new(TerminalGate::attended(
            permit,
            host.cwd(),
            Arc::clone(&screen),
        )),
        listener: Box::new(move |event| screen.show(event)),
    }
}

/// The folder to work in, absolute and without symbolic links; the current one unless another is `wanted`.
pub(crate) fn working_folder(wanted: Option<&Path>) -> anyhow::Result<PathBuf> {
    let folder = match wanted {
        Some(folder) => folder
            .canonicalize()
            .with_context(|| format!("{} cannot be worked in", folder.display()))?,
        None => std::env::current_dir().context("the current folder cannot be used")?,
    };
    if !folder.is_dir() {
        bail!("{} is not a folder", folder.display());
    }
    Ok(folder)
}

/// The goal with what is attached; nothing when a thread just goes on.
fn input(arguments: &ExecArguments) -> anyhow::Result<Option<Vec<Content>>> {
    let text = match arguments.goal.as_deref() {
        Some("-") => read_goal()?,
        Some(goal) => goal.to_owned(),
        None if arguments.resume.is_some() && arguments.image.is_empty() => return Ok(None),
        None => bail!(
            "say what is to be done: `ropewalk exec \"fix the failing test\"`, or `-` to read it from standard input"
        ),
    };
    if text.trim().is_empty() {
        bail!("the goal is empty; say what is to be done");
    }
    let attach = |path: &PathBuf| Attachment::load(path, &path.to_string_lossy());
    let attachments = arguments
        .image
        .iter()
        .map(attach)
        .collect::<Result<_, _>>()?;
    Ok(Some(UserInput { text, attachments }.content()))
}

fn read_goal() -> anyhow::Result<String> {
    let mut stdin = std::io::stdin().lock();
    if std::io::stdin().is_terminal() {
        Terminal::stderr().line("Type the goal; end it with Ctrl-D on a line of its own.");
    }
    let mut goal = String::new();
    stdin
        .read_to_string(&mut goal)
        .context("the goal on standard input cannot be read")?;
    Ok(goal)
}

fn permit(arguments: &ExecArguments) -> anyhow::Result<Permit> {
    if arguments.yes {
        return Ok(Permit::Everything);
    }
    if arguments.read_only {
        return Ok(Permit::ReadingOnly);
    }
    // With JSON on standard output a program is listening, and nobody would see the questions.
    if arguments.json || !gate::has_person() {
        bail!(
            "there is nobody to ask before files are changed and commands run: add --yes to allow everything or \
             --read-only to allow nothing"
        );
    }
    Ok(Permit::Asked)
}

fn report(problems: &[String]) {
    let mut terminal = Terminal::stderr();
    for problem in problems {
        terminal.line(&terminal.style(Style::Warning, problem));
    }
}

fn say_how_to_go_on(thread: &str, summary: Option<&TurnSummary>) {
    let is_done = summary.is_none_or(|summary| summary.end == TurnEnd::Completed);
    let words = if is_done {
        "Say more with"
    } else {
        "Go on with"
    };
    let mut terminal = Terminal::stderr();
    let line = format!("{words} `ropewalk exec --resume {thread}`.");
    terminal.line(&terminal.style(Style::Ghost, line));
}

/// What a turn's end means to a shell.
pub(crate) fn exit_code(summary: &TurnSummary) -> ExitCode {
    match summary.end {
        TurnEnd::Completed => ExitCode::SUCCESS,
        TurnEnd::Interrupted => ExitCode::from(INTERRUPTED),
        TurnEnd::LimitReached { .. } => ExitCode::from(LIMIT_REACHED),
        TurnEnd::Failed { .. } => ExitCode::FAILURE,
    }
}

fn effort(text: &str) -> Result<ReasoningEffort, String> {
    serde_json::from_value(text.into())
        .map_err(|_| "it is one of none, minimal, low, medium, high, xhigh".to_owned())
}
