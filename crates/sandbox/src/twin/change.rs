//! What a task made of its twin, as [`super::Twin::scan`] tells it: plain data.

use std::{path::PathBuf, sync::Arc};

use workspace::FileKind;

/// Larger files are never taken into memory: a change of one says where its content lies. In bytes.
pub const LARGE_FILE: u64 = 64 * 1024 * 1024;

/// The net changes of a twin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TwinChanges {
    /// In order of their paths, each of which occurs once.
    pub files: Vec<TwinChange>,
    /// What was written and is no change to propose, in order of its paths.
    pub left_out: Vec<LeftOut>,
}

/// One file that is not what the task started from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwinChange {
    /// Absolute, in the workspace.
    pub path: PathBuf,
    /// What the task started from.
    pub base: TwinBase,
    /// What it is now; `None` when it is gone.
    pub after: Option<TwinFile>,
}

/// What a task started from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TwinBase {
    /// There was no file.
    Absent,
    /// This.
    Known(TwinFile),
    /// The user changed or removed the file while the task worked, and before anybody had kept what was there.
    Unknown,
}

/// A file at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwinFile {
    /// What is in it.
    pub content: TwinContent,
    /// Whether its owner may execute it. Of a link always false.
    pub is_executable: bool,
}

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TwinContent {
    /// The bytes of a regular file of at most [`LARGE_FILE`] bytes.
    Bytes(Arc<[u8]>),
    /// Where a symbolic link leads, as it is written in the link.
    Link(PathBuf),
    /// A larger file, which lies at `place`, below the twin's own folder, until the twin is discarded.
    Large {
        /// Absolute; to be read, not to be written.
        place: PathBuf,
        /// In bytes.
        size: u64,
    },
}

/// Something that was written or removed in a twin and is no change to propose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Absolute, in the workspace.
    pub path: PathBuf,
    /// Why, to follow "because": "it may hold secrets (built-in pattern `.env*`)".
    pub reason: String,
    /// Where its content lies, below the twin's own folder, if it is work that somebody may want and that goes with the twin.
    pub content: Option<PathBuf>,
}

/// What the rules of the workspace say of a file that was touched in a twin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its change belongs to the proposal.
    Included,
    /// It is ignored, like build output: no change, unless a tool was told to edit it (see [`super::Twin::keep_base`]).
    /// Said of a folder, it holds for everything below.
    Ignored,
    /// Its change may not be proposed, and the user is told the reason, worded as for [`LeftOut::reason`].
    /// Said of a folder, it holds for everything below.
    Refused(String),
}

/// Asked for the [`Verdict`] on a path of the workspace, absolute; the kind is what is there, or was before it was removed.
pub type Judge<'a> = dyn Fn(&std::path::Path, FileKind) -> Verdict + 'a;
