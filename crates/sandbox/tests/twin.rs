//! Twins with their confined processes: what is written in one is told by it and changes nothing of the user's.
//!
//! The tests' program is also the confined process, so `main` is its own.
#![allow(clippy::unwrap_used)]

#[cfg(target_os = "linux")]
#[path = "twin/place_of_work.rs"]
mod place_of_work;
#[cfg(target_os = "linux")]
#[path = "twin/works.rs"]
mod works;

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    sandbox::confined::run_if_asked();
    let arguments = libtest_mimic::Arguments::from_args();
    libtest_mimic::run(&arguments, works::trials()).exit_code()
}
