//! Real programs in a real confined process, run by the agent's tool: what the sandbox refuses them is recognised.
//!
//! The tests' program is also the confined process, so `main` is its own.
#![allow(clippy::unwrap_used)]

#[cfg(target_os = "linux")]
#[path = "confined_commands/refusals.rs"]
mod refusals;

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    sandbox::confined::run_if_asked();
    let arguments = libtest_mimic::Arguments::from_args();
    libtest_mimic::run(&arguments, refusals::trials()).exit_code()
}
