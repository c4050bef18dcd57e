//! What `bench refactor` measures. The design has no budgets for it.

use super::super::figures::Row;

pub(super) const FILES: Row = Row::new("files in the repository", "");
pub(super) const CHANGED: Row = Row::new("files that were changed", "");
pub(super) const PLACES: Row = Row::new("places that were rewritten", "");
pub(super) const PROPOSED: Row = Row::new("command to the proposal (ms)", "");
pub(super) const FIRST_EDIT: Row = Row::new("command to the first edit request (ms)", "");
pub(super) const LANDED: Row = Row::new("command to all files changed (ms)", "");
pub(super) const MEMORY_BEFORE: Row = Row::new("memory before the command (MB)", "");
pub(super) const MEMORY: Row = Row::new("peak memory (MB)", "");

/// All, in the order of the table.
pub(super) const ALL: &[Row] = &[
    FILES,
    CHANGED,
    PLACES,
    PROPOSED,
    FIRST_EDIT,
    LANDED,
    MEMORY_BEFORE,
    MEMORY,
];
