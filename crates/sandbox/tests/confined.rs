//! Confined processes: what commands see, what they cannot do, and that nothing outlives their owner.
//!
//! The tests' program is also the confined process, so `main` is its own; as root it runs the tests once more as an
//! ordinary user.
#![allow(clippy::unwrap_used)]

#[cfg(target_os = "linux")]
#[path = "confined/task.rs"]
mod task;
#[cfg(target_os = "linux")]
#[path = "confined/view.rs"]
mod view;

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    sandbox::confined::run_if_asked();
    let arguments = libtest_mimic::Arguments::from_args();
    let trials = view::trials();
    libtest_mimic::run(&arguments, trials).exit_code()
}
