//! What can go wrong with threads on disk, worded for the user.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::ThreadId;

/// Why a thread could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nothing by that name.
    #[error("there is no thread {wanted}; `ropewalk threads list --all` shows all")]
    NotFound {
        /// As asked for.
        wanted: String,
    },
    /// `last`, and there was nothing before.
    #[error(
        "there is no last thread here; `ropewalk threads list --all` shows those of all folders"
    )]
    NoLast,
    /// The name stands for several.
    #[error("{wanted} may mean any of {}; give more of the id", list(.candidates))]
    Ambiguous {
        /// As asked for.
        wanted: String,
        /// What it may mean.
        candidates: Vec<ThreadId>,
    },
    /// There can be one writer only.
    #[error("{} is in use by {}; end that first, or fork the thread", .path.display(), holder(.process))]
    InUse {
        /// The log.
        path: PathBuf,
        /// The id of the process that writes it, when it says so.
        process: Option<u32>,
    },
    /// From a later version of this program.
    #[error(
        "{} was written by a newer ropewalk (format {version}); use that version. The file was not changed",
        .path.display()
    )]
    NewerFormat {
        /// The log.
        path: PathBuf,
        /// Its format.
        version: u32,
    },
    /// A line that means nothing to this version.
    #[error(
        "line {line} of {} is not known to this version of ropewalk ({message}); use the version that wrote it. The file \
         was not changed",
        .path.display()
    )]
    UnknownEntry {
        /// The log.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What about it is unknown.
        message: String,
    },
    /// A line that is no JSON, with others behind it.
    #[error(
        "line {line} of {} is damaged. The file was not changed; with that line and all below it removed, the thread can \
         be opened as it was before",
        .path.display()
    )]
    Damaged {
        /// The log.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// Not even the first line is there.
    #[error("{} holds no thread: its first line is missing or damaged", .path.display())]
    NoThread {
        /// The log.
        path: PathBuf,
    },
    /// An event that cannot be written as JSON.
    #[error("an event of the thread cannot be written as JSON: {source}")]
    Encode {
        /// Why.
        source: serde_json::Error,
    },
    /// The system refused.
    #[error("cannot {action} {}: {source}{}", .path.display(), advice(.source))]
    Io {
        /// What was attempted.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

impl StoreError {
    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_path_buf(),
            source,
        }
    }
}

fn list(candidates: &[ThreadId]) -> String {
    let names: Vec<String> = candidates.iter().map(ThreadId::to_string).collect();
    names.join(", ")
}

fn holder(process: &Option<u32>) -> String {
    match process {
        Some(process) => format!("process {process}"),
        None => "another process".into(),
    }
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            ". Free some space and resume the thread; what was recorded before is kept"
        }
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => {
            ". Make it writable, or set XDG_STATE_HOME to a folder that is"
        }
        _ => "",
    }
}
