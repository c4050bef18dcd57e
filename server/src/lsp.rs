//! The LSP surface: routes messages to the event queue and starts and ends a conversation.
//!
//! Called by the command line (`ropewalk lsp`). The only module tree, with [`crate::session`], that knows LSP types.
//! It decides nothing: each handler puts one [`crate::event::Event`] on the queue and waits for its answer.

mod backend;
pub(crate) mod capabilities;
pub(crate) mod convert;
pub(crate) mod params;

use std::io::{Read, Write};
use std::time::Duration;

use crate::logging::LogFile;
use crate::main_loop;
use crate::transport::{Outbox, serve};

use backend::service;

/// How long the last answers may take to be written.
const LAST_WRITE: Duration = Duration::from_millis(500);

/// Serves one client on a pair of streams until it says `exit` or is gone, then returns the process's exit code:
/// 0 after an orderly `shutdown`, else 1, as the LSP specification asks.
///
/// # Errors
///
/// When the runtime cannot be started.
pub(crate) fn run(
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
    log_file: Option<LogFile>,
) -> anyhow::Result<i32> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let (outbox, writer) = Outbox::start(output);
    let main_loop = main_loop::start(outbox.clone(), log_file);
    let service = service(main_loop.events());
    let ending = runtime.block_on(serve(input, outbox.clone(), service));
    tracing::info!(?ending, "the conversation ended");
    let outcome = main_loop.stop();
    drop(runtime);
    drop(outbox);
    writer.wait(LAST_WRITE);
    Ok(match outcome {
        main_loop::Outcome::ShutDown => 0,
        main_loop::Outcome::Abandoned => 1,
    })
}
