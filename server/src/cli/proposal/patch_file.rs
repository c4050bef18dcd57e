//! A proposal as a patch for `git apply`: into a file, or to standard output.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use changes::{Base, Proposal};

use crate::cli::printable::exact;
use crate::cli::terminal::{Style, Terminal};

/// Where a patch goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PatchTarget {
    /// Standard output: `-`.
    StandardOutput,
    /// A file, absolute; one that is there is replaced.
    File(PathBuf),
}

impl PatchTarget {
    /// What `text` on the command line means.
    ///
    /// # Errors
    /// When it is empty.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "-" => Ok(Self::StandardOutput),
            path => std::path::absolute(path)
                .map(Self::File)
                .map_err(|error| error.to_string()),
        }
    }

    /// Writes the patch; its paths are relative to `folders`, or to what they have in common.
    ///
    /// # Errors
    /// When the file cannot be written. A reader of standard output that has gone is no error.
    pub(crate) fn write(&self, proposal: &Proposal, folders: &[PathBuf]) -> anyhow::Result<()> {
        let patch = proposal.unified_diff(folders);
        match self {
            Self::StandardOutput => {
                let mut stream = io::stdout().lock();
                drop(stream.write_all(&patch).and_then(|()| stream.flush()));
                Ok(())
            }
            Self::File(path) => fs::write(path, patch)
                .with_context(|| format!("the patch cannot be written to {}", path.display())),
        }
    }

    /// The file, for messages.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::StandardOutput => Path::new("-"),
            Self::File(path) => path,
        }
    }
}

/// Says which changes no patch can hold. Paths below `folder` are shown without it.
pub(crate) fn tell_missing(terminal: &mut Terminal, proposal: &Proposal, folder: &Path) {
    let changes = proposal.files.iter();
    for change in changes.filter(|change| change.base == Base::Unknown) {
        let path = change.path.strip_prefix(folder).unwrap_or(&change.path);
        let line = format!(
            "Not in the patch: {}: you changed it while the task worked, and what the task started from is not known",
            path.display()
        );
        terminal.line(&terminal.style(Style::Warning, exact(&line)));
    }
}
