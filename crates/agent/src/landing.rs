//! Applies proposals to the user's folders, and takes that back: atomically, safe from kills, merged with what is there.
//!
//! Surfaces call [`apply`], [`undo`] and, when they start, [`recover`]. What a file's change comes down to says the
//! `changes` crate; here it is read, planned (`landing/plan.rs`), kept (`store.rs`, `journal.rs`), done and taken back
//! (`transaction.rs`). Nobody is asked anything here. docs/applying.md is the user's view.

mod disk;
mod editing;
mod error;
mod journal;
mod lander;
mod lock;
mod place;
mod plan;
mod prune;
mod recovery;
mod step;
mod store;
mod stored;
mod transaction;
mod undo;

pub use editing::{Cause, EditedFile, Surveyed, forget, keep, reversal, survey};
pub use error::LandingError;
pub use place::Refusal;

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use ::workspace::ExclusionOptions;
use changes::{ChangeKind, Proposal};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use disk::RealDisk;
use lander::Request;

/// Where and how changes are made.
#[derive(Clone, Copy, Debug)]
pub struct LandingOptions<'a> {
    /// Where checkpoints and the journal are kept, in `checkpoints/`.
    pub state_folder: &'a Path,
    /// The workspace's folders, absolute. Nothing outside of them is changed.
    pub folders: &'a [PathBuf],
    /// What the user has said may not be seen; it is not changed either.
    pub exclusions: &'a ExclusionOptions,
    /// What the changes are for, for the list of checkpoints.
    pub title: &'a str,
    /// The thread that they come from.
    pub thread: Option<&'a str>,
    /// What happens when not everything merges.
    pub conflicts: ConflictPolicy,
    /// How many checkpoints are kept.
    pub limits: CheckpointLimits,
}

/// What happens when not everything merges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictPolicy {
    /// Nothing is changed.
    Refuse,
    /// What merges is changed, the rest stays as it is and is told.
    KeepForLater,
}

/// How many checkpoints are kept. The latest is kept in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckpointLimits {
    /// Older ones go.
    pub age: Duration,
    /// So many at most.
    pub count: usize,
    /// So many bytes at most, all together.
    pub bytes: u64,
}

impl Default for CheckpointLimits {
    fn default() -> Self {
        Self {
            age: Duration::from_secs(30 * 24 * 60 * 60),
            count: 200,
            bytes: 1 << 30,
        }
    }
}

/// What became of a proposal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Landed {
    /// What was changed, in the proposal's order. All of it, or with an error nothing.
    pub applied: Vec<AppliedFile>,
    /// Files that already were as they should be, the user's own changes included.
    pub unchanged: Vec<PathBuf>,
    /// What was left as it is. With [`ConflictPolicy::Refuse`] nothing was changed if there is any.
    pub conflicts: Vec<Conflict>,
    /// What the user should know of the changed files.
    pub notes: Vec<Note>,
    /// How it can be undone; `None` when nothing was changed.
    pub checkpoint: Option<CheckpointId>,
    /// What had to be put right before, because an earlier process was killed.
    pub recovered: Option<Recovered>,
}

impl Landed {
    /// What of `proposal` is left for later.
    pub fn remaining(&self, proposal: &Proposal) -> Proposal {
        let is_left = |path: &Path| self.conflicts.iter().any(|conflict| conflict.path == path);
        let files = proposal.files.iter().filter(|change| is_left(&change.path));
        Proposal {
            files: files.cloned().collect(),
        }
    }
}

/// A file that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedFile {
    /// Where it is now, or was.
    pub path: PathBuf,
    /// Where it was before.
    pub renamed_from: Option<PathBuf>,
    /// What was really done, which may be less than was proposed.
    pub kind: ChangeKind,
}

/// A file that was left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The file.
    pub path: PathBuf,
    /// Where the proposal has it from.
    pub renamed_from: Option<PathBuf>,
    /// Why.
    pub obstacle: Obstacle,
}

/// Why a change cannot be made. Its text is the rest of a sentence that begins with the file's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The user made something else of it.
    Merge(changes::Conflict),
    /// It may not be changed.
    Refused(Refusal),
    /// A folder, a device or a file is where it should go, or where a folder for it should be.
    InTheWay {
        /// What is in the way.
        path: PathBuf,
    },
    /// Its permissions say that it is not to be written.
    ReadOnly,
    /// Under two names, through a link, the proposal changes one file twice.
    ChangedTwice,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Merge(conflict) => conflict.reason.fmt(formatter),
            Self::Refused(refusal) => refusal.fmt(formatter),
            Self::InTheWay { path } => {
                write!(formatter, "cannot be written: {} is in the way", path.display())
            }
            Self::ReadOnly => formatter.write_str(
                "is not changed: its permissions make it read-only; allow writing it and apply again",
            ),
            Self::ChangedTwice => {
                formatter.write_str("is changed twice, under two names that a link gives it")
            }
        }
    }
}

/// What the user should know of a changed file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// It had further names (hard links), and those keep the old content: a file is replaced as a whole.
    OtherNames {
        /// The file.
        path: PathBuf,
        /// How many further names.
        count: u64,
    },
    /// It is now a link to what lies outside of the workspace, or may not be seen.
    LeadsOut {
        /// The link.
        path: PathBuf,
        /// Where it leads, as it is written in the link.
        target: PathBuf,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherNames { path, count: 1 } => write!(
                formatter,
                "{} had another name (a hard link), which keeps the old content",
                path.display()
            ),
            Self::OtherNames { path, count } => write!(
                formatter,
                "{} had {count} other names (hard links), which keep the old content",
                path.display()
            ),
            Self::LeadsOut { path, target } => write!(
                formatter,
                "{} is a link that leads out of the workspace, to {}",
                path.display(),
                target.display()
            ),
        }
    }
}

