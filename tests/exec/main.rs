//! End-to-end tests of `ropewalk exec`: the real binary, real projects and their tools, and the scripted model.
#![expect(
    clippy::unwrap_used,
    reason = "in a test, a panic is how a failure is told"
)]

mod fixer;
mod home;
mod left_out;
mod line;
mod many_parts;
mod process;
mod project;
mod terminal;
mod thread_log;
mod tree;

mod approvals;
mod conflicts;
mod faults;
mod folders;
mod interrupts;
mod kills;
mod patches;
mod proposals;
mod questions;
mod refusals;
mod repairs;
mod rules;
mod sandbox_settings;
mod secrets;
mod side_by_side;
mod sub_tasks;
mod trust;
mod twins;
mod windows;
