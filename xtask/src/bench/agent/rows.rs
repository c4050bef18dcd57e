//! What `bench agent` measures, with the budgets of the design, and what was measured of Codex.

use super::super::figures::{Column, Figure, Row};

pub(super) const START: Row = Row::new(
    "process start to the first request's last byte, p50 of 15 (ms)",
    "20",
);
pub(super) const START_WEBSOCKET: Row =
    Row::new("the same, with a WebSocket, p50 of 15 (ms)", "20");
pub(super) const STEP_HTTP: Row = Row::new("tool step, Responses over HTTP, p50 / p99 (ms)", "1");
pub(super) const STEP_WEBSOCKET: Row =
    Row::new("tool step, Responses over WebSocket, p50 / p99 (ms)", "1");
pub(super) const STEP_CHAT: Row = Row::new("tool step, Chat Completions, p50 / p99 (ms)", "1");
pub(super) const STEP_MESSAGES: Row = Row::new("tool step, Messages, p50 / p99 (ms)", "1");
pub(super) const PATCH_ADD: Row = Row::new("patch that adds a small file, p50 (ms)", "2");
pub(super) const PATCH_REPLACE: Row =
    Row::new("patch that replaces a line of a small file, p50 (ms)", "2");
pub(super) const COMMAND: Row = Row::new("command `true` in a twin, p50 (ms)", "4");
pub(super) const MEMORY_1: Row = Row::new("peak memory, 1 step (MB)", "");
pub(super) const MEMORY_100: Row = Row::new("peak memory, 100 steps (MB)", "");
pub(super) const BYTES_HTTP: Row = Row::new("sent per step of 20, Responses over HTTP (kB)", "");
pub(super) const BYTES_WEBSOCKET: Row =
    Row::new("sent per step of 20, Responses over WebSocket (kB)", "");
pub(super) const BINARY: Row = Row::new("size of the binary (MB)", "50");

/// All, in the order of the table.
pub(super) const ALL: &[Row] = &[
    START,
    START_WEBSOCKET,
    STEP_HTTP,
    STEP_WEBSOCKET,
    STEP_CHAT,
    STEP_MESSAGES,
    PATCH_ADD,
    PATCH_REPLACE,
    COMMAND,
    MEMORY_1,
    MEMORY_100,
    BYTES_HTTP,
    BYTES_WEBSOCKET,
    BINARY,
];

/// Codex 0.169.0, measured earlier with a model without latency on a machine of the same kind.
pub(super) fn codex() -> Column {
    let mut column = Column::new("Codex 0.169, earlier");
    column.figures = [
        (START, "136"),
        (STEP_HTTP, "22–24"),
        (STEP_WEBSOCKET, "6–8"),
        (PATCH_ADD, "56–116"),
        (COMMAND, "78–82"),
        (MEMORY_1, "145"),
        (MEMORY_100, "155–161 (20 steps)"),
        (BYTES_HTTP, "39–46"),
        (BYTES_WEBSOCKET, "10.9"),
        (BINARY, "294 + 70"),
    ]
    .map(|(row, words)| Figure::quoted(row, words))
    .into();
    column
}
