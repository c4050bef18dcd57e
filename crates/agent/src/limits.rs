//! How far a turn may go by itself, and when it gives up. Part of a thread's settings; the machine enforces them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Limits of a turn and of its requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Requests to the model in one turn.
    pub steps: u32,
    /// Tokens read and written in one turn, as the service counts them; `None` for no limit.
    pub tokens: Option<u64>,
    /// Wall time of one turn; `None` for no limit.
    pub time: Option<Duration>,
    /// Attempts after a failure that may pass, without progress in between.
    pub retries: u32,
    /// Attempts while the service cannot be reached at all: they wait 5 seconds, then twice as long each, up to 60.
    pub offline_retries: u32,
    /// The longest wait that a service may ask for; a longer one ends the turn.
    pub longest_wait: Duration,
    /// Answers in a row that were cut off or paused, or said nothing, and are asked to go on.
    pub continuations: u32,
    /// Failures of one and the same call after which the model is told that it repeats itself.
    pub repetitions_told: u32,
    /// Failures of one and the same call after which the turn ends.
    pub repetitions: u32,
    /// How long tools may take to stop when they are told to.
    pub grace: Duration,
    /// Part of the model's window, in percent, from which the history is compacted.
    pub compact_at_percent: u8,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: 500,
            tokens: None,
            time: None,
            retries: 5,
            offline_retries: 10,
            longest_wait: Duration::from_secs(300),
            continuations: 10,
            repetitions_told: 5,
            repetitions: 10,
            grace: Duration::from_secs(5),
            compact_at_percent: 90,
        }
    }
}

/// Which limit a turn has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// [`Limits::steps`].
    Steps,
    /// [`Limits::tokens`].
    Tokens,
    /// [`Limits::time`].
    Time,
}
