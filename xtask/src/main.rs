//! `cargo xtask`: everything a developer runs that cargo itself does not do. One file a subcommand.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "xtask talks to the developer at the terminal"
)]

mod bench;
mod check;
mod editors;
mod project;
mod test;
mod train;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Ropewalk's developer tasks")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run all tests: crates, rules, formatting, lints, editor plugins, real editors
    Test(test::TestArguments),
    /// Check the rules that the compiler does not know: dependency directions, prints, headers, lengths
    Check,
    /// Fetch the real editors, or drive them
    Editors(editors::EditorsArguments),
    /// Measure the server beside its peers
    Bench(bench::BenchArguments),
    /// Train the ranker of tab-completion on repositories
    Train(train::TrainArguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Test(arguments) => test::run(&arguments),
        Task::Check => check::run(),
        Task::Editors(arguments) => editors::run(&arguments),
        Task::Bench(arguments) => bench::run(&arguments),
        Task::Train(arguments) => train::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem:#}");
            ExitCode::FAILURE
        }
    }
}
