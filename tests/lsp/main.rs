//! End-to-end tests of the language server: a scripted editor talks to the real binary over its real streams.
#![expect(
    clippy::unwrap_used,
    reason = "in a test, a panic is how a failure is told"
)]

mod editor;
#[path = "../common/random.rs"]
mod random;
#[path = "../common/server_process.rs"]
mod server_process;

mod command_line;
mod configuration;
mod fuzz;
mod learning;
mod lifecycle;
mod malformed;
mod oddities;
mod order;
mod positions;
mod starting;
mod suggestions;
mod synchronization;
mod tasks;
