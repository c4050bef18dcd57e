//! `ropewalk debug`: looks behind the agent: what would be sent, what was sent, what twins cost.

mod twins;

use std::path::PathBuf;
use std::process::ExitCode;

use agent::machine::{self, Effect, Entry, Event, Machine, ThreadStart, Unfinished};
use agent::prompt::{Attachment, Permissions, UserInput};
use agent::world::WorldSource;
use anyhow::Context;
use models::Request;

use crate::agent_host::{AgentHost, PreparedThread, ThreadOptions};
use crate::cli::exec::{self, ModelArguments};
use crate::cli::terminal::Terminal;

/// What to look at.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum DebugCommand {
    /// Print exactly what would be sent to the model for a goal, as JSON; nothing is sent.
    Prompt(PromptArguments),
    /// Print every request that a thread has made, from its log, one JSON body a line.
    Requests(RequestsArguments),
    /// Make twins of the current folder, run `true` in them, and print what that costs here, as lines of JSON.
    Twins(twins::TwinsArguments),
}

/// Arguments of `ropewalk debug prompt`.
#[derive(Debug, clap::Args)]
pub(crate) struct PromptArguments {
    /// The goal.
    #[arg(default_value = "")]
    goal: String,
    #[command(flatten)]
    model: ModelArguments,
    /// Attach a file to the goal.
    #[arg(long, short, value_name = "FILE", visible_alias = "attach")]
    image: Vec<PathBuf>,
    /// As the next message of a thread: an id, the beginning of one, or `last`.
    #[arg(long, value_name = "THREAD")]
    resume: Option<String>,
}

/// Arguments of `ropewalk debug requests`.
#[derive(Debug, clap::Args)]
pub(crate) struct RequestsArguments {
    /// The thread: an id, the beginning of one, or `last`.
    thread: String,
}

/// Prints what was asked for.
pub(crate) fn run(command: &DebugCommand) -> anyhow::Result<ExitCode> {
    match command {
        DebugCommand::Prompt(arguments) => prompt(arguments)?,
        DebugCommand::Requests(arguments) => requests(arguments)?,
        DebugCommand::Twins(arguments) => twins::run(arguments)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn prompt(arguments: &PromptArguments) -> anyhow::Result<()> {
    let mut host = AgentHost::new(&exec::working_folder(None)?)?;
    let options = arguments.model.options(Permissions::default());
    let mut entries = Vec::new();
    if let Some(thread) = &arguments.resume {
        let thread = host.find(thread)?;
        host = host.where_it_worked(thread)?;
        entries = host.store().read::<Entry>(thread)?.events;
    }
    let (prepared, changed) = match entries.is_empty() {
        true => (host.prepare(&options)?, None),
        false => host.prepare_again(&entries, &options)?,
    };
    let mut first = Vec::new();
    if let Some(settings) = changed {
        first.push(Event::SettingsChanged(Box::new(settings)));
    }
    if !entries.is_empty() {
        first.push(Event::Resumed {
            unfinished: Unfinished::End,
        });
    }
    let attach = |path: &PathBuf| Attachment::load(path, &path.to_string_lossy());
    let input = UserInput {
        text: arguments.goal.clone(),
        attachments: arguments
            .image
            .iter()
            .map(attach)
            .collect::<Result<_, _>>()?,
    };
    first.push(Event::InputGiven {
        content: input.content(),
    });
    let mut machine = match entries.is_empty() {
        true => begin(&prepared),
        false => machine::replay(entries)?.0,
    };
    let request = next_request(&mut machine, first, &prepared)
        .context("the thread would not send anything now")?;
    print(&prepared, &request, Layout::Indented);
    Ok(())
}

fn begin(prepared: &PreparedThread) -> Machine {
    let start = ThreadStart {
        thread: "a-new-thread".into(),
        settings: prepared.settings.clone(),
    };
    Machine::begin(start, 0).0
}

/// Steps the machine with `events`, looks at the world when it wants to, and stops at its first request.
fn next_request(
    machine: &mut Machine,
    events: Vec<Event>,
    prepared: &PreparedThread,
) -> Option<Request> {
    let mut events = std::collections::VecDeque::from(events);
    while let Some(event) = events.pop_front() {
        for effect in machine.step(Entry { time: 0, event }) {
            match effect {
                Effect::Request(request) => return Some(request),
                Effect::Observe => events.push_back(Event::WorldObserved {
                    change: prepared.world.observe().change_since(machine.world()),
                }),
                _ => {}
            }
        }
    }
    None
}

fn requests(arguments: &RequestsArguments) -> anyhow::Result<()> {
    let host = AgentHost::new(&exec::working_folder(None)?)?;
    let thread = host.find(&arguments.thread)?;
    let entries = host.store().read::<Entry>(thread)?.events;
    let (prepared, _) = host.prepare_again(&entries, &ThreadOptions::default())?;
    for request in machine::replay(entries)?.1 {
        print(&prepared, &request, Layout::OneLine);
    }
    Ok(())
}

enum Layout {
    Indented,
    OneLine,
}

fn print(prepared: &PreparedThread, request: &Request, layout: Layout) {
    let body = prepared.chosen.provider.open().body(request);
    Terminal::stdout().line(&match layout {
        Layout::Indented => format!("{body:#}"),
        Layout::OneLine => body.to_string(),
    });
}
