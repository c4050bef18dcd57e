//! Threads and what they have changed: `ropewalk/threads`, `ropewalk/proposal`, `ropewalk/didChangeHunks`,
//! `ropewalk/didChangeDiagnostics`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{FileChangeReport, Message};

/// The request `ropewalk/threads`, without parameters: the threads of the workspace's folders, the newest first.
pub enum ThreadsRequest {}

impl Message for ThreadsRequest {
    const METHOD: &'static str = "ropewalk/threads";
    type Params = ();
    type Result = Vec<ThreadReport>;
}

/// A thread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ThreadReport {
    /// Its id, as `ropewalk.chat` and `ropewalk exec --resume` take it.
    pub thread: String,
    /// What it is about, in a line.
    pub title: Option<String>,
    /// Where it works, absolute.
    pub cwd: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// When it was last written, in RFC 3339.
    pub updated: String,
    /// Why it cannot be opened, if so.
    pub problem: Option<String>,
}

/// The request `ropewalk/proposal`: what a task proposes and has not been applied or discarded.
pub enum ProposalRequest {}

impl Message for ProposalRequest {
    const METHOD: &'static str = "ropewalk/proposal";
    type Params = ProposalParams;
    type Result = ProposalReport;
}

/// Which proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ProposalParams {
    /// The task's number.
    pub task: u32,
}

/// A proposal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ProposalReport {
    /// The changed files; none when nothing waits.
    pub files: Vec<FileChangeReport>,
}

/// The notification `ropewalk/didChangeHunks`: the hunks of a document that nobody has judged are others now.
pub enum HunksNotification {}

impl Message for HunksNotification {
    const METHOD: &'static str = "ropewalk/didChangeHunks";
    type Params = HunksReport;
    type Result = ();
}

/// A document's hunks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct HunksReport {
    /// The document.
    pub uri: String,
    /// The version that the lines are of; nothing for a file that is not open.
    pub version: Option<i32>,
    /// In order; none when all are judged.
    pub hunks: Vec<HunkReport>,
}

/// A hunk: lines in the place of others. Lines count from zero, the ends are excluded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct HunkReport {
    /// Its number, as the commands of the review take it.
    pub hunk: u64,
    /// The first line in the document.
    pub start_line: u32,
    /// The line after the last; the same for a deletion.
    pub end_line: u32,
    /// What stood there.
    pub removed: String,
    /// What the change was for.
    pub title: String,
}

/// The notification `ropewalk/didChangeDiagnostics`, from the client: all diagnostics that other servers report on a
/// document, as it shows them.
pub enum DiagnosticsNotification {}

impl Message for DiagnosticsNotification {
    const METHOD: &'static str = "ropewalk/didChangeDiagnostics";
    type Params = DiagnosticsParams;
    type Result = ();
}

/// A document's diagnostics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct DiagnosticsParams {
    /// The document.
    pub uri: String,
    /// As LSP has them.
    #[cfg_attr(test, ts(type = "unknown[]"))]
    pub diagnostics: Vec<Value>,
}
