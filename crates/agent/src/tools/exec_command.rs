//! `exec_command`: runs a command, and answers with its output or, when it takes long, with the session that goes on.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use ::workspace::normalize;
use sandbox::{Channel, CommandLine, Processes, Reach, Session, TerminalSize, Wake};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{apply_patch, commands, function_tool::FunctionTool, output::cut_line};
use crate::{
    ToolContext, ToolOutput,
    patch::{self, PatchCommand},
    tool::{Approval, Decision, Presentation, ToolEffect},
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
    /// One sentence for the user, who may be asked: why this command.
    justification: Option<String>,
}

impl ExecCommand {
    /// The tool for a thread whose commands are `processes`.
    pub fn new(processes: Arc<Processes>) -> Self {
        Self { processes }
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
        approve(arguments, &folder, context)?;
        let line = CommandLine {
            text: arguments.cmd.clone(),
            folder,
            channel: match arguments.tty {
                Some(true) => Channel::Terminal(TERMINAL),
                Some(false) | None => Channel::Pipe,
            },
            reach: Reach::default(),
        };
        let session = self.processes.start(&line).map_err(|error| {
            ToolOutput::failure(format!("The command could not be started: {error}."))
        })?;
        Ok(self.answer(&session, arguments, context))
    }

    fn answer(
        &self,
        session: &Arc<Session>,
        arguments: &Arguments,
        context: &ToolContext<'_>,
    ) -> ToolOutput {
        let time = commands::wait_time(arguments.yield_time_ms, DEFAULT_WAIT);
        let wake = commands::follow(session, time, context);
        let output = if wake == Wake::Cancelled {
            stop(session);
            commands::show(session, context);
            commands::report_interrupted(session, arguments.max_output_tokens)
        } else {
            commands::report(session, arguments.max_output_tokens)
        };
        self.processes.forget(session.id());
        output
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

fn approve(
    arguments: &Arguments,
    folder: &Path,
    context: &ToolContext<'_>,
) -> Result<(), ToolOutput> {
    let approval = Approval::RunCommand {
        command: arguments.cmd.clone(),
        cwd: folder.into(),
        reason: arguments.justification.clone(),
    };
    match context.gate.approve(&approval, context.cancel) {
        Decision::Allow => Ok(()),
        Decision::Deny { reason } => {
            let output = ToolOutput::declined(reason.as_deref());
            Err(output.presented(Presentation::Command {
                command: arguments.cmd.clone(),
                exit_code: None,
            }))
        }
    }
}

/// The folder that `workdir` names, which must be one of the workspace's or below one, also when links are followed.
fn folder(workdir: Option<&str>, context: &ToolContext<'_>) -> Result<PathBuf, ToolOutput> {
    let folder = normalize(&context.cwd.join(workdir.unwrap_or_default()));
    let Ok(real) = folder.canonicalize() else {
        let text = format!(
            "The folder {} does not exist. Give `workdir` relative to {}, or leave it out.",
            folder.display(),
            context.cwd.display()
        );
        return Err(ToolOutput::failure(text));
    };
    if !real.is_dir() {
        let text = format!("{} is not a folder.", folder.display());
        return Err(ToolOutput::failure(text));
    }
    let folders = context.workspace.folders();
    let contains = |root: &PathBuf| root.canonicalize().is_ok_and(|root| real.starts_with(root));
    if folders.iter().any(contains) {
        return Ok(folder);
    }
    let folders: Vec<_> = folders
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
