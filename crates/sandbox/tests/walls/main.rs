//! The walls, tried from inside. Each attempt runs in a fresh process of this program, in which no thread exists when
//! the walls go up; it prints what the kernel answered, and the test compares that. The kernel is the oracle.
#![allow(clippy::unwrap_used, clippy::print_stdout, unsafe_code)]

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
mod attempt;
#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod excess;
#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod programs;
#[cfg(target_os = "linux")]
mod sockets;

#[cfg(target_os = "linux")]
fn main() {
    let attempts = [
        calls::ATTEMPTS,
        sockets::ATTEMPTS,
        files::ATTEMPTS,
        programs::ATTEMPTS,
        excess::ATTEMPTS,
    ]
    .concat();
    attempt::run_if_asked(&attempts);
    let trials = [
        calls::trials(),
        sockets::trials(),
        files::trials(),
        programs::trials(),
        excess::trials(),
    ];
    let trials = trials.into_iter().flatten().collect();
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), trials).exit();
}
