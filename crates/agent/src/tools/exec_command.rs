//! `exec_command`: runs a command, and answers with its output or, when it takes long, with the session that goes on.
//!
//! What the command may have beyond the twin is settled in `permission`; what is done when the sandbox was in its way, in
//! `refused`.

mod permission;
pub(super) mod refused;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use ::workspace::{FileKind, normalize};
use sandbox::{Channel, CommandLine, Processes, Session, TerminalSize, Wake};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{apply_patch, commands, function_tool::FunctionTool, output::cut_line};
use crate::{
    Rules, ToolContext, ToolOutput,
    approvals::Approvals,
    need::{self, Need},
    patch::{self, PatchCommand},
    sandbox_refusal::SandboxRefusal,
    tool::{Presentation, ToolEffect},
};

/// How long to wait for a command when the model does not say, in milliseconds.
const DEFAULT_WAIT: u64 = 10_000;

/// The size of a command's terminal: wide enough that most lines are not broken.
const TERMINAL: TerminalSize = TerminalSize {
    rows: 40,
    columns: 120,
};

/// How much of a command is shown that was left running, in bytes.
const SHOWN_COMMAND: usize = 120;

/// The tool.
pub struct ExecCommand {
    processes: Arc<Processes>,
    approvals: Approvals,
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// The command, as a shell takes it.
    #[serde(alias = "command")]
    cmd: String,
    /// Where to run it; relative to the current folder. Default: the current folder.
    #[serde(alias = "cwd")]
    workdir: Option<String>,
    /// Give it a terminal: for programs that need one, and to write to it later. Default: false, with an empty input.
    tty: Option<bool>,
    /// How long to wait for its end before it goes on in the background, 250 to 600000. Default: 10000.
    yield_time_ms: Option<u64>,
    /// How much output to return at most; the middle of a longer one is left out. Default: 10000.
    max_output_tokens: Option<u64>,
    /// What it cannot do without: "network", "loopback" (servers and clients of this task among themselves),
    /// "write:/absolute/path" (outside the workspace), "unconfined" (outside the sandbox, in the user's own files). The user
    /// is asked. Default: nothing.
    needs: Option<Vec<String>>,
    /// One sentence for the user, who may be asked: why this command. Required with `needs`.
    justification: Option<String>,
}

/// A command with all that is known of it before it is started.
struct Run<'a> {
    arguments: &'a Arguments,
    folder: &'a Path,
    /// What it may have beyond the twin.
    needs: Vec<Need>,
}

impl ExecCommand {
    /// The tool for a thread whose commands are `processes`; `rules` say what they may do unasked.
    pub fn new(processes: Arc<Processes>, rules: Rules) -> Self {
        Self {
            processes,
            approvals: Approvals::new(rules),
        }
    }
}

impl FunctionTool for ExecCommand {
    type Arguments = Arguments;

    const NAME: &'static str = "exec_command";

    const DESCRIPTION: &'static str = "Runs a shell command. Standard output and standard error come back together, with the exit \
    code. A command that is still running after `yield_time_ms` goes on in the background: the answer gives its session \
    ID, for `write_stdin`. Read and search files with the other tools where you can; they cost no process.";

    const EXAMPLE: &'static str =
        r#"{"cmd": "cargo test -p parser", "workdir": "crates", "yield_time_ms": 60000}"#;

    const EFFECT: ToolEffect = ToolEffect::Acts;

    fn announce(&self, arguments: Arguments) -> Option<Presentation> {
        Some(Presentation::Command {
            needs: permission::announced(arguments.needs.as_deref()),
            command: arguments.cmd,
            exit_code: None,
        })
    }

    fn left_running(&self) -> Vec<String> {
        let running = self.processes.running();
        let commands = running.iter().map(|session| &session.line().text);
        commands
            .map(|command| cut_line(command, SHOWN_COMMAND).into_owned())
            .collect()
    }

    fn answer(
        &self,
        arguments: Arguments,
        context: &ToolContext<'_>,
    ) -> Result<ToolOutput, ToolOutput> {
        self.execute(&arguments, context)
    }
}

impl ExecCommand {
    fn execute(
        &self,
        arguments: &Arguments,
        context: &ToolContext<'_>,
    ) -> Result<ToolOutput, ToolOutput> {
        if arguments.cmd.trim().is_empty() {
            let text = format!(
                "`cmd` is empty: there is nothing to run.\nExample: {}",
                Self::EXAMPLE
            );
            return Err(ToolOutput::failure(text));
        }
        let folder = folder(arguments.workdir.as_deref(), context)?;
        if let Some(command) = patch::from_command(&arguments.cmd) {
            return apply(&command, &folder, context);
        }
        let needs = permission::needs(arguments, context)?;
        let run = Run {
            arguments,
            folder: &folder,
            needs,
        };
        permission::permit(&self.approvals, &run, context)?;
        let session = self.start(&run)?;
        Ok(self.answer(&session, run, context))
    }

