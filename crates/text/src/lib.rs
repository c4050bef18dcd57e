//! Document text: a rope with byte offsets, LSP lines and positions, changes that can be composed,
//! inverted and mapped through, line and word diff, and three-way merge.
//!
//! Every other crate speaks of text through these types. There is no IO here, nothing of LSP but its
//! rules for lines and positions, and no knowledge of languages.

mod change;
mod change_set;
mod diff;
mod merge;
mod position;
mod text;

pub use change::ContentChange;
pub use change_set::{Bias, ChangeSet, ChangeSetError, Edit, Operation};
pub use diff::{
    LineHunk, diff_lines, diff_lines_within, diff_words, line_hunks, line_hunks_within,
    newline_hunks,
};
pub use merge::{ConflictLabels, Merge, MergeRegion, RegionKind, merge, merge_within};
pub use position::{Position, PositionEncoding};
pub use text::Text;

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod random;
