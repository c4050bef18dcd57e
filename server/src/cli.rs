//! The command line: one file a subcommand, each with its arguments and a `run`.
//!
//! Called by `main`. Errors end here: they are printed as one plain message, causes included, and the exit code is 1.

mod apply_patch;
mod complete;
mod debug;
mod demo;
mod doctor;
mod eval;
pub(crate) mod exec;
mod login;
mod lsp;
mod model_list;
pub(crate) mod printable;
pub(crate) mod proposal;
mod setup;
mod short_id;
mod terminal;
mod threads;
mod trust;
mod twins;
mod undo;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use terminal::Terminal;

/// One language server that gives any editor tab-completion, agent tasks, chat and workspace-wide refactors.
///
/// Start with `ropewalk demo` and `ropewalk demo agent` to see it work, then `ropewalk setup nvim` or `ropewalk setup helix`,
/// and `ropewalk exec`.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
struct Arguments {
    /// What goes to the log file: error, warn, info, debug, trace, or a filter such as `info,ropewalk=trace`.
    /// The protocol framework (`tower_lsp_server`) stays at warn unless the filter names it.
    #[arg(long, global = true, default_value = "info", env = "ROPEWALK_LOG")]
    log_level: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the language server; editors call this.
    Lsp(lsp::LspArguments),
    /// Apply what a task has changed in its twin to your files.
    Apply(twins::ApplyArguments),
    /// Apply a patch from standard input to the current folder: all of it, or nothing.
    ApplyPatch(apply_patch::ApplyPatchArguments),
    /// Show what would be suggested at a place in a file.
    Complete(complete::CompleteArguments),
    /// Watch tab-completion or the agent at work on a small project, in less than a minute.
    Demo(demo::DemoArguments),
    /// Hand a goal to the agent, and watch it work until it is done.
    Exec(exec::ExecArguments),
    /// Look behind the agent: what would be sent, and what was.
    #[command(subcommand)]
    Debug(debug::DebugCommand),
    /// Show what a task has changed in its twin; as a patch where no person reads.
    Diff(twins::DiffArguments),
    /// Throw away what a task has changed in its twin.
    Discard(twins::DiscardArguments),
    /// Explain what was found on this machine, what is used and why.
    Doctor(doctor::DoctorArguments),
    /// Measure the quality of suggestions on repositories.
    #[command(subcommand)]
    Eval(EvalCommand),
    /// Put the key of a model service into the system's keyring.
    Login(login::LoginArguments),
    /// Take the key of a model service out of the system's keyring.
    Logout(login::LoginArguments),
    /// List the models that can be used, and why others cannot.
    Models(model_list::ModelsArguments),
    /// Print or write an editor's configuration.
    Setup(setup::SetupArguments),
    /// List, show, fork, archive and delete what the agent was asked to do before.
    Threads(threads::ThreadsArguments),
    /// Trust a folder: let its own `.ropewalk/` configuration count.
    Trust(trust::TrustArguments),
    /// List the twins that wait, with what tasks have changed in them.
    Twins(twins::TwinsArguments),
    /// Take back what was applied, without git.
    Undo(undo::UndoArguments),
}

#[derive(Debug, Subcommand)]
enum EvalCommand {
    /// Replay the commits of git repositories and report what tab-completion would have saved.
    Completion(eval::EvalArguments),
}

/// Runs the subcommand that was asked for.
pub(crate) fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(code) => code,
        Err(error) => {
            let message = printable::readable(&told(&error));
            Terminal::stderr().line(&format!("ropewalk: {message}"));
            ExitCode::FAILURE
        }
    }
}

/// The error with its causes, but for those whose words it has already.
pub(crate) fn told(error: &anyhow::Error) -> String {
    let mut message = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !message.contains(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    message
}

fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let log = match &arguments.command {
        // It leaves nothing behind, so nothing is logged.
        Command::Demo(_) => None,
        _ => crate::logging::start(&arguments.log_level)?,
    };
    match arguments.command {
        Command::Lsp(command) => lsp::run(&command, log),
        Command::Apply(command) => twins::apply(&command),
        Command::ApplyPatch(command) => apply_patch::run(&command),
        Command::Complete(command) => complete::run(&command),
        Command::Demo(command) => demo::run(&command),
        Command::Diff(command) => twins::diff(&command),
        Command::Discard(command) => twins::discard(&command),
        Command::Doctor(command) => doctor::run(&command),
        Command::Exec(command) => exec::run(&command),
        Command::Debug(command) => debug::run(&command),
        Command::Eval(EvalCommand::Completion(command)) => {
            eval::run(command).map(|()| ExitCode::SUCCESS)
        }
        Command::Login(command) => login::login(&command),
        Command::Logout(command) => login::logout(&command),
        Command::Models(command) => model_list::run(&command),
        Command::Setup(command) => setup::run(&command),
        Command::Threads(command) => threads::run(&command),
        Command::Trust(command) => trust::run(&command),
        Command::Twins(command) => twins::list(&command),
        Command::Undo(command) => undo::run(&command),
    }
}
