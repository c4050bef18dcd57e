//! The reasons for which a path is out of bounds, in words for the user, and how far each of them reaches.

use std::{
    ffi::OsStr,
    fmt,
    path::{Path, PathBuf},
};

use ignore::{Match, gitignore::Glob};

/// The folders in which version control systems keep their own files; some hold credentials.
const VERSION_CONTROL: [&str; 4] = [".git", ".hg", ".jj", ".svn"];

/// Why a path is out of bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exclusion {
    /// It is in none of the open folders.
    OutsideFolders,
    /// A built-in pattern says that it may hold secrets. No list can take that back.
    Secret {
        /// The pattern.
        pattern: &'static str,
    },
    /// A pattern of the user's own configuration names it.
    UserPattern {
        /// The pattern.
        pattern: String,
    },
    /// A `.ropewalkignore` or `.aiexclude` file names it.
    PrivateList {
        /// The list.
        file: PathBuf,
        /// Its line.
        pattern: String,
    },
    /// It belongs to a version control system.
    VersionControl {
        /// The system's folder, such as `.git`.
        directory: &'static str,
    },
    /// A `.gitignore`, `.ignore` or git's own lists name it, or it is a well-known place for generated files.
    Ignored {
        /// The list; `None` for the built-in one.
        file: Option<PathBuf>,
        /// Its line.
        pattern: String,
    },
    /// It is allowed by its name, but it is a link to, or lies behind a link to, something that is not.
    Link {
        /// Where it leads.
        target: PathBuf,
        /// What is wrong with that place.
        because: Box<Exclusion>,
    },
}

/// How far an exclusion reaches. The greater one includes the lesser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Walking and searching pass it by; whoever names it may read it.
    Skipped,
    /// Nothing in this crate reads it.
    Hidden,
}

impl Exclusion {
    /// How far it reaches.
    pub fn reach(&self) -> Reach {
        match self {
            Self::Ignored { .. } => Reach::Skipped,
            Self::Link { because, .. } => because.reach(),
            Self::OutsideFolders
            | Self::Secret { .. }
            | Self::UserPattern { .. }
            | Self::PrivateList { .. }
            | Self::VersionControl { .. } => Reach::Hidden,
        }
    }
}

impl fmt::Display for Exclusion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutsideFolders => write!(formatter, "it is outside the workspace's folders"),
            Self::Secret { pattern } => {
                write!(
                    formatter,
                    "it may hold secrets (built-in pattern `{pattern}`)"
                )
            }
            Self::UserPattern { pattern } => {
                write!(
                    formatter,
                    "your configuration excludes it (pattern `{pattern}`)"
                )
            }
            Self::PrivateList { file, pattern } => {
                write!(
                    formatter,
                    "`{}` excludes it (line `{pattern}`)",
                    file.display()
                )
            }
            Self::VersionControl { directory } => {
                write!(formatter, "it belongs to version control (`{directory}`)")
            }
            Self::Ignored {
                file: Some(file),
                pattern,
            } => {
                write!(
                    formatter,
                    "`{}` ignores it (line `{pattern}`)",
                    file.display()
                )
            }
            Self::Ignored {
                file: None,
                pattern,
            } => {
                write!(formatter, "it is generated (built-in pattern `{pattern}`)")
            }
            Self::Link { target, because } => {
                write!(formatter, "it leads to `{}`: {because}", target.display())
            }
        }
    }
}

/// A pattern of the user's list cannot be understood.
#[derive(Debug, thiserror::Error, Clone, PartialEq, Eq)]
#[error("the pattern `{pattern}` is no valid glob: {reason}")]
pub struct PatternError {
    /// The pattern as it was given.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: String,
}

pub(super) fn version_control(path: &Path) -> Option<Exclusion> {
    let directory = version_control_folder(path.file_name()?)?;
    Some(Exclusion::VersionControl { directory })
}

/// Whether something of this name belongs to a version control system.
pub(super) fn is_version_control(name: &OsStr) -> bool {
    version_control_folder(name).is_some()
}

fn version_control_folder(name: &OsStr) -> Option<&'static str> {
    // File systems that ignore case would open `.GIT` as well.
    let is_it = |known: &&&str| name.eq_ignore_ascii_case(known);
    VERSION_CONTROL.iter().find(is_it).copied()
}

/// The pattern that excludes, if the last word is one that excludes.
pub(super) fn private_pattern(found: Match<&Glob>) -> Option<String> {
    match found {
        Match::Ignore(glob) => Some(glob.original().to_owned()),
        Match::Whitelist(_) | Match::None => None,
    }
}
