//! Providers of models: what is asked of one, what streams back, and the wires on which both travel.
//!
//! The agent and the completion engine speak in [`Request`]s and [`ModelEvent`]s; a [`Provider`] hides the service, its
//! dialect and its transport. This is the only crate that knows HTTP, WebSocket and keys. It never prints, and a key
//! is in none of its messages.

pub mod catalogue;
mod client;
mod delivery;
mod endpoint;
mod error;
mod event;
mod http;
mod item;
pub mod keys;
mod network;
mod provider;
mod request;
mod retry;
mod scrub;
mod websocket;
pub mod wire;

pub use client::{Client, ClientError, ClientOptions};
pub use endpoint::{Endpoint, EndpointError, EndpointOptions, FactsLookup, Transport};
pub use error::{FailureKind, ModelError};
pub use event::{EndReason, ModelEvent, RateLimitWindow, RateLimits, Usage};
pub use item::{CallForm, Carried, Content, Item, Phase, Role, ToolCall, Wire};
pub use keys::Key;
pub use provider::{
    DeveloperRole, EffortField, EventSink, Exchange, ModelFacts, ModelSession, OutputLimitField,
    Price, Provider, Quirks, ReasoningHistory, ThinkingControl,
};
pub use request::{Purpose, ReasoningEffort, Request, ToolSpec};
pub use retry::{Clock, RetryPolicy, SystemClock};
