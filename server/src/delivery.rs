//! Changes that the server wants to see in the editor: files and documents with the text that they shall have.
//!
//! Plain data. Who wants a change (a landing, an undo, a restored checkpoint, a chat) hands a [`Delivery`] to the session
//! (`session/deliveries.rs`), which makes an edit of it, has the client apply it, believes only what it sees, and
//! says what came of it. Nothing is merged here: a document that moved on meanwhile makes the delivery stale.

pub(crate) mod abilities;
pub(crate) mod expectation;
pub(crate) mod inspection;
pub(crate) mod on_disk;
pub(crate) mod progress;
pub(crate) mod route;
mod text_edits;
pub(crate) mod under_way;
pub(crate) mod workspace_edit;

use std::path::{Path, PathBuf};

use changes::{Base, ChangeSource, Content, FileChange, FileState};
use text::Text;

use crate::tasks::TaskId;

/// A change to bring about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// What the editor's undo list and preview call it.
    pub(crate) label: String,
    /// Who wants it, and is told of the outcome.
    pub(crate) purpose: Purpose,
    /// Whether the editor's own preview is to ask first, where it has one.
    pub(crate) confirmation: Confirmation,
    /// Whose work it is that appears; `None` where it is not a task's, such as what the user takes back.
    pub(crate) source: Option<ChangeSource>,
    /// One entry a file.
    pub(crate) files: Vec<DeliveredFile>,
}

/// What a file shall become. What it is before is what the delivery was made for: if it is something else by then, nothing
/// is changed at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeliveredFile {
    /// Absolute. Where it is after the change; of a deleted file, where it was.
    pub(crate) path: PathBuf,
    /// Where it was before, absolute, if it is renamed.
    pub(crate) renamed_from: Option<PathBuf>,
    /// What there is now, in the open document or else on disk; `None` for nothing.
    pub(crate) before: Option<FileState>,
    /// What there shall be; `None` for nothing.
    pub(crate) after: Option<FileState>,
}

/// Whether the user is asked by the editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Confirmation {
    /// No.
    Unasked,
    /// Yes, through annotations that need confirmation.
    Asked,
}

/// Who wants a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A proposal lands; the number is the landing's.
    Landing(TaskId),
    /// Hunks of the ledger are undone, or undone hunks come back.
    Review,
    /// A checkpoint is restored.
    Restore(u64),
    /// The conflict with this number is decided.
    Conflict(u64),
    /// The inline edit with this number takes its place.
    InlineEdit(u32),
}

/// What came of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All files are as they should be, as far as the mirror and the disk show.
    Delivered,
    /// Nothing was changed, because these are not what the delivery was made for any more. It can be made anew.
    Stale(Vec<PathBuf>),
    /// Nothing was changed: the client or the user said no, with the reason where there is one.
    Refused(String),
    /// Some files are as they should be, others are not.
    Partly {
        /// Those that are.
        delivered: Vec<PathBuf>,
        /// Those that are not, with a reason each that follows the file's name.
        missing: Vec<(PathBuf, String)>,
    },
}

/// What the threads that work for a delivery tell the main loop.
#[derive(Debug)]
pub(crate) enum DeliveryEvent {
    /// What is on disk before anything is changed.
    Inspected(inspection::Inspection),
    /// What is on disk since the client was asked.
    Looked(inspection::Inspection),
    /// What no client can do was written on disk, or why not.
    Written(Result<(), String>),
}

impl Delivery {
    /// Every path that it is about, before and after.
    pub(crate) fn paths(&self) -> Vec<&Path> {
        let paths = self.files.iter().flat_map(|file| {
            let before = file.renamed_from.as_deref();
            before.into_iter().chain([file.path.as_path()])
        });
        paths.collect()
    }
}

impl DeliveredFile {
    /// Where the file is before the change.
    pub(crate) fn source(&self) -> &Path {
        self.renamed_from.as_deref().unwrap_or(&self.path)
    }
}

/// A text as the state of a file. Whether it may be executed is no affair of a text.
pub(crate) fn file_state(text: &Text) -> FileState {
    FileState {
        content: Content::Bytes(text.to_string().into_bytes().into()),
        is_executable: false,
    }
}

/// What a file was and is, once a change is made.
pub(crate) fn file_states(change: &FileChange) -> (Option<FileState>, Option<FileState>) {
    let before = match &change.base {
        Base::Known(state) => Some(state.clone()),
        Base::Absent | Base::Unknown => None,
    };
    (before, change.after.clone())
}
