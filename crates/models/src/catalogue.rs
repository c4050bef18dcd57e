//! Which services and models there are, what is known of them, and which one is used.

mod choice;
mod facts;
mod local;
mod services;

pub use choice::{Choice, ChoiceError, ServiceChoice};
pub use facts::{FactsOverride, PriceSettings};
pub use local::{LocalModel, LocalServer};
pub use services::{ProviderSettings, Service, ServiceError};

/// The name of the provider that is built in and needs no model; it lives in the agent.
pub const EMBEDDED: &str = "codemod";
