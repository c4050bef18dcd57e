//! Providers of models: what is asked of one, what streams back, and the wires on which both travel.
//!
//! The agent and the completion engine speak in [`Request`]s and [`ModelEvent`]s; a [`Provider`] hides the service, its
//! dialect and its transport. This is the only crate that knows HTTP, WebSocket and keys. It never prints, and a key
//! is in none of its messages.

pub mod catalogue;
mod error;
mod event;
mod item;
pub mod keys;
mod provider;
mod request;
pub mod wire;

pub use error::{FailureKind, ModelError};
pub use event::{EndReason, ModelEvent, RateLimitWindow, RateLimits, Usage};
pub use item::{CallForm, Carried, Content, Item, Phase, Role, ToolCall, Wire};
pub use keys::Key;
pub use provider::{
    DeveloperRole, EffortField, EventSink, Exchange, ModelFacts, ModelSession, OutputLimitField,
    Price, Provider, Quirks, ReasoningHistory, ThinkingControl,
};
pub use request::{Purpose, ReasoningEffort, Request, ToolSpec};
