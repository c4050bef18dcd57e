//! What can go wrong with watching, in words that say what to do about it.

use std::{io, path::PathBuf};

use notify::ErrorKind;

/// Why changes on disk go unnoticed.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The system allows no more watches.
    #[error(
        "the system allows no more file watches; raise `fs.inotify.max_user_watches` (and `fs.inotify.max_user_instances`) with sysctl, or have large generated folders ignored"
    )]
    LimitReached,
    /// A folder is not there.
    #[error("`{}` does not exist, so changes in it go unnoticed; close the folder in the editor or create it again", path.display())]
    FolderMissing {
        /// The folder.
        path: PathBuf,
    },
    /// A folder may not be looked into.
    #[error("`{}` may not be watched: its permissions do not allow it", path.display())]
    PermissionDenied {
        /// The folder.
        path: PathBuf,
    },
    /// Anything else the system says.
    #[error("changes on disk go unnoticed: {reason}")]
    System {
        /// What the system says.
        reason: String,
    },
}

impl WatchError {
    /// `path` is what was being watched, where notify does not say it.
    pub(super) fn new(error: &notify::Error, path: Option<PathBuf>) -> Self {
        let path = error.paths.first().cloned().or(path);
        match (&error.kind, path) {
            (ErrorKind::MaxFilesWatch, _) => Self::LimitReached,
            (ErrorKind::PathNotFound, Some(path)) => Self::FolderMissing { path },
            (ErrorKind::Io(error), path) => Self::from_system(error, path),
            _ => Self::System {
                reason: error.to_string(),
            },
        }
    }

    pub(super) fn from_system(error: &io::Error, path: Option<PathBuf>) -> Self {
        match (error.kind(), path) {
            (io::ErrorKind::NotFound, Some(path)) => Self::FolderMissing { path },
            (io::ErrorKind::PermissionDenied, Some(path)) => Self::PermissionDenied { path },
            // Too many watchers, or too many open files, in the words of inotify_init(2).
            (io::ErrorKind::QuotaExceeded | io::ErrorKind::StorageFull, _) => Self::LimitReached,
            #[cfg(unix)]
            _ if is_out_of_descriptors(error) => Self::LimitReached,
            _ => Self::System {
                reason: error.to_string(),
            },
        }
    }
}

#[cfg(unix)]
fn is_out_of_descriptors(error: &io::Error) -> bool {
    use rustix::io::Errno;

    let code = error.raw_os_error();
    code == Some(Errno::MFILE.raw_os_error()) || code == Some(Errno::NFILE.raw_os_error())
}
