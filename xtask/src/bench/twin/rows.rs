//! What `bench twin` measures, with the budgets of the design.

use super::super::figures::Row;

pub(super) const READ: Row = Row::new(
    "50 000 files apart from the user's, ready for the first read, p50 (ms)",
    "30",
);
pub(super) const COMMAND: Row = Row::new("the same, until a first `true` has ended, p50 (ms)", "");
pub(super) const TRUE: Row = Row::new("one confined `true`, p50 / p99 of 200 (ms)", "4");
pub(super) const DISK: Row = Row::new("disk that it takes before work begins (MB)", "");
pub(super) const CONFINED: Row = Row::new("memory of a task's confined process (MB)", "");
pub(super) const EIGHT_IN_ONE: Row = Row::new("memory of 8 tasks in one program (MB)", "60");
pub(super) const EIGHT_PROGRAMS: Row =
    Row::new("memory of 8 `ropewalk exec` at work at once (MB)", "60");

/// All, in the order of the table.
pub(super) const ALL: &[Row] = &[
    READ,
    COMMAND,
    TRUE,
    DISK,
    CONFINED,
    EIGHT_IN_ONE,
    EIGHT_PROGRAMS,
];
