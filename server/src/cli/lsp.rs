//! `ropewalk lsp`: the language server on stdio or on a socket.

use std::io;
use std::net::{Ipv4Addr, TcpStream};
use std::process::ExitCode;

use anyhow::Context;

use crate::logging::Log;
use crate::lsp;

/// Arguments of `ropewalk lsp`.
#[derive(Debug, clap::Args)]
pub(crate) struct LspArguments {
    /// Connect to the editor that listens on this port of this machine, in place of stdin and stdout.
    #[arg(long, value_name = "PORT")]
    socket: Option<u16>,
    /// Accepted for editors that always pass it; stdin and stdout are the default.
    #[arg(long)]
    stdio: bool,
}

/// Serves until the editor is done, then ends the process: a blocked read must not keep it.
pub(crate) fn run(arguments: &LspArguments, log: Option<Log>) -> anyhow::Result<ExitCode> {
    let log_file = log.as_ref().map(|log| log.file.clone());
    let code = match arguments.socket {
        None => lsp::run(io::stdin(), io::stdout(), log_file)?,
        Some(port) => {
            let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).with_context(|| {
                format!("no editor listens on port {port} of this machine; --socket expects one that waits for us")
            })?;
            // Answers are small and awaited; waiting to fill packets would delay each of them.
            stream.set_nodelay(true)?;
            lsp::run(stream.try_clone()?, stream, log_file)?
        }
    };
    if let Some(log) = log {
        log.finish();
    }
    std::process::exit(code)
}
