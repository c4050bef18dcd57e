//! `ropewalk exec`: hands a goal to the agent, shows how it works until it is done, and settles what it has changed.
//!
//! Exit codes: 0 done, 1 could not be done, 3 a limit was reached, 4 done but not applied, 130 interrupted.

mod asker;
mod command_output;
pub(crate) mod gate;
pub(crate) mod in_sight;
pub(crate) mod interrupts;
mod json_lines;
mod keyboard;
pub(crate) mod place_report;
mod screen;
mod settlement;
mod surface;
pub(crate) mod transcript;

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use agent::prompt::{Attachment, Permissions, UserInput};
use agent::surface::{TurnEnd, TurnSummary};
use agent::thread::ThreadError;
use anyhow::{Context, bail};
use models::{Content, ReasoningEffort};

use crate::agent_host::place::{Ready, WorkIn};
use crate::agent_host::{AgentHost, AtWork, SurfaceLink, ThreadOptions};
use crate::cli::proposal::patch_file::PatchTarget;
use crate::cli::terminal::{Style, Terminal};
use crate::twins::{TaskTwin, Twins};

use gate::Permit;
use interrupts::Interrupts;
use settlement::{Settled, Settlement, Wish};
use surface::{AnswerTo, Surface};

/// The exit code of a turn that a limit has ended.
const LIMIT_REACHED: u8 = 3;

/// The exit code of a turn that did what it could, and whose changes could not be applied.
pub(crate) const NOT_APPLIED: u8 = 4;

/// The exit code when the user has stopped it, as shells have it for Ctrl-C.
pub(crate) const INTERRUPTED: u8 = 130;

/// Arguments of `ropewalk exec`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 done, 1 could not be done, 3 a limit was reached, 4 done but not applied, because \
                  something conflicts with your files, 130 interrupted."
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
    /// Answer every question with yes, the one whether to apply the changes included.
    #[arg(long, short, conflicts_with = "read_only")]
    yes: bool,
    /// Apply the changes in the end if they conflict with nothing that you have changed meanwhile; else keep them.
    #[arg(long, conflicts_with_all = ["read_only", "in_place", "diff"])]
    apply: bool,
    /// Write the changes in the end as a patch for `git apply`, `-` for standard output; apply nothing.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["read_only", "in_place"], value_parser = PatchTarget::parse)]
    diff: Option<PatchTarget>,
    /// Work in the folder itself, not in a twin of it, and without walls; each change and command is asked about.
    #[arg(long, conflicts_with = "read_only")]
    in_place: bool,
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

/// Works until the turn has ended and its changes are settled.
pub(crate) fn run(arguments: &ExecArguments) -> anyhow::Result<ExitCode> {
    refuse_contradictions(arguments)?;
    let cwd = working_folder(arguments.directory.as_deref())?;
    let input = input(arguments)?;
    let has_goal = input.is_some();
    let begun = begin(AgentHost::new(&cwd)?, arguments, input.as_deref())?;
    let interrupts = Interrupts::receive()?;
    let ended = work(begun.work, input, &interrupts)?;
    let summary = ended.turn.as_ref().ok().and_then(Option::as_ref);
    let settlement = Settlement {
        surface: &begun.surface,
        cwd: &begun.cwd,
        wish: &wish(arguments),
        cancel: &interrupts.set_flag(),
    };
    let settled = match ended.twin {
        Some(twin) => settlement.settle(twin, summary)?,
        None => Settled::Nothing,
    };
    begun.twins.tidy();
    let thread = ended.thread;
    let turn = ended.turn?;
    if turn.is_none() && !has_goal && settled == Settled::Nothing {
        bail!(
            "nothing of this thread was left unfinished; say what to do next: `ropewalk exec --resume {thread} \"GOAL\"`"
        );
    }
    if !arguments.json {
        say_how_to_go_on(&thread, turn.as_ref());
    }
    Ok(match settled {
        Settled::Refused => ExitCode::from(NOT_APPLIED),
        Settled::AsWished | Settled::Nothing => turn.as_ref().map_or(ExitCode::SUCCESS, exit_code),
    })
}

/// A thread at work, and where that is shown.
struct Begun {
    work: AtWork,
    surface: Surface,
    twins: Twins,
    /// The thread's own folder.
    cwd: PathBuf,
}

/// A thread that has ended its turn. Nothing of it runs any more.
struct Ended {
    thread: String,
    /// How its last turn of this run went.
    turn: Result<Option<TurnSummary>, ThreadError>,
    /// Where it has worked, unless that was the folder itself.
    twin: Option<TaskTwin>,
}

