//! The one interface to every model: open a session, start requests, receive events.

use serde::{Deserialize, Serialize};

use crate::{ModelEvent, Request, Wire};

/// A configured model service.
pub trait Provider: Send + Sync {
    /// How the user names it in the configuration, for example `openai`.
    fn name(&self) -> &str;

    /// What is known of `model`; safe assumptions for one that is not known.
    fn facts(&self, model: &str) -> ModelFacts;

    /// A session for one thread. It keeps what the service lets one keep: a connection, the last answer's id.
    fn open(&self) -> Box<dyn ModelSession>;
}

/// One thread's conversation with a provider. Requests follow one another; a second one ends the first.
pub trait ModelSession: Send {
    /// Sends `request`; events arrive through `sink`, from any thread, in order, until `Done` or `Failed`.
    ///
    /// Never blocks on the network. Dropping the returned [`Exchange`] ends it at once; events that are under way may
    /// still arrive, so a caller tells exchanges apart in its sink.
    fn start(&mut self, request: &Request, sink: EventSink) -> Exchange;

    /// Gets ready for `request` without asking for an answer: connects, warms the service's cache where the wire can.
    /// Failures are left for [`ModelSession::start`] to report.
    fn prewarm(&mut self, request: &Request) {
        let _ = request;
    }

    /// The body that [`ModelSession::start`] would send for `request` if it had to send everything.
    fn body(&self, request: &Request) -> serde_json::Value;
}

/// Where an exchange's events go.
pub type EventSink = Box<dyn FnMut(ModelEvent) + Send>;

/// A request under way. Dropping it cancels the request and closes what only that request needs.
#[must_use = "dropping an exchange cancels it"]
pub struct Exchange {
    cancel: Option<Box<dyn FnOnce() + Send>>,
}

impl Exchange {
    /// An exchange that is cancelled by `cancel`; called at most once, and also after the end, when it must do nothing.
    pub fn new(cancel: impl FnOnce() + Send + 'static) -> Self {
        Self {
            cancel: Some(Box::new(cancel)),
        }
    }

    /// An exchange that was over when it began.
    pub fn finished() -> Self {
        Self { cancel: None }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if let Some(cancel) = self.cancel.take() {
            cancel();
        }
    }
}

/// What is known of a model; the built-in table, then the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelFacts {
    /// The dialect it is spoken to in.
    pub wire: Wire,
    /// How much it can read and write at once, in tokens.
    pub context_window: u64,
    /// How much it can write at once, in tokens.
    pub max_output_tokens: Option<u64>,
    /// Whether it takes pictures.
    pub images: bool,
    /// Whether it reasons and takes an effort.
    pub reasoning: bool,
    /// Whether it takes tools in free text.
    pub freeform_tools: bool,
    /// Whether the service compacts a history itself.
    pub remote_compaction: bool,
    /// What it costs, where known.
    pub price: Option<Price>,
}

/// Prices in micro-dollars per thousand tokens: 1 dollar per million tokens is 1000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// Input that was not cached.
    pub input: u64,
    /// Input from the cache.
    pub cached_input: u64,
    /// Output.
    pub output: u64,
}
