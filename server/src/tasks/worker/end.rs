//! What came of a turn: its proposal taken into memory, and its twin kept on disk as long as somebody may need it.

use agent::surface::{TurnEnd, TurnSummary};
use changes::Proposal;

use super::super::mailbox::Idle;
use super::super::{Access, EndedTurn};
use super::AtWork;
use crate::twins::TaskTwin;

impl EndedTurn {
    /// A turn that could not be begun.
    pub(crate) fn failed(failure: String) -> Self {
        Self {
            failure: Some(failure),
            ..Self::default()
        }
    }
}

/// Ends the work, which is idle.
pub(super) fn ended(work: AtWork, idle: Idle, access: Access, answer: String) -> EndedTurn {
    let thread = work.handle.id().to_owned();
    let twin = work.end();
    let taken = twin.map(|twin| take_proposal(twin, access));
    let (taken, trouble) = match taken {
        None => (Taken::default(), None),
        Some(Ok(taken)) => (taken, None),
        Some(Err(error)) => (Taken::default(), Some(format!("{error:#}"))),
    };
    let (summary, failure) = match idle.turn {
        Ok(summary) => {
            let failure = summary.as_ref().and_then(failure);
            (summary, failure)
        }
        Err(error) => (None, Some(error.to_string())),
    };
    EndedTurn {
        thread: Some(thread),
        turn: summary.as_ref().map_or(0, |summary| summary.turn),
        was_stopped: idle.nowhere.is_none() && was_stopped(summary.as_ref()),
        failure: idle.nowhere.or(failure).or(trouble),
        proposal: taken.proposal,
        left_out: taken.left_out,
        leaves_work: taken.leaves_work,
        answer,
        summary,
    }
}

fn was_stopped(summary: Option<&TurnSummary>) -> bool {
    summary.is_some_and(|summary| summary.end == TurnEnd::Interrupted)
}

fn failure(summary: &TurnSummary) -> Option<String> {
    match &summary.end {
        TurnEnd::Completed => None,
        TurnEnd::Interrupted => Some("it was stopped".into()),
        TurnEnd::LimitReached { message, .. } | TurnEnd::Failed { message, .. } => {
            Some(message.clone())
        }
    }
}

/// What was in a twin.
#[derive(Default)]
struct Taken {
    proposal: Proposal,
    /// As in [`EndedTurn`].
    left_out: Vec<String>,
    leaves_work: bool,
}

/// Takes the proposal into memory. A twin in which somebody may still look for something stays.
fn take_proposal(twin: TaskTwin, access: Access) -> anyhow::Result<Taken> {
    if access == Access::Read {
        discard(twin);
        return Ok(Taken::default());
    }
    let task = match twin.proposal() {
        Ok(task) => task,
        Err(error) => {
            keep(twin);
            return Err(error.context(
                "its changes cannot be read; they are kept, and `ropewalk twins` lists them",
            ));
        }
    };
    let folder = twin.folders().first().cloned().unwrap_or_default();
    let taken = Taken {
        left_out: task
            .left_out
            .iter()
            .map(|file| file.line(&folder))
            .collect(),
        leaves_work: task.leaves_work(),
        proposal: task.proposal,
    };
    match taken.proposal.is_empty() && !taken.leaves_work {
        true => discard(twin),
        false => keep(twin),
    }
    Ok(taken)
}

fn keep(twin: TaskTwin) {
    if let Err(error) = twin.keep() {
        tracing::warn!(%error, "a twin is not marked as kept");
    }
}

fn discard(twin: TaskTwin) {
    if let Err(error) = twin.discard() {
        tracing::warn!(%error, "a twin that nobody needs is still there");
    }
}
