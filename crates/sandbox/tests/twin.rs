//! Twins with their confined processes: what is written in one is told by it and changes nothing of the user's.
//!
//! The tests' program is also the confined process, so `main` is its own.
#![allow(clippy::unwrap_used)]

#[cfg(target_os = "linux")]
#[path = "twin/lifecycle.rs"]
mod lifecycle;
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
    let mut arguments = std::env::args().skip(1);
    if arguments
        .next()
        .is_some_and(|argument| argument == lifecycle::CHILD)
    {
        lifecycle::make_twins_until_killed(arguments);
    }
    let arguments = libtest_mimic::Arguments::from_args();
    let trials = works::trials().into_iter().chain(lifecycle::trials());
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}
