//! The `ropewalk` binary: the language server and its command line.

mod agent_host;
mod chat;
mod cli;
mod commands;
mod config;
mod delivery;
mod event;
mod git_head;
mod indexer;
mod inline_edit;
mod landing;
mod ledger_store;
mod lifeguard;
mod logging;
mod lsp;
mod main_loop;
mod model_choice;
mod parser;
mod predictor;
mod session;
mod suggestion_reply;
mod tasks;
mod timer;
mod transport;
mod twins;

fn main() -> std::process::ExitCode {
    // Before anything else: what becomes a confined process must have one thread.
    sandbox::confined::run_if_asked();
    cli::main()
}
