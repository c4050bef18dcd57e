//! What the demonstration counts: what the surface was told, and what the scripted model saw come in.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use agent::ThreadEvent;
use agent::surface::ItemDetails;
use models::Usage;
use scripted_model::{SeenOutput, Server};

use crate::cli::terminal::{Style, Terminal};

/// Dollars per million tokens that a mid-sized model costs, for an estimate: input, output.
const TYPICAL_PRICE: (f64, f64) = (2.0, 10.0);

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Succeeded,
    Failed,
}

/// How the commands of a thread ended, in order. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Outcomes(Arc<Mutex<Vec<Outcome>>>);

impl Outcomes {
    /// Notes what an event says of a command.
    pub(super) fn note(&self, event: &ThreadEvent) {
        if let ThreadEvent::ItemCompleted { item } = event
            && let ItemDetails::Command { exit_code, .. } = &item.details
        {
            self.list().push(match exit_code {
                Some(0) => Outcome::Succeeded,
                _ => Outcome::Failed,
            });
        }
    }

    /// Whether they ended like this.
    pub(super) fn are(&self, expected: &[Outcome]) -> bool {
        *self.list() == expected
    }

    fn list(&self) -> MutexGuard<'_, Vec<Outcome>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Prints what the scripted model saw of a turn that was begun at `began` and took `usage`.
pub(super) fn print(terminal: &mut Terminal, server: &Server, began: Instant, usage: &Usage) {
    let requests = server.steps();
    terminal.line(&terminal.style(Style::Bold, "From the end of an answer to the next request"));
    let mut before = began;
    let mut known = 0;
    for request in &requests {
        let outputs = request.outputs();
        terminal.line(&format!(
            "  {:7.1} ms  {:26}  {:6} bytes",
            (request.times.arrived - before).as_secs_f64() * 1e3,
            work(&outputs[known..]),
            request.raw.len()
        ));
        known = outputs.len();
        before = request.times.answered.unwrap_or(request.times.arrived);
    }
    let connections = match server.accepts() {
        1 => "one connection".to_owned(),
        accepts => format!("{accepts} connections"),
    };
    terminal.line(&format!("{} requests over {connections}.", requests.len()));
    let (input, output) = TYPICAL_PRICE;
    terminal.line(&format!(
        "The script costs nothing. A model at ${input} for a million tokens in and ${output} out would have cost ${:.3}, \
         less what its service reads from its cache.",
        (usage.input as f64 * input + usage.output as f64 * output) / 1e6
    ));
}

/// What was done for a request: which tools ran since the one before.
fn work(outputs: &[SeenOutput]) -> String {
    if outputs.is_empty() {
        return "look around, first prompt".to_owned();
    }
    let names: Vec<&str> = outputs.iter().map(|output| output.name.as_str()).collect();
    names.join(", ")
}
