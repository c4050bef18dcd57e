//! How a request can fail, worded for the person, with what the agent needs to decide how to go on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A failed request. Its message never holds a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct ModelError {
    /// What kind of failure; decides whether trying again helps.
    pub kind: FailureKind,
    /// What happened and what to do about it.
    pub message: String,
    /// How long the service asks to wait before the next attempt.
    pub retry_after: Option<Duration>,
    /// How often the request was sent before this was reported. After more than one attempt, another at once makes
    /// no sense.
    #[serde(default = "once")]
    pub attempts: u32,
}

/// Kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The service cannot be reached at all.
    Offline,
    /// The service is a server on this machine, and does not run: it does not come back with the network.
    NotRunning,
    /// The connection broke, or nothing came for too long, or the answer could not be read.
    Interrupted,
    /// The service had an error of its own (5xx).
    Service,
    /// Too many requests (429).
    RateLimited,
    /// The service is overloaded and asks to stay away.
    Overloaded,
    /// The key is missing, wrong or not allowed.
    Unauthorized,
    /// The account's quota or credit is used up.
    QuotaExceeded,
    /// The conversation is longer than the model's window.
    ContextTooLong,
    /// The request is wrong in a way that trying again will not mend.
    InvalidRequest,
    /// The model does not exist, or not for this account.
    UnknownModel,
    /// Refused by the service's policy.
    Policy,
    /// Stopped by us.
    Cancelled,
}

fn once() -> u32 {
    1
}

impl FailureKind {
    /// Whether the same request may succeed later.
    pub fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Offline
                | Self::NotRunning
                | Self::Interrupted
                | Self::Service
                | Self::RateLimited
                | Self::Overloaded
        )
    }
}
