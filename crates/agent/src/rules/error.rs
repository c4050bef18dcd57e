//! What can be wrong with a rules file; worded for the user, who has to mend it.

use std::{io, path::PathBuf};

/// Why rules cannot be used or kept.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// The file cannot be read.
    #[error("{} cannot be read, so nobody knows what it forbids: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not what a rules file is.
    #[error("{} is not a file of rules, so none of it is used:\n{message}", path.display())]
    Malformed {
        /// Which.
        path: PathBuf,
        /// What the reader says, with line and column.
        message: String,
    },
    /// A rule contradicts itself.
    #[error("{}, line {line}: {problem}; mend it, for until then no rule of the file is used", path.display())]
    Wrong {
        /// Which file.
        path: PathBuf,
        /// The line on which the rule begins, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// It cannot be written.
    #[error("{} cannot be written: {source}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Nobody knows where rules belong.
    #[error("there is no place for rules: set HOME or XDG_CONFIG_HOME")]
    NoFile,
}
