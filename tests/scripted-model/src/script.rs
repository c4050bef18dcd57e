//! A script: which answer each request gets, and how the service behaves otherwise.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Mutex;

use crate::{Fault, SeenRequest, Step};

/// What a [`crate::Server`] does.
pub struct Script {
    choose: Choose,
    pub(crate) faults: BTreeMap<usize, Fault>,
    pub(crate) closed_connections: BTreeSet<usize>,
    pub(crate) upgrade: Upgrade,
    pub(crate) window: Option<u64>,
    pub(crate) key: Option<String>,
    pub(crate) models: Vec<String>,
    pub(crate) answers_per_socket: Option<usize>,
}

type Choose = Box<dyn Fn(&SeenRequest) -> Option<Step> + Send + Sync>;

/// How a request for a WebSocket is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upgrade {
    /// With a WebSocket.
    Accepted,
    /// With this status.
    Refused(u16),
}

impl Script {
    /// Answers one request after the other. A request after the last is refused and recorded as a violation.
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        let steps: VecDeque<Step> = steps.into_iter().collect();
        let steps = Mutex::new(steps);
        Self::choosing(move |_| {
            steps
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .pop_front()
        })
    }

    /// Answers each request as `choose` says, which may look at everything that was sent and at what the tools answered.
    /// When it panics, for instance in an assertion, the request is refused and the message recorded as a violation.
    pub fn reacting(choose: impl Fn(&SeenRequest) -> Step + Send + Sync + 'static) -> Self {
        Self::choosing(move |request| Some(choose(request)))
    }

    fn choosing(choose: impl Fn(&SeenRequest) -> Option<Step> + Send + Sync + 'static) -> Self {
        Self {
            choose: Box::new(choose),
            faults: BTreeMap::new(),
            closed_connections: BTreeSet::new(),
            upgrade: Upgrade::Accepted,
            window: None,
            key: None,
            models: vec!["scripted".into()],
            answers_per_socket: None,
        }
    }

    /// Lays `fault` over the answer to the exchange with this number (see [`SeenRequest::exchange`]).
    #[must_use]
    pub fn fault_at(mut self, exchange: usize, fault: Fault) -> Self {
        self.faults.insert(exchange, fault);
        self
    }

    /// Closes the connections with these numbers, counted from 0, as soon as they are accepted.
    #[must_use]
    pub fn closing_connections(mut self, connections: impl IntoIterator<Item = usize>) -> Self {
        self.closed_connections.extend(connections);
        self
    }

    /// Meets requests for a WebSocket like this.
    #[must_use]
    pub fn upgrading(mut self, upgrade: Upgrade) -> Self {
        self.upgrade = upgrade;
        self
    }

    /// Refuses conversations of more tokens than this (four bytes are one) as too long.
    #[must_use]
    pub fn window(mut self, tokens: u64) -> Self {
        self.window = Some(tokens);
        self
    }

    /// Refuses requests that do not carry this key.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Lists these models; every name is answered.
    #[must_use]
    pub fn models<S: Into<String>>(mut self, models: impl IntoIterator<Item = S>) -> Self {
        self.models = models.into_iter().map(Into::into).collect();
        self
    }

    /// Ends the life of a WebSocket after so many answers: the next request on it gets [`crate::Refusal::ConnectionLimit`].
    #[must_use]
    pub fn answers_per_socket(mut self, answers: usize) -> Self {
        self.answers_per_socket = Some(answers);
        self
    }

    pub(crate) fn choose(&self, request: &SeenRequest) -> Option<Step> {
        let mut step = (self.choose)(request)?;
        if let Some(fault) = request
            .exchange
            .and_then(|exchange| self.faults.get(&exchange))
        {
            step.fault = Some(fault.clone());
        }
        Some(step)
    }
}