/// Lets the thread work until its turn has ended.
fn work(
    work: AtWork,
    input: Option<Vec<Content>>,
    interrupts: &Interrupts,
) -> anyhow::Result<Ended> {
    interrupts.stop(&work.handle);
    if let Some(content) = input {
        work.handle.send(content)?;
    }
    // The request is on its way; whether there is a place to work in is known by now or soon.
    if let Ready::Nowhere(reason) = work.place.wait() {
        work.handle.interrupt()?;
        drop(work.handle.wait());
        bail!("{reason}");
    }
    let turn = work.handle.wait();
    interrupts.stop_nothing();
    Ok(Ended {
        thread: work.handle.id().to_owned(),
        turn,
        twin: work.end(),
    })
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
            ..ThreadOptions::default()
        }
    }
}

/// Begins a thread, or takes one up: in its own folder, unless another was asked for.
fn begin(
    host: AgentHost,
    arguments: &ExecArguments,
    input: Option<&[Content]>,
) -> anyhow::Result<Begun> {
    let permit = permit(arguments);
    let work_in = match arguments.in_place || arguments.read_only {
        true => WorkIn::Folder,
        false => WorkIn::Twin,
    };
    let options = ThreadOptions {
        work_in,
        title: title(input),
        ..arguments.model.options(permissions(arguments, permit))
    };
    let begin = |host: &AgentHost, start: &dyn Fn(SurfaceLink) -> anyhow::Result<AtWork>| {
        report(&host.problems);
        let surface = surface(arguments, host.cwd());
        Ok(Begun {
            work: start(surface.link(permit, host.cwd()))?,
            surface,
            twins: host.twins().clone(),
            cwd: host.cwd().to_path_buf(),
        })
    };
    let named = arguments.resume.as_deref().map(|thread| (thread, None));
    let forked = arguments.fork.as_deref().map(thread_and_turn).transpose()?;
    let Some((thread, turn)) = named.or(forked) else {
        return begin(&host, &|link| host.start(&options, link));
    };
    let thread = host.find(thread)?;
    let host = match arguments.directory {
        Some(_) => host,
        None => host.where_it_worked(thread)?,
    };
    begin(&host, &|link| match arguments.resume {
        Some(_) => host.resume(thread, &options, link),
        None => host.fork(thread, turn, &options, link),
    })
}

/// The first line of the goal, shortened.
fn title(input: Option<&[Content]>) -> String {
    const LONGEST: usize = 100;
    let text = input
        .into_iter()
        .flatten()
        .find_map(|content| match content {
            Content::Text { text } => Some(text),
            _ => None,
        });
    let line = text.and_then(|text| text.trim().lines().next());
    let line = line.unwrap_or_default();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// Where a run shows what happens.
fn surface(arguments: &ExecArguments, cwd: &Path) -> Surface {
    if arguments.json {
        return Surface::program();
    }
    let answer = match arguments.diff {
        // A patch with the model's words above it would be none.
        Some(PatchTarget::StandardOutput) => AnswerTo::StandardError,
        Some(PatchTarget::File(_)) | None => AnswerTo::StandardOutput,
    };
    Surface::person(cwd, answer)
}

/// What shall become of the changes.
fn wish(arguments: &ExecArguments) -> Wish {
    match &arguments.diff {
        Some(target) => Wish::Write(target.clone()),
        None if arguments.apply || arguments.yes => Wish::Apply,
        None => Wish::Ask,
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

fn permit(arguments: &ExecArguments) -> Permit {
    match (arguments.yes, arguments.read_only) {
        (true, _) => Permit::Everything,
        (false, true) => Permit::ReadingOnly,
        (false, false) => Permit::Asked,
    }
}

/// As the model is told. What nobody can be asked about is not allowed.
fn permissions(arguments: &ExecArguments, permit: Permit) -> Permissions {
    let has_person = !arguments.json && gate::has_person();
    match permit {
        Permit::Asked if !has_person => Permissions::READ_ONLY,
        permit => permit.permissions(),
    }
}

/// What options alone cannot say of one another.
fn refuse_contradictions(arguments: &ExecArguments) -> anyhow::Result<()> {
    if arguments.json && arguments.diff == Some(PatchTarget::StandardOutput) {
        bail!("events and a patch cannot both go to standard output: name a file after --diff");
    }
    // With JSON on standard output a program is listening, and nobody would see the questions.
    if arguments.in_place && !arguments.yes && (arguments.json || !gate::has_person()) {
        bail!(
            "there is nobody to ask before files are changed and commands run: leave --in-place out, so that they change \
             and run in a twin, or add --yes to allow everything"
        );
    }
    Ok(())
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
