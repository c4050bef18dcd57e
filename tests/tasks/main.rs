//! End-to-end tests of tasks in the editor: a scripted editor that really applies the server's edits, the real server, and a
//! scripted model.
#![expect(
    clippy::unwrap_used,
    reason = "in a test, a panic is how a failure is told"
)]

mod desk;
#[path = "../common/random.rs"]
mod random;
#[path = "../common/server_process.rs"]
mod server_process;

mod flows;
mod fuzz;