    fn start(&self, run: &Run<'_>) -> Result<Arc<Session>, ToolOutput> {
        let line = CommandLine {
            text: run.arguments.cmd.clone(),
            folder: run.folder.to_owned(),
            channel: match run.arguments.tty {
                Some(true) => Channel::Terminal(TERMINAL),
                Some(false) | None => Channel::Pipe,
            },
            reach: need::reach(&run.needs),
        };
        self.processes.start(&line).map_err(|error| {
            ToolOutput::failure(format!("The command could not be started: {error}."))
        })
    }

    fn answer(
        &self,
        session: &Arc<Session>,
        run: Run<'_>,
        context: &ToolContext<'_>,
    ) -> ToolOutput {
        let time = commands::wait_time(run.arguments.yield_time_ms, DEFAULT_WAIT);
        let limit = run.arguments.max_output_tokens;
        let wake = commands::follow(session, time, context);
        if wake == Wake::Cancelled {
            stop(session);
            commands::show(session, context);
        }
        let look = commands::look(session);
        self.processes.forget(session.id());
        if wake == Wake::Cancelled {
            return look.report_interrupted(session, &run.needs, limit);
        }
        let output = look.report(session, &run.needs, limit);
        match look.refusal(session, context) {
            Some(refusal) => self.refused(output, &refusal, run, context),
            None => output,
        }
    }

    /// What becomes of a command that the sandbox looks to have refused something: it is run again where that is allowed.
    fn refused(
        &self,
        output: ToolOutput,
        refusal: &SandboxRefusal,
        mut run: Run<'_>,
        context: &ToolContext<'_>,
    ) -> ToolOutput {
        let wanted = refused::wanted(refusal, context);
        // What it had already was not what it missed.
        let Some(need) = wanted.filter(|need| !run.needs.iter().any(|had| had.covers(need))) else {
            return refused::with_hint(output, refusal, context);
        };
        run.needs.push(need);
        match permission::permit_again(&self.approvals, &run, refusal, context) {
            Err(why) => refused::not_allowed(output, refusal, &run.needs, why),
            Ok(()) => {
                context.show(&refused::note(&run.needs));
                let preface = refused::preface(refusal, &run.needs);
                let again = self
                    .start(&run)
                    .map(|session| self.answer(&session, run, context));
                refused::after(&preface, again.unwrap_or_else(|failure| failure))
            }
        }
    }
}

/// A command that is nothing but a patch is no command: it is the tool of that name, with its diffs and its approval.
fn apply(
    command: &PatchCommand,
    folder: &Path,
    context: &ToolContext<'_>,
) -> Result<ToolOutput, ToolOutput> {
    let context = ToolContext {
        cwd: folder,
        ..*context
    };
    let folder = self::folder(command.directory.as_deref(), &context)?;
    let context = ToolContext {
        cwd: &folder,
        ..context
    };
    Ok(apply_patch::apply(&command.patch, &context))
}

/// As a person stops a command: Ctrl-C first. What does not listen is ended, and what it has started with it.
fn stop(session: &Session) {
    session.interrupt();
    session.wait_until_ended(std::time::Instant::now() + commands::GRACE);
    session.kill(commands::GRACE);
}

/// The folder that `workdir` names, which must be one of the workspace's or below one, also when links are followed.
fn folder(workdir: Option<&str>, context: &ToolContext<'_>) -> Result<PathBuf, ToolOutput> {
    let folder = normalize(&context.cwd.join(workdir.unwrap_or_default()));
    let snapshot = context.workspace.snapshot();
    let disk = snapshot.disk();
    let found = disk
        .real_path(&folder)
        .and_then(|real| Ok((disk.metadata(&real)?.kind, real)));
    let Ok((kind, real)) = found else {
        let text = format!(
            "The folder {} does not exist. Give `workdir` relative to {}, or leave it out.",
            folder.display(),
            context.cwd.display()
        );
        return Err(ToolOutput::failure(text));
    };
    if kind != FileKind::Directory {
        let text = format!("{} is not a folder.", folder.display());
        return Err(ToolOutput::failure(text));
    }
    if snapshot
        .folders()
        .any(|root| real.starts_with(root.real_path()))
    {
        return Ok(folder);
    }
    let folders: Vec<_> = context
        .workspace
        .folders()
        .iter()
        .map(|folder| folder.display().to_string())
        .collect();
    Err(ToolOutput::failure(format!(
        "{} is outside the workspace; use a folder below {}.",
        folder.display(),
        folders.join(" or ")
    )))
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod twin_tests;
