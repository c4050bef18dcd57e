//! A task in a twin and its user at the same files: what both did is merged as git merges it, or told, and never lost.
//!
//! The tests' program is also the confined process, so `main` is its own.
#![allow(clippy::unwrap_used)]

#[cfg(target_os = "linux")]
#[path = "both_sides/oracle.rs"]
mod oracle;
#[cfg(target_os = "linux")]
#[path = "both_sides/play.rs"]
mod play;
#[cfg(target_os = "linux")]
#[path = "both_sides/stage.rs"]
mod stage;

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    sandbox::confined::run_if_asked();
    let arguments = libtest_mimic::Arguments::from_args();
    libtest_mimic::run(&arguments, play::trials()).exit_code()
}
