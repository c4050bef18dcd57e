//! Why a twin cannot be made or used, in words for the person who asked for a task.

use std::{io, path::PathBuf};

/// Why a twin cannot be made, read or removed.
#[derive(Debug, thiserror::Error)]
pub enum TwinError {
    /// The whole disk as the workspace.
    #[error(
        "a task cannot have a copy-on-write workspace of `/`: open a folder of a project, or work in the folder itself with --in-place"
    )]
    WholeDisk,
    /// Not there, or no folder.
    #[error("{} is not a folder that can be opened: {source}", folder.display())]
    Folder {
        /// As it was given.
        folder: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Nothing to work on.
    #[error("the workspace has no folder")]
    NoFolder,
    /// Nowhere to keep it.
    #[error("there is no place for the task's files: {reasons}")]
    NoPlace {
        /// Each place that was tried, and what was wrong with it.
        reasons: String,
    },
    /// An id that is no plain name.
    #[error("`{0}` cannot be the name of a twin")]
    BadId(String),
    /// There is one with this id.
    #[error("there is already a twin `{0}`: open it, apply it or discard it")]
    Exists(String),
    /// There is none with this id.
    #[error("there is no twin `{0}`")]
    Missing(String),
    /// Another process works in it.
    #[error("a task is at work in the twin `{0}`: wait until it is done, or stop it")]
    InUse(String),
    /// Made by a version that writes them differently, or damaged.
    #[error("the twin `{id}` cannot be read ({reason}): discard it")]
    Unreadable {
        /// Which.
        id: String,
        /// What is wrong.
        reason: String,
    },
    /// No wall can be put around commands here.
    #[error("no wall can be put around commands here: {}", reasons.join("; "))]
    NoWall {
        /// Each wall that was tried, and why it cannot be had.
        reasons: Vec<String>,
    },
    /// The system refused.
    #[error("{}: {what}: {source}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl TwinError {
    pub(super) fn io<E: Into<io::Error>>(
        what: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(E) -> Self {
        let path = path.into();
        move |source| Self::Io {
            what,
            path,
            source: source.into(),
        }
    }
}
