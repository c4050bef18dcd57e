//! The log: a file under the state folder, never stdout, never a secret, and never a reason to wait.
//!
//! Set up once by the command line before anything else runs. Whoever logs only puts a record into a queue; a thread
//! (`queue`) takes secrets out (`redact`), shortens it (`record`) and writes it to the file (`rotation`).

mod filter;
mod queue;
mod record;
mod redact;
mod rotation;

use std::path::PathBuf;
use std::time::Duration;

use crate::config::paths;

use queue::{LogQueue, LogThread};
use redact::Redactor;
use rotation::RotatingFile;

/// A log larger than this is put aside, in bytes; one old log is kept.
const MAX_LOG_BYTES: u64 = 5 << 20;

/// How long the last records may take to be written: a disk that hangs must not keep the process.
const LAST_WRITE: Duration = Duration::from_secs(2);

/// The path of the log file that is being written.
#[derive(Clone, Debug)]
pub(crate) struct LogFile(pub(crate) PathBuf);

/// A log that is being written. Its end, by [`Log::finish`] or by being dropped, writes what is still waiting.
pub(crate) struct Log {
    /// Where it goes.
    pub(crate) file: LogFile,
    thread: LogThread,
}

impl Log {
    /// Writes what is waiting and ends the thread; what is logged afterwards is lost.
    pub(crate) fn finish(self) {
        drop(self);
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.thread.end(LAST_WRITE);
    }
}

/// Starts logging at `level`, a `tracing` filter such as `info` or `ropewalk=debug`.
///
/// Returns the log, which must live as long as it is to be written, or nothing when no file can be written; the server
/// works without.
///
/// # Errors
///
/// When `level` is not a filter.
pub(crate) fn start(level: &str) -> anyhow::Result<Option<Log>> {
    let filter = filter::parse(level).map_err(|error| {
        anyhow::anyhow!(
            "--log-level {level}: {error}. Use error, warn, info, debug or trace, or a filter like `info,ropewalk=trace`."
        )
    })?;
    let Some(path) = log_path() else {
        return Ok(None);
    };
    let Ok(file) = RotatingFile::open(&path, MAX_LOG_BYTES) else {
        return Ok(None);
    };
    let (queue, thread) = LogQueue::start(file, Redactor::from_environment());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(queue)
        .init();
    let file = LogFile(path);
    Ok(Some(Log { file, thread }))
}

/// Where the log goes; the state folder may not exist yet.
pub(crate) fn log_path() -> Option<PathBuf> {
    Some(paths::state_folder()?.join("ropewalk.log"))
}
