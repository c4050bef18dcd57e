//! Sends an answer's events at their pace, with what is to go wrong.

use std::io;
use std::time::Instant;

use super::channel::{Channel, Remains};
use crate::wire::Event;
use crate::{Fault, Outcome, Pace};

/// How an answer ended, and whether the connection can be used further.
pub(super) struct Delivery {
    pub(super) outcome: Outcome,
    pub(super) keeps_connection: bool,
    /// Just before its end was written, so that no time of the client's is missed.
    pub(super) ended: Instant,
}

impl Delivery {
    /// The connection waits for the next request.
    pub(super) fn kept(outcome: Outcome) -> Self {
        Self {
            outcome,
            keeps_connection: true,
            ended: Instant::now(),
        }
    }

    /// The connection is to be closed.
    pub(super) fn closed(outcome: Outcome) -> Self {
        Self {
            keeps_connection: false,
            ..Self::kept(outcome)
        }
    }
}

/// What no parser takes for an event, nor for UTF-8.
const GARBAGE: &[u8] = b"\xff\xfe<html>502</html>\r\n\r\n{{{\0\n\n";

/// How an answer is to end when its events are sent.
enum Ending {
    Properly,
    /// Properly, with an error.
    Failed,
    /// Properly, although something is missing.
    Abandoned,
    Closed,
    /// Closed in the middle of an event.
    Cut(Event),
    Hanging,
}

/// Sends the events. `failure` makes the event of an error in the middle of an answer.
pub(super) fn deliver(
    channel: &mut dyn Channel,
    mut events: Vec<Event>,
    pace: Pace,
    fault: Option<&Fault>,
    failure: impl Fn(&crate::Refusal) -> Event,
) -> Delivery {
    let ending = prepare(&mut events, fault, failure);
    let sent = send(channel, &events, pace).and_then(|()| {
        if matches!(fault, Some(Fault::Garbage)) {
            channel.send_garbage(GARBAGE)?;
        }
        if let Some(Fault::LateEnd(delay)) = fault {
            channel.pause(*delay)?;
        }
        end(channel, ending)
    });
    sent.unwrap_or_else(|_| Delivery::closed(Outcome::ClientLeft))
}

/// Leaves out of the events what the fault does not let through.
fn prepare(
    events: &mut Vec<Event>,
    fault: Option<&Fault>,
    failure: impl Fn(&crate::Refusal) -> Event,
) -> Ending {
    match fault {
        Some(Fault::FailAfter {
            events: count,
            refusal,
        }) => {
            events.truncate(*count);
            events.push(failure(refusal));
            Ending::Failed
        }
        Some(Fault::CutInEvent { events: count }) => {
            let count = (*count).min(events.len().saturating_sub(1));
            let cut = events.drain(count..).next();
            cut.map_or(Ending::Closed, Ending::Cut)
        }
        Some(Fault::CutAfterParts { parts }) => {
            let ends = events
                .iter()
                .enumerate()
                .filter(|(_, event)| event.ends_part);
            let count = match parts {
                0 => 0,
                parts => ends
                    .map(|(place, _)| place + 1)
                    .nth(parts - 1)
                    .unwrap_or(events.len()),
            };
            events.truncate(count);
            Ending::Closed
        }
        Some(Fault::HangAfter { events: count }) => {
            events.truncate(*count);
            Ending::Hanging
        }
        Some(Fault::EndEarly { events: count }) => {
            events.truncate(*count);
            Ending::Abandoned
        }
        Some(Fault::MalformedJson { events: count }) => {
            events.truncate(*count);
            events.push(Event::unnamed(
                "{\"type\": \"response.output_text.del".into(),
            ));
            Ending::Abandoned
        }
        Some(Fault::Garbage) => {
            events.clear();
            Ending::Abandoned
        }
        _ => Ending::Properly,
    }
}

fn send(channel: &mut dyn Channel, events: &[Event], pace: Pace) -> io::Result<()> {
    for event in events {
        if !pace.delay.is_zero() {
            channel.pause(pace.delay)?;
        }
        channel.send(event)?;
    }
    Ok(())
}

fn end(channel: &mut dyn Channel, ending: Ending) -> io::Result<Delivery> {
    let ended = Instant::now();
    let (outcome, keeps_connection) = match ending {
        Ending::Properly => {
            channel.end()?;
            (Outcome::Sent, true)
        }
        Ending::Failed => {
            channel.end()?;
            (Outcome::Broken, true)
        }
        Ending::Abandoned => (Outcome::Broken, channel.abandon()? == Remains::Open),
        Ending::Closed => {
            channel.flush()?;
            (Outcome::Broken, false)
        }
        Ending::Cut(event) => {
            channel.send_half(&event)?;
            (Outcome::Broken, false)
        }
        Ending::Hanging => {
            channel.flush()?;
            channel.wait_for_close();
            (Outcome::ClientLeft, false)
        }
    };
    Ok(Delivery {
        outcome,
        keeps_connection,
        ended,
    })
}
