//! The agent's loop as a state machine: `(state, event) → (state, effects)`. No IO, no clock, no chance.
//!
//! The driver steps it with every entry of the thread's log, and performs the effects.

mod effect;
mod event;
mod recorded;

pub use effect::{Effect, Precision};
pub use event::{Entry, Event, Settings, ThreadStart, Timer, ToolDeclaration, Unfinished};
