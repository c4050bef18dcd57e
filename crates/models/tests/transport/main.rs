//! The transports against real sockets: a service of raw bytes plays every fault, and counts what it sees.
#![expect(
    clippy::unwrap_used,
    reason = "in a test, a panic is how a failure is told"
)]

mod http;
mod multiplexed;
mod network;
mod scripted;
mod service;
mod setup;
mod websocket;
