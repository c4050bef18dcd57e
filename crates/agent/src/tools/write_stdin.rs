//! `write_stdin`: writes to a command that goes on in the background, interrupts it, or looks how it stands.

use std::{sync::Arc, time::Duration};

use sandbox::{Channel, InputError, Processes, Reach, Session, SessionId, Wake, Wall};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{commands, exec_command::refused, function_tool::FunctionTool};
use crate::{
    ToolContext, ToolOutput,
    need::needs_of,
    tool::{Approval, ToolEffect},
};

const CONTROL_C: &str = "\u{3}";

/// How long to wait for an answer to what was written, in milliseconds.
const DEFAULT_WAIT: u64 = 250;

/// How long to wait when nothing was written, in milliseconds.
const DEFAULT_POLL: u64 = 5_000;

/// How long a command has to take what is written to it.
const PATIENCE: Duration = Duration::from_secs(2);

/// The tool.
pub struct WriteStdin {
    processes: Arc<Processes>,
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// As `exec_command` gave it.
    session_id: u64,
    /// What to write, line breaks included. Default: nothing, only look.
    chars: Option<String>,
    /// How long to wait for the command's end, 250 to 600000. Default: 250 after writing, else 5000.
    yield_time_ms: Option<u64>,
    /// How much output to return at most; the middle of a longer one is left out. Default: 10000.
    max_output_tokens: Option<u64>,
}

impl WriteStdin {
    /// The tool for a thread whose commands are `processes`.
    pub fn new(processes: Arc<Processes>) -> Self {
        Self { processes }
    }
}

impl FunctionTool for WriteStdin {
    type Arguments = Arguments;

    const NAME: &'static str = "write_stdin";

    const DESCRIPTION: &'static str = "Continues a session of `exec_command`: writes `chars` to its terminal and answers with what it \
    has printed since. Empty `chars` only waits and looks. \"\\u0003\" interrupts the command, also one without a terminal.";

    const EXAMPLE: &'static str = r#"{"session_id": 4711, "chars": "yes\n"}"#;

    const EFFECT: ToolEffect = ToolEffect::Acts;

    fn answer(
        &self,
        arguments: Arguments,
        context: &ToolContext<'_>,
    ) -> Result<ToolOutput, ToolOutput> {
        self.proceed(&arguments, context)
    }
}

impl WriteStdin {
    fn proceed(
        &self,
        arguments: &Arguments,
        context: &ToolContext<'_>,
    ) -> Result<ToolOutput, ToolOutput> {
        let id = SessionId(arguments.session_id);
        let session = self.processes.session(id).ok_or_else(|| self.unknown(id))?;
        let chars = arguments.chars.as_deref().unwrap_or_default();
        let default = match chars {
            "" => DEFAULT_POLL,
            CONTROL_C => {
                session.interrupt();
                DEFAULT_WAIT
            }
            text => {
                write(&session, text, context)?;
                DEFAULT_WAIT
            }
        };
        let time = commands::wait_time(arguments.yield_time_ms, default);
        // A session in the background outlives the turn: being interrupted only ends the look at it.
        let wake = commands::follow(&session, time, context);
        let (look, needs) = (commands::look(&session), needs_of(&session.line().reach));
        let limit = arguments.max_output_tokens;
        let output = match (wake, look.refusal(&session, context)) {
            (Wake::Cancelled, _) => look.report_interrupted(&session, &needs, limit),
            (_, Some(refusal)) => {
                refused::with_hint(look.report(&session, &needs, limit), &refusal, context)
            }
            (_, None) => look.report(&session, &needs, limit),
        };
        self.processes.forget(id);
        Ok(output)
    }

    fn unknown(&self, id: SessionId) -> ToolOutput {
        let running = self.processes.running();
        let running: Vec<_> = running
            .iter()
            .map(|session| format!("{} ({})", session.id().0, session.line().text))
            .collect();
        let running = match running.as_slice() {
            [] => "No session is running.".into(),
            running => format!("Running sessions: {}.", running.join(", ")),
        };
        ToolOutput::failure(format!(
            "There is no session {}: it has ended and its end was told, or it never was. {}",
            id.0,
            super::output::cut_line(&running, 2000)
        ))
    }
}

/// Writes `text` once it is approved.
fn write(session: &Session, text: &str, context: &ToolContext<'_>) -> Result<(), ToolOutput> {
    let line = session.line();
    if line.channel == Channel::Pipe {
        return Err(ToolOutput::failure(
            "This command has no input, for it was started without a terminal. Only \"\\u0003\" can be sent to it. To \
             write to it, run it again with \"tty\": true.",
        ));
    }
    // In a twin, a command can be told anything, but not one that was allowed out for what it was then.
    let is_inside = context.workspace.wall() != Wall::None && line.reach == Reach::Twin;
    if !is_inside {
        context.approve(&Approval::WriteToCommand {
            command: line.text.clone(),
            text: text.into(),
        })?;
    }
    match session.write(text.as_bytes(), PATIENCE) {
        // How it ended is told by what follows.
        Ok(()) | Err(InputError::Ended) => Ok(()),
        Err(error) => Err(ToolOutput::failure(format!("{error}."))),
    }
}
