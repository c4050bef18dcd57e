//! The log: a file under the state folder, never stdout, and never a secret.
//!
//! Set up once by the command line before anything else runs. Lines pass through [`redact`] before they are written.

mod redact;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::config::paths;
use redact::Redactor;

/// A log larger than this is put aside at the next start, in bytes; one old log is kept.
const MAX_LOG_BYTES: u64 = 5 << 20;

/// The path of the log file that is being written.
#[derive(Clone, Debug)]
pub(crate) struct LogFile(pub(crate) PathBuf);

/// Starts logging at `level`, a `tracing` filter such as `info` or `ropewalk=debug`.
///
/// Returns where the log goes, or nothing when no file can be written; the server works without.
///
/// # Errors
///
/// When `level` is not a filter.
pub(crate) fn start(level: &str) -> anyhow::Result<Option<LogFile>> {
    let filter = EnvFilter::try_new(level).map_err(|error| {
        anyhow::anyhow!(
            "--log-level {level}: {error}. Use error, warn, info, debug or trace, or a filter like `info,ropewalk=trace`."
        )
    })?;
    let Some(path) = log_path() else {
        return Ok(None);
    };
    let Ok(file) = open(&path) else {
        return Ok(None);
    };
    let writer = RedactedFile {
        file: Arc::new(Mutex::new(file)),
        redactor: Arc::new(Redactor::from_environment()),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(writer)
        .init();
    Ok(Some(LogFile(path)))
}

/// Where the log goes; the state folder may not exist yet.
pub(crate) fn log_path() -> Option<PathBuf> {
    Some(paths::state_folder()?.join("ropewalk.log"))
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let is_full = fs::metadata(path).is_ok_and(|metadata| MAX_LOG_BYTES < metadata.len());
    if is_full {
        fs::rename(path, path.with_extension("log.old"))?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes whole lines, without secrets, one at a time.
#[derive(Clone)]
struct RedactedFile {
    file: Arc<Mutex<File>>,
    redactor: Arc<Redactor>,
}

impl<'a> MakeWriter<'a> for RedactedFile {
    type Writer = Self;

    fn make_writer(&'a self) -> Self::Writer {
        self.clone()
    }
}

impl Write for RedactedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        let line = self.redactor.redact(&line);
        self.file
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write_all(line.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
