//! The scripted model through raw sockets: what it sends, what it refuses, and how it breaks.
#![expect(
    clippy::unwrap_used,
    reason = "in a test, a panic is how a failure is told"
)]

mod answers;
mod client;
mod faults;
mod rules;
mod sockets;
