//! `ropewalk demo agent`: the agent on a real project, on the terminal.
//!
//! The model is a script that plays a fixed part, and the user is told so. All else is what `ropewalk exec` does, in this
//! process: requests over HTTP, the loop, the tools on real files, the tests in real processes. Everything lies in a
//! folder that is removed at the end, the threads too.

mod figures;
mod part;
mod project;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use agent::landing::ConflictPolicy;
use agent::prompt::UserInput;
use agent::surface::{ThreadEvent, TurnEnd, TurnSummary};
use anyhow::{Context, bail};
use models::Wire;
use models::catalogue::{EMBEDDED, FactsOverride, ProviderSettings};
use scripted_model::Server;
use tempfile::TempDir;

use super::{Watching, temporary_folder};
use crate::agent_host::{AgentHost, HostOptions, SurfaceLink, ThreadOptions};
use crate::cli::exec;
use crate::cli::exec::gate::{Permit, TerminalGate};
use crate::cli::exec::interrupts::Interrupts;
use crate::cli::exec::place_report::PlaceReport;
use crate::cli::exec::transcript::Transcript;
use crate::cli::proposal::view::{self, Extent};
use crate::cli::terminal::{Style, Terminal};
use crate::config::Config;
use crate::twins::TaskTwin;

use figures::{Outcome, Outcomes};
use project::{NEW_NAME, OLD_NAME, Project};

/// The pause before each piece of the model's answers, so that they can be seen to stream.
const PIECE_PAUSE: Duration = Duration::from_millis(15);

/// What the person says.
const GOAL: &str = "The tests fail. Find out why and mend it.";

/// How the scripted model is called in the settings and in the transcript.
const SERVICE: &str = "script";
const MODEL: &str = "fixed-part";

/// Runs the demonstration.
pub(super) fn run(watching: Watching) -> anyhow::Result<ExitCode> {
    let mut terminal = Terminal::stdout();
    let project = Project::for_this_machine();
    let stage = Stage::build(project, watching.pause(PIECE_PAUSE))?;
    introduce(&mut terminal, &stage);

    let command = format!("ropewalk exec \"{GOAL}\"");
    terminal.line(&terminal.style(Style::Bold, command));
    let began = Instant::now();
    let mended = stage.work(None, GOAL, &[Outcome::Failed, Outcome::Succeeded])?;
    if mended.end != TurnEnd::Completed {
        return Ok(exec::exit_code(&mended));
    }
    terminal.line("");
    figures::print(&mut terminal, &stage.server, began, &mended.usage);

    let goal = format!("rename {OLD_NAME} to {NEW_NAME}\nrun {}", project.test);
    terminal.line("");
    terminal.line("Renames and structural rewrites need no model: `codemod` is built in, and goes through the same loop.");
    let command = format!("ropewalk exec --model {EMBEDDED} \"{goal}\"");
    terminal.line(&terminal.style(Style::Bold, command));
    let renamed = stage.work(Some(EMBEDDED), &goal, &[Outcome::Succeeded])?;
    if renamed.end != TurnEnd::Completed {
        return Ok(exec::exit_code(&renamed));
    }
    conclude(&mut terminal, stage, [&mended, &renamed]);
    Ok(ExitCode::SUCCESS)
}

/// All that the demonstration needs; dropping it ends the server and removes the folder.
struct Stage {
    host: AgentHost,
    server: Server,
    interrupts: Interrupts,
    /// Holds the project and the threads.
    _folder: TempDir,
}

impl Stage {
    fn build(project: &'static Project, pause: Duration) -> anyhow::Result<Self> {
        let interrupts = Interrupts::receive()?;
        let folder = temporary_folder()?;
        let cwd = folder.path().canonicalize()?.join("durations");
        fs::create_dir(&cwd)?;
        project.write_to(&cwd)?;
        let server = Server::start(part::script(project, pause))
            .context("the scripted model cannot be started on loopback")?;
        let options = HostOptions {
            config: config(&server),
            state_folder: folder.path().join("state"),
            user_folder: None,
            rules: agent::Rules::default(),
        };
        Ok(Self {
            host: AgentHost::with(&cwd, options)?,
            server,
            interrupts,
            _folder: folder,
        })
    }

