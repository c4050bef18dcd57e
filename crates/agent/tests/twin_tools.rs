//! What a misled model could ask of the tools in a twin: paths that lead out, links that change while they are followed,
//! protected and secret files, things that are no files. Nothing outside changes, nothing secret is told, nothing hangs.
//!
//! Commands of the twin are escaped from in the sandbox's own battery. The tests' program is also the confined process.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[cfg(target_os = "linux")]
#[path = "twin_tools/arguments.rs"]
mod arguments;
#[cfg(target_os = "linux")]
#[path = "twin_tools/bench.rs"]
mod bench;
#[cfg(target_os = "linux")]
#[path = "twin_tools/trials.rs"]
mod trials;

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    sandbox::confined::run_if_asked();
    let arguments = libtest_mimic::Arguments::from_args();
    libtest_mimic::run(&arguments, trials::all()).exit_code()
}
