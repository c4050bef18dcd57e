//! What a task made of the workspace, waiting to be judged: proposals, their files and hunks.
//!
//! Plain data and functions on it, no IO: whoever has a twin makes a [`Proposal`], whoever applies it asks here what it
//! comes down to.

mod file_state;
mod hunks;
mod merge;
mod names;
mod proposal;
mod renames;
mod summary;
mod text_diff;
mod unified_diff;

pub use file_state::{Content, FileState};
pub use hunks::Hunk;
pub use merge::{Conflict, ConflictReason, Merged};
pub use proposal::{Base, ChangeKind, FileChange, Proposal};
pub use summary::{Extent, FileSummary, LineCounts, Summary};
pub use text_diff::text_diff;

#[cfg(test)]
mod random;
