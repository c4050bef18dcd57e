//! The escape battery: real attempts to get out of a task. Each is made from inside of every wall that this machine can
//! give, as every user that the tests can be, and nothing at all outside may have noticed; and each is made once without
//! any wall, where it must succeed, so that it is known to be an attempt.
//!
//! Three processes play in a trial: the test, which prepares a scene and looks at it from outside (`scene.rs`); a server,
//! which owns the task (`server.rs`); and the attempt, shell text of `cases/` that calls system calls through this program
//! (`attempts.rs`). `ROPEWALK_WALL` picks one wall.
#![allow(clippy::unwrap_used, clippy::print_stdout, unsafe_code)]

#[cfg(target_os = "linux")]
mod attempts;
#[cfg(target_os = "linux")]
mod canary;
#[cfg(target_os = "linux")]
mod case;
#[cfg(target_os = "linux")]
mod cases;
#[cfg(target_os = "linux")]
mod machine;
#[cfg(target_os = "linux")]
mod place;
#[cfg(target_os = "linux")]
mod scene;
#[cfg(target_os = "linux")]
mod server;
#[cfg(target_os = "linux")]
mod trial;

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    sandbox::confined::run_if_asked();
    attempts::run_if_asked();
    canary::run_if_asked();
    server::run_if_asked();
    let mut arguments = libtest_mimic::Arguments::from_args();
    // A trial waits for processes most of the time.
    arguments.test_threads = arguments.test_threads.or_else(|| {
        let processors = std::thread::available_parallelism().ok()?;
        Some(2 * processors.get())
    });
    let place = std::sync::Arc::new(place::Place::make());
    let trials = trial::all(&place);
    libtest_mimic::run(&arguments, trials).exit_code()
}
