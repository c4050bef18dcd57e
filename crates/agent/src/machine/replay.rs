//! A log folded over the machine: for resuming and forking a thread, and for looking at what was sent.

use models::Request;

use super::{Effect, Entry, Event, Machine};
use crate::surface::ThreadEvent;

/// Why a log gives no thread.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The first entry is missing or another one.
    #[error("the log does not begin with the start of a thread; it is damaged, or no thread's log")]
    NoStart,
    /// There is no such turn, or it has not ended.
    #[error("the thread has no finished turn {turn}; its last finished turn is {last}")]
    NoSuchTurn {
        /// As asked for.
        turn: u32,
        /// The last that there is; 0 for none.
        last: u32,
    },
}

/// The thread at the end of its log, and every request that it has made, in order.
///
/// # Errors
/// When the log does not begin as one.
pub fn replay(
    entries: impl IntoIterator<Item = Entry>,
) -> Result<(Machine, Vec<Request>), ReplayError> {
    let mut entries = entries.into_iter();
    let mut machine = begin(entries.next())?;
    let mut requests = Vec::new();
    for entry in entries {
        for effect in machine.step(entry) {
            if let Effect::Request(request) = effect {
                requests.push(request);
            }
        }
    }
    Ok((machine, requests))
}

/// Something that a surface was told while a thread worked, or that it was told by its user.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// The user said this.
    Input(Vec<models::Content>),
    /// The thread told this. Text as it streamed is not in a log; complete items are.
    Event(ThreadEvent),
}

/// What was said and done, as surfaces were told it.
///
/// # Errors
/// When the log does not begin as one.
pub fn retell(entries: impl IntoIterator<Item = Entry>) -> Result<Vec<Told>, ReplayError> {
    let mut entries = entries.into_iter();
    let mut machine = begin(entries.next())?;
    let mut told = Vec::new();
    for entry in entries {
        if let Event::InputGiven { content } = &entry.event {
            told.push(Told::Input(content.clone()));
        }
        let end = match &entry.event {
            Event::TurnEnded(summary) => Some(summary.as_ref().clone().told()),
            _ => None,
        };
        told.extend(end.map(Told::Event));
        let effects = machine.step(entry).into_iter();
        told.extend(effects.filter_map(|effect| match effect {
            Effect::Tell(event) => Some(Told::Event(event)),
            _ => None,
        }));
    }
    Ok(told)
}

/// How many entries from the start make up the thread as it was when `turn` had ended; turn 0 ends before the first.
///
/// # Errors
/// When the log does not begin as one, or has no such turn.
pub fn fork_point(entries: &[Entry], turn: u32) -> Result<usize, ReplayError> {
    let mut entries = entries.iter().cloned();
    let mut machine = begin(entries.next())?;
    let mut last = 0;
    let mut found = (turn == 0).then_some(1);
    for (position, entry) in entries.enumerate() {
        let is_note = matches!(entry.event, Event::TurnEnded(_));
        machine.step(entry);
        let at_rest = !machine.has_turn();
        last = if at_rest { machine.turns() } else { last };
        // The note about the end belongs to the turn.
        let is_end = at_rest && machine.turns() == turn && (found.is_none() || is_note);
        if is_end {
            found = Some(position + 2);
        }
        if machine.turns() > turn {
            break;
        }
    }
    found.ok_or(ReplayError::NoSuchTurn { turn, last })
}

fn begin(first: Option<Entry>) -> Result<Machine, ReplayError> {
    match first {
        Some(Entry {
            time,
            event: Event::ThreadStarted(start),
        }) => Ok(Machine::begin(*start, time).0),
        _ => Err(ReplayError::NoStart),
    }
}
