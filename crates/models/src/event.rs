//! What streams back from a model.

use serde::{Deserialize, Serialize};

use crate::{Item, ModelError};

/// One event of an answer. Exactly one [`ModelEvent::Done`] or [`ModelEvent::Failed`] ends it, and nothing follows.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelEvent {
    /// More of the assistant's text.
    TextDelta(String),
    /// More of the reasoning that may be shown.
    ReasoningDelta(String),
    /// A tool call begins; its arguments follow.
    ToolCallStarted {
        /// As in [`crate::ToolCall`].
        call_id: String,
        /// The tool's name.
        name: String,
    },
    /// More of a call's arguments.
    ToolCallDelta {
        /// As in [`crate::ToolCall`].
        call_id: String,
        /// What follows of the arguments.
        delta: String,
    },
    /// An item is complete: this, not the deltas, is what counts.
    ItemDone(Item),
    /// How much of the allowance is used.
    RateLimits(RateLimits),
    /// Something that the user should read, once: a fallback taken, an attempt repeated.
    Notice(String),
    /// The answer is complete.
    Done {
        /// Why it ended.
        end: EndReason,
        /// What it cost, where the service says.
        usage: Option<Usage>,
    },
    /// There is no more of this answer. Items that were complete before stay valid.
    Failed(ModelError),
}

/// Why an answer ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The model has finished, or waits for its tools.
    Complete,
    /// The longest answer was reached: the last item may be cut off.
    MaxOutputTokens,
    /// The service withheld the rest.
    ContentFilter,
    /// The model declined.
    Refusal,
    /// What was asked could not be done, and the answer says why. No service says so; the embedded provider knows it.
    Unsuccessful,
    /// The service paused a long answer: send the conversation again and it goes on.
    Paused,
    /// A reason that this program does not know.
    Other(String),
}

/// Tokens of one answer, or summed over several. Parts are contained in their wholes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// All tokens that the model read, cached ones included.
    pub input: u64,
    /// Of `input`: read from the service's cache.
    pub cached_input: u64,
    /// Of `input`: written to the service's cache.
    pub cache_write: u64,
    /// All tokens that the model wrote, reasoning included.
    pub output: u64,
    /// Of `output`: reasoning.
    pub reasoning: u64,
}

impl ModelEvent {
    /// Whether this ends the answer.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Failed(_))
    }
}

impl Usage {
    /// Input and output together.
    pub fn total(&self) -> u64 {
        self.input + self.output
    }
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, more: Self) {
        let Self {
            input,
            cached_input,
            cache_write,
            output,
            reasoning,
        } = more;
        self.input += input;
        self.cached_input += cached_input;
        self.cache_write += cache_write;
        self.output += output;
        self.reasoning += reasoning;
    }
}

/// What the service says of the account's allowance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RateLimits {
    /// One entry for each limit that the service names.
    pub windows: Vec<RateLimitWindow>,
}

/// One limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RateLimitWindow {
    /// For example `requests`, `tokens`.
    pub name: String,
    /// Used part, 0 to 100.
    pub used_percent: f64,
    /// Seconds until it starts anew.
    pub resets_in_seconds: Option<u64>,
}
