//! What `bench lsp` measures, with the budgets of the design.

use super::super::figures::Row;

pub(super) const START: Row =
    Row::new("process start to initialize answered, p50 of 10 (ms)", "10");
pub(super) const DID_CHANGE_ONE_PLACE: Row =
    Row::new("one didChange on a 1 MB file, line after line (ms)", "0.05");
pub(super) const DID_CHANGE_ALL_OVER: Row = Row::new(
    "one didChange on a 1 MB file, a line here and there (ms)",
    "0.05",
);
pub(super) const SUGGESTION_SMALL: Row = Row::new(
    "suggestion while typing, 10 KB file, p50 / p99 (ms)",
    "2 / 10",
);
pub(super) const SUGGESTION_LARGE: Row = Row::new(
    "suggestion while typing, 1 MB file, p50 / p99 (ms)",
    "2 / 10",
);
pub(super) const OFFERED: Row = Row::new("places where something was offered (%)", "");
pub(super) const MEMORY_IDLE: Row = Row::new("memory, idle (MB)", "15");
pub(super) const MEMORY_1: Row = Row::new("memory, 1 MB document open (MB)", "");
pub(super) const MEMORY_10: Row = Row::new("memory, 10 MB document open (MB)", "60");
pub(super) const MEMORY_LEARNED: Row =
    Row::new("memory, 6 MB workspace and 1 MB document (MB)", "");
pub(super) const BINARY: Row = Row::new("size of the binary (MB)", "50");

/// All, in the order of the table.
pub(super) const ALL: &[Row] = &[
    START,
    DID_CHANGE_ONE_PLACE,
    DID_CHANGE_ALL_OVER,
    SUGGESTION_SMALL,
    SUGGESTION_LARGE,
    OFFERED,
    MEMORY_IDLE,
    MEMORY_1,
    MEMORY_10,
    MEMORY_LEARNED,
    BINARY,
];
