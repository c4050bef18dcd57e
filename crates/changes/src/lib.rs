//! What a task made of the workspace, waiting to be judged: proposals before they are applied, and the ledger of what is
//! in the user's documents since.
//!
//! Plain data and functions on it, no IO: whoever has a twin makes a [`Proposal`], whoever applies it asks here what it
//! comes down to, and tells the [`Ledger`] what was seen of it.

mod file_state;
mod hunks;
mod ledger;
mod merge;
mod names;
mod proposal;
mod renames;
mod summary;
mod text_diff;
mod unified_diff;

pub use file_state::{Content, FileState};
pub use hunks::Hunk;
pub use ledger::{
    ChangeSource, FileStatus, HunkId, Ledger, LedgerHunk, Moved, StoredLedger, TrackedDocument,
    Undo,
};
pub use merge::{Conflict, ConflictReason, Merged};
pub use proposal::{Base, ChangeKind, FileChange, Proposal};
pub use summary::{Extent, FileSummary, LineCounts, Summary};
pub use text_diff::text_diff;

#[cfg(test)]
mod random;
