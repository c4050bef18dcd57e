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
    /// Where its service departs from the wire.
    #[serde(default)]
    pub quirks: Quirks,
}

impl ModelFacts {
    /// Safe assumptions for a model that nothing is known of.
    pub fn unknown(wire: Wire) -> Self {
        Self {
            wire,
            context_window: 32_768,
            max_output_tokens: None,
            images: false,
            reasoning: false,
            freeform_tools: false,
            remote_compaction: false,
            price: None,
            quirks: Quirks::default(),
        }
    }
}

/// Where services that speak the same wire differ. The defaults are what most of them take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "snake_case")]
pub struct Quirks {
    /// Chat Completions: the field that limits the answer.
    pub output_limit: OutputLimitField,
    /// Chat Completions: where the effort goes; sent only to models that reason.
    pub effort: EffortField,
    /// Chat Completions: the role in which the program speaks.
    pub developer_role: DeveloperRole,
    /// Chat Completions, Ollama: whether the model's open reasoning is sent back with its answer.
    pub reasoning_history: ReasoningHistory,
    /// Chat Completions: the request must not ask for usage in the stream; the service refuses the field.
    pub no_stream_options: bool,
    /// The service leaves a model's reasoning in its text, between `<think>` and `</think>`.
    pub think_tags: bool,
    /// Chat Completions: the service takes `prompt_cache_key`.
    pub prompt_cache_key: bool,
    /// Messages: how thinking is asked for; sent only to models that reason.
    pub thinking: ThinkingControl,
    /// Messages: the service refuses the request-level `cache_control`.
    pub no_automatic_cache: bool,
}

impl Quirks {
    /// These over `below`: a field at its default says nothing.
    pub(crate) fn over(self, below: Self) -> Self {
        fn choose<T: Default + PartialEq>(above: T, below: T) -> T {
            if above == T::default() { below } else { above }
        }
        Self {
            output_limit: choose(self.output_limit, below.output_limit),
            effort: choose(self.effort, below.effort),
            developer_role: choose(self.developer_role, below.developer_role),
            reasoning_history: choose(self.reasoning_history, below.reasoning_history),
            no_stream_options: choose(self.no_stream_options, below.no_stream_options),
            think_tags: choose(self.think_tags, below.think_tags),
            prompt_cache_key: choose(self.prompt_cache_key, below.prompt_cache_key),
            thinking: choose(self.thinking, below.thinking),
            no_automatic_cache: choose(self.no_automatic_cache, below.no_automatic_cache),
        }
    }
}

/// The name of the field that limits an answer in Chat Completions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputLimitField {
    /// `max_tokens`, which all imitators know.
    #[default]
    MaxTokens,
    /// `max_completion_tokens`, which OpenAI's reasoning models demand.
    MaxCompletionTokens,
}

/// Where the effort goes in Chat Completions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffortField {
    /// `reasoning_effort`.
    #[default]
    ReasoningEffort,
    /// `reasoning: {effort}`, OpenRouter's.
    ReasoningObject,
    /// Nowhere: the service refuses both.
    Omitted,
}

/// The role in which the program speaks in Chat Completions. The instructions are the `system`'s in the first two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeveloperRole {
    /// `user`: many services refuse a system message that is not the first.
    #[default]
    User,
    /// `system`, at any place.
    System,
    /// `developer`, also for the instructions.
    Developer,
}

/// Whether open reasoning is sent back where the wire leaves it to the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasoningHistory {
    /// In the fields in which it came; several services demand it between tool calls.
    #[default]
    Kept,
    /// Not at all: the service refuses it.
    Omitted,
}

/// How thinking is asked for in Messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThinkingControl {
    /// `thinking: {type: adaptive}` and `output_config: {effort}`.
    #[default]
    Adaptive,
    /// `thinking: {type: enabled, budget_tokens}`, for models before Claude 4.6.
    Budget,
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