    /// Lets a model, the scripted one by default, work on `goal` in a thread of its own, and shows how.
    ///
    /// An error when the commands that it runs end otherwise than `expected`.
    fn work(
        &self,
        model: Option<&str>,
        goal: &str,
        expected: &[Outcome],
    ) -> anyhow::Result<TurnSummary> {
        let options = ThreadOptions {
            model: model.map(str::to_owned),
            permissions: Permit::Everything.permissions(),
            ..ThreadOptions::default()
        };
        let outcomes = Outcomes::default();
        let link = SurfaceLink {
            gate: Arc::new(TerminalGate::unattended(Permit::Everything)),
            listener: listener(self.host.cwd(), outcomes.clone()),
            place_ready: Box::new(|ready| {
                let report = PlaceReport::of(ready);
                let mut terminal = Terminal::stdout();
                for (style, line) in report.iter().flat_map(PlaceReport::lines) {
                    terminal.line(&terminal.style(style, line));
                }
            }),
        };
        let work = self.host.start(&options, link)?;
        self.interrupts.stop(&work.handle);
        // The script answers at once, and the place is told of first.
        work.place.wait();
        let input = UserInput {
            text: goal.to_owned(),
            attachments: Vec::new(),
        };
        work.handle.send(input.content())?;
        let summary = work.handle.wait()?.context("the thread has had no turn")?;
        if summary.end == TurnEnd::Completed && !outcomes.are(expected) {
            bail!("the tests did not go as the demonstration expects; what they said is above");
        }
        self.interrupts.stop_nothing();
        if let Some(twin) = work.end() {
            self.apply(twin)?;
        }
        Ok(summary)
    }

    /// Says yes in the person's place.
    fn apply(&self, twin: TaskTwin) -> anyhow::Result<()> {
        let mut terminal = Terminal::stdout();
        let task = twin.proposal()?;
        terminal.line("");
        let head =
            "The project itself is as it was. In your own, you would be shown this and asked:";
        terminal.line(&terminal.style(Style::Bold, head));
        view::show(
            &mut terminal,
            &task.proposal,
            self.host.cwd(),
            Extent::Glance,
        );
        let outcome = twin.apply(&task.proposal, ConflictPolicy::Refuse)?;
        outcome.tell(&mut terminal, self.host.cwd());
        twin.discard()
    }
}

fn config(server: &Server) -> Config {
    let service = ProviderSettings {
        base_url: Some(format!("{}/v1", server.url())),
        wire: Some(Wire::Responses),
        ..ProviderSettings::default()
    };
    let facts = FactsOverride {
        reasoning: Some(true),
        freeform_tools: Some(true),
        ..FactsOverride::default()
    };
    Config {
        model: Some(format!("{SERVICE}/{MODEL}")),
        providers: BTreeMap::from([(SERVICE.to_owned(), service)]),
        models: BTreeMap::from([(MODEL.to_owned(), facts)]),
        ..Config::default()
    }
}

fn listener(cwd: &Path, outcomes: Outcomes) -> Box<dyn FnMut(ThreadEvent) + Send> {
    let mut transcript = Transcript::new(cwd, Terminal::stdout(), Terminal::stdout());
    Box::new(move |event| {
        outcomes.note(&event);
        transcript.show(&event);
    })
}

fn introduce(terminal: &mut Terminal, stage: &Stage) {
    terminal.line(&format!(
        "A small real project with a failing test is in {}.",
        stage.host.cwd().display()
    ));
    terminal.line(&terminal.style(
        Style::Warning,
        "The model is a SCRIPT: it plays a fixed part and thinks nothing.",
    ));
    terminal.line(&format!(
        "All else is real: the service at {}, the requests, the loop, the tools, the files, the tests and what they say.",
        stage.server.url()
    ));
    terminal.line("");
}

fn conclude(terminal: &mut Terminal, stage: Stage, turns: [&TurnSummary; 2]) {
    let [mended, renamed] = turns.map(|turn| turn.milliseconds as f64 / 1e3);
    let violations = stage.server.violations();
    let cwd = stage.host.cwd().display().to_string();
    drop(stage);
    terminal.line("");
    terminal.line(&terminal.style(
        Style::Bold,
        format!("Mended in {mended:.1} s, renamed and tested again in {renamed:.1} s."),
    ));
    for violation in violations {
        terminal.line(&terminal.style(Style::Warning, violation));
    }
    terminal.line(&format!("{cwd} and the threads are removed again."));
    terminal.line("Your own project is next: `ropewalk models` says which model would work there, then `ropewalk exec \"WHAT TO DO\"`; it works in a twin, and asks before anything of yours changes.");
}