/// What was put right after a process had been killed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// What the interrupted change was for.
    pub title: String,
    /// The thread that it came from.
    pub thread: Option<String>,
    /// Which way.
    pub outcome: RecoveredAs,
    /// The checkpoint of the interrupted change, where there is something to undo.
    pub checkpoint: Option<CheckpointId>,
    /// Files that were changed by somebody since, and so were left as they are.
    pub left: Vec<PathBuf>,
    /// Files beside others that hold what somebody wrote at the moment of the change.
    pub kept: Vec<PathBuf>,
}

impl fmt::Display for Recovered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "An earlier change of files (\"{}\") was interrupted. ",
            self.title
        )?;
        formatter.write_str(match self.outcome {
            RecoveredAs::Finished => "All of it was done already, and it is finished now.",
            RecoveredAs::TakenBack => "It was taken back, and can be made again.",
        })?;
        for path in &self.left {
            write!(
                formatter,
                "\n- {} was changed since and stays as it is",
                path.display()
            )?;
        }
        for path in &self.kept {
            let path = path.display();
            write!(
                formatter,
                "\n- {path} holds what another program wrote at that moment"
            )?;
        }
        match (self.outcome, self.checkpoint) {
            (RecoveredAs::TakenBack, Some(id)) => {
                write!(
                    formatter,
                    "\n`ropewalk undo {id}` merges what was there before with what is there now."
                )
            }
            _ => Ok(()),
        }
    }
}

/// Which way an interrupted change was put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveredAs {
    /// All was done already.
    Finished,
    /// All is as it was before, but for what somebody has changed since.
    TakenBack,
}

/// Names a checkpoint: a UUID of version 7, so that names sort by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CheckpointId(Uuid);

impl CheckpointId {
    /// A name that nobody else has.
    fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl fmt::Display for CheckpointId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(formatter)
    }
}

impl FromStr for CheckpointId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self)
    }
}

/// A change that can be undone: what was there before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its name.
    pub id: CheckpointId,
    /// When it was taken.
    pub time: Timestamp,
    /// What the change was for.
    pub title: String,
    /// The thread that it came from.
    pub thread: Option<String>,
    /// The turn of that thread; `None` where its changes were applied as a whole.
    pub turn: Option<u32>,
    /// The workspace's folders at the time.
    pub folders: Vec<PathBuf>,
    /// The checkpoint that the change restored, if it was an undo.
    pub undoes: Option<CheckpointId>,
    /// Whether a later change that still stands has taken it back.
    pub is_undone: bool,
    /// What was changed.
    pub files: Vec<CheckpointFile>,
    /// What it takes on disk.
    pub bytes: u64,
}

/// A file in a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointFile {
    /// Where it was put, or was.
    pub path: PathBuf,
    /// Where it was before.
    pub renamed_from: Option<PathBuf>,
    /// Whether it was there before the change.
    pub was_there: bool,
    /// Whether it was there after the change.
    pub is_there: bool,
}

/// Which checkpoint is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The last one in the folders whose change still stands.
    Last,
    /// The one whose id begins so.
    Id(String),
}

/// Applies `proposal` to the folders, merged with what is in them now.
///
/// Either all files are changed that can be, after a checkpoint was taken, or with an error none. A process that is killed
/// meanwhile leaves a journal, with which the next [`recover`], [`apply`] or [`undo`] restores that.
///
/// # Errors
/// See [`LandingError`]. The proposal stays as good as it was.
pub fn apply(proposal: &Proposal, options: &LandingOptions<'_>) -> Result<Landed, LandingError> {
    let request = Request {
        proposal,
        modes: Default::default(),
        title: options.title,
        undoes: None,
    };
    lander::land(&RealDisk, &request, options)
}

/// Restores the files of a checkpoint, merged with what was changed since; a file in which that is not possible stays as
/// it is and is told among [`Landed::conflicts`]. Takes a checkpoint itself. Gives back which one was restored.
///
/// The title of `options` is not used; its folders only to find the last checkpoint.
///
/// # Errors
/// See [`LandingError`]; nothing is changed then.
pub fn undo(
    wanted: &Wanted,
    options: &LandingOptions<'_>,
) -> Result<(Checkpoint, Landed), LandingError> {
    undo::undo(&RealDisk, wanted, options)
}

/// Puts right what a killed process has left, if there is any: to be called before anything else looks at the folders.
/// Costs nothing otherwise, and does nothing while another process is changing files.
///
/// # Errors
/// Something could not be put right; the message says what is where. It can be called again.
pub fn recover(state_folder: &Path) -> Result<Option<Recovered>, LandingError> {
    recovery::recover(&RealDisk, state_folder)
}

/// All checkpoints of this user, the latest first.
///
/// # Errors
/// Their folder cannot be read. Single checkpoints that cannot are passed by.
pub fn checkpoints(state_folder: &Path) -> Result<Vec<Checkpoint>, LandingError> {
    undo::list(&RealDisk, state_folder)
}

#[cfg(test)]
mod tests;
