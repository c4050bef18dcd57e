//! What servers that have ended left of their tasks: turns that were broken off, and changes that nobody has decided about.
//!
//! Looked for on a thread of its own when the client is ready; what becomes of it is the user's to say
//! (`session/tasks/restart.rs`).

use std::path::Path;

use agent::landing;
use agent::machine::Entry;
use agent::store::{ThreadId, ThreadState};
use anyhow::Context;

use super::EndedTurn;
use super::marker::{Marker, Remembered};
use crate::agent_host::{AgentHost, HostOptions};
use crate::config::Config;

/// A task that an earlier server has left.
#[derive(Debug)]
pub(crate) struct FoundTask {
    /// Keeps other servers from asking about it too.
    pub(crate) marker: Marker,
    /// What is known of it.
    pub(crate) remembered: Remembered,
    /// How its last turn went.
    pub(crate) turn: LastTurn,
    /// What its twin has, and how many turns there were.
    pub(crate) ended: EndedTurn,
}

/// How the last turn of a thread went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LastTurn {
    /// It has ended; its changes wait.
    Ended,
    /// It was broken off.
    BrokenOff,
}

/// What there is in `folders`. What nobody needs is removed on the way. May take a while.
pub(crate) fn find(
    config: &Config,
    state_folder: &Path,
    folders: &[std::path::PathBuf],
) -> Vec<FoundTask> {
    if let Err(error) = landing::recover(state_folder) {
        tracing::warn!(%error, "what was being applied when a process was killed is not put right");
    }
    let real: Vec<_> = folders
        .iter()
        .flat_map(|folder| folder.canonicalize())
        .collect();
    let left = Marker::left_behind(state_folder, &real);
    let (Some(cwd), false) = (real.first(), left.is_empty()) else {
        return Vec::new();
    };
    let host =
        HostOptions::of_this_user(config.clone()).and_then(|options| AgentHost::with(cwd, options));
    let host = match host {
        Ok(host) => host.in_folders(&real),
        Err(error) => {
            tracing::warn!(%error, "what earlier tasks have left cannot be looked at");
            return Vec::new();
        }
    };
    let mut found = Vec::new();
    for (marker, remembered) in left {
        match look(&host, &remembered) {
            Ok(Some((turn, ended))) => found.push(FoundTask {
                marker,
                remembered,
                turn,
                ended,
            }),
            Ok(None) => marker.remove(),
            Err(error) => {
                let thread = &remembered.thread;
                tracing::warn!(%error, thread, "what an earlier task has left cannot be read");
            }
        }
    }
    host.twins().tidy();
    found
}

/// Nothing where nothing is left.
fn look(
    host: &AgentHost,
    remembered: &Remembered,
) -> anyhow::Result<Option<(LastTurn, EndedTurn)>> {
    let id: ThreadId = remembered.thread.parse().context("it names no thread")?;
    let record = host.store().read::<Entry>(id)?;
    let turn = match record.summary.state {
        // A thread that was told nothing yet has no title.
        ThreadState::Unfinished if !record.summary.title.is_empty() => LastTurn::BrokenOff,
        _ => LastTurn::Ended,
    };
    let twin = host.twins().list().into_iter();
    let twin = twin
        .filter(|twin| twin.listed.may_have_changes())
        .find(|twin| twin.id == remembered.thread);
    let mut ended = EndedTurn {
        thread: Some(remembered.thread.clone()),
        turn: u32::try_from(record.summary.turns).unwrap_or(u32::MAX),
        ..EndedTurn::default()
    };
    if let Some(twin) = twin {
        let twin = host.twins().open(&twin)?;
        let task = twin.proposal()?;
        let folder = twin.folders().first().cloned().unwrap_or_default();
        ended.left_out = task
            .left_out
            .iter()
            .map(|file| file.line(&folder))
            .collect();
        ended.leaves_work = task.leaves_work();
        ended.proposal = task.proposal;
        twin.keep()?;
    }
    let is_nothing = ended.proposal.is_empty() && !ended.leaves_work;
    Ok(match turn {
        LastTurn::Ended if is_nothing => None,
        turn => Some((turn, ended)),
    })
}
