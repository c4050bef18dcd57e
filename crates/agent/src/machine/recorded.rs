//! What a list of threads learns from each entry of a log.

use models::Content;

use super::{Entry, Event};
use crate::{
    store::{Recorded, ThreadState, ThreadSummary},
    surface::TurnEnd,
};

impl Recorded for Entry {
    fn summarize(&self, summary: &mut ThreadSummary) {
        match &self.event {
            Event::InputGiven { content } => {
                summary.state = ThreadState::Unfinished;
                // The user's own words come last, after what is attached to them.
                let words = content.iter().rev().find_map(|part| match part {
                    Content::Text { text } => Some(text),
                    Content::Image { .. } => None,
                });
                if let Some(words) = words {
                    summary.title_from(words);
                }
            }
            Event::TurnEnded(turn) => {
                summary.turns = u64::from(turn.turn);
                summary.usage = turn.thread_usage;
                summary.cost = turn.thread_cost;
                summary.state = match turn.end {
                    TurnEnd::Completed => ThreadState::Finished,
                    TurnEnd::Interrupted => ThreadState::Interrupted,
                    TurnEnd::LimitReached { .. } | TurnEnd::Failed { .. } => ThreadState::Failed,
                };
            }
            _ => {}
        }
    }
}
