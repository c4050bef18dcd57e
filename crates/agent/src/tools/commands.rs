//! What `exec_command` and `write_stdin` share: following a session, and telling the model how it stands.

use std::{
    fmt::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use sandbox::{Ended, Exit, Output, Session, Wake, Wall};

use super::output;
use crate::{
    ToolContext, ToolOutput,
    need::Need,
    sandbox_refusal::{self, FailedCommand, SandboxRefusal},
    tool::{Presentation, ToolStatus},
};

/// The longest that one call waits for a command, in milliseconds.
pub(super) const LONGEST_WAIT: u64 = 600_000;

/// The shortest.
pub(super) const SHORTEST_WAIT: u64 = 250;

/// How long a command has to end by itself when the turn is interrupted.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// The time that a call waits which asks for `asked` milliseconds.
pub(super) fn wait_time(asked: Option<u64>, default: u64) -> Duration {
    Duration::from_millis(asked.unwrap_or(default).clamp(SHORTEST_WAIT, LONGEST_WAIT))
}

/// Waits until the command ends, `time` is over or the turn is interrupted, and shows its output meanwhile.
pub(super) fn follow(session: &Arc<Session>, time: Duration, context: &ToolContext<'_>) -> Wake {
    let deadline = Instant::now() + time;
    loop {
        let wake = session.wait(deadline, context.cancel);
        show(session, context);
        if wake != Wake::Output {
            return wake;
        }
    }
}

/// Shows what the command has printed since the last look.
pub(super) fn show(session: &Session, context: &ToolContext<'_>) {
    let Output {
        head,
        dropped,
        tail,
    } = session.take_shown();
    let mut text = head;
    if dropped > 0 {
        // Writing to a string does not fail.
        let _ = write!(text, "\n[… {dropped} bytes not shown …]\n{tail}");
    }
    if !text.is_empty() {
        context.show(&text);
    }
}

/// How a session stood at one moment, and what it had printed since the last look.
pub(super) struct Look {
    pub(super) ended: Option<Ended>,
    pub(super) printed: Output,
}

/// Looks at a session; what it has printed is taken by that.
pub(super) fn look(session: &Session) -> Look {
    Look {
        ended: session.ended(),
        printed: session.take_unread(),
    }
}

impl Look {
    /// The answer of a call.
    pub(super) fn report(
        &self,
        session: &Session,
        needs: &[Need],
        max_output_tokens: Option<u64>,
    ) -> ToolOutput {
        let limit = output::token_limit(max_output_tokens);
        let Output {
            head,
            dropped,
            tail,
        } = &self.printed;
        let printed = output::without_gap(head, *dropped, tail, limit);
        let mut text = format!("Wall time: {:.3} s\n", session.wall().as_secs_f64());
        text.push_str(&standing(session, self.ended));
        if let Some(tokens) = printed.original_tokens {
            let _ = write!(text, "\nOriginal token count: {tokens}");
        }
        match printed.text.as_str() {
            "" => text.push_str("\nNo output."),
            printed => {
                let _ = write!(text, "\nOutput:\n{printed}");
            }
        }
        let output = match self.ended.map(|ended| ended.exit) {
            None | Some(Exit::Code(0)) => ToolOutput::success(text),
            Some(_) => ToolOutput::failure(text),
        };
        output.presented(Presentation::Command {
            command: session.line().text.clone(),
            exit_code: self.ended.and_then(|ended| ended.exit.code()),
            needs: needs.to_vec(),
        })
    }

    /// As [`Look::report`], for a call that was interrupted with its turn.
    pub(super) fn report_interrupted(
        &self,
        session: &Session,
        needs: &[Need],
        max_output_tokens: Option<u64>,
    ) -> ToolOutput {
        ToolOutput {
            status: ToolStatus::Interrupted,
            ..self.report(session, needs, max_output_tokens)
        }
    }

    /// What the sandbox looks to have refused the command, if it has failed in a twin.
    pub(super) fn refusal(
        &self,
        session: &Session,
        context: &ToolContext<'_>,
    ) -> Option<SandboxRefusal> {
        if context.workspace.wall() == Wall::None {
            return None;
        }
        let line = session.line();
        let output = format!("{}\n{}", self.printed.head, self.printed.tail);
        sandbox_refusal::recognise(&FailedCommand {
            exit: self.ended?.exit,
            output: &output,
            folder: &line.folder,
            workspace: context.workspace.folders(),
            reach: &line.reach,
        })
    }
}

fn standing(session: &Session, ended: Option<Ended>) -> String {
    match ended {
        Some(ended) => format!("Process {}", ended.exit),
        None => format!("Process running with session ID {}", session.id().0),
    }
}
