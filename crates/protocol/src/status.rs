//! `ropewalk/status`: what the server is doing and why it may be silent.
//!
//! Asked for by a request, and pushed as `ropewalk/didChangeStatus` to clients that announce `experimental.ropewalk`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Message;

/// The request `ropewalk/status`, without parameters.
pub enum StatusRequest {}

impl Message for StatusRequest {
    const METHOD: &'static str = "ropewalk/status";
    type Params = ();
    type Result = StatusReport;
}

/// The notification `ropewalk/didChangeStatus`, sent when the report changed in a way worth showing.
pub enum StatusNotification {}

impl Message for StatusNotification {
    const METHOD: &'static str = "ropewalk/didChangeStatus";
    type Params = StatusReport;
    type Result = ();
}

/// Everything a status bar, `:checkhealth` or a bug report wants to know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct StatusReport {
    /// The server's version.
    pub version: String,
    /// One short line for a status bar.
    pub message: String,
    /// The engine that answers tab-completion.
    pub engine: EngineReport,
    /// How far learning from the workspace has come.
    pub learning: LearningReport,
    /// The workspace folders, in the client's order.
    pub folders: Vec<FolderReport>,
    /// The number of open documents.
    pub documents: usize,
    /// What became of the newest suggestion request, if there was one.
    pub last_suggestion: Option<SuggestionReport>,
    /// What is wrong and what to do about it, a sentence each; empty when all is well.
    pub problems: Vec<String>,
    /// The log file, where there is one.
    pub log_file: Option<String>,
}

/// The engine in use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct EngineReport {
    /// `embedded`: the engine in the process that needs no model.
    pub name: String,
    /// Whether suggestions are to be expected.
    pub state: EngineState,
}

/// Whether the engine offers suggestions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum EngineState {
    /// Switched off by a setting.
    Disabled,
    /// Answers from the open documents while it still learns from the workspace.
    Learning,
    /// Has learned from the whole workspace, up to the configured size.
    Ready,
}

/// What was learned from the files of the workspace.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct LearningReport {
    /// Files in the index that is in use.
    pub files: usize,
    /// Their size in bytes.
    pub source_bytes: u64,
    /// The memory that the index takes, in bytes.
    pub memory_bytes: u64,
    /// Files that the size limit of the index left out.
    pub skipped_files: usize,
    /// While it learns: done, in percent of the files to read.
    pub percentage: Option<u32>,
}

/// A folder of the workspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FolderReport {
    /// The folder's path.
    pub path: String,
    /// Whether its own `.ropewalk/` configuration counts.
    pub trusted: bool,
    /// Where changes of files are heard of: `client`, `server` or `none`.
    pub watched_by: String,
}

/// What became of a suggestion request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SuggestionReport {
    /// Whether something was offered.
    pub offered: bool,
    /// Why nothing was offered, as a sentence.
    pub reason: Option<String>,
    /// The engine's confidence that the suggestion is right, 0 to 1.
    pub confidence: Option<f32>,
    /// From the request's arrival to its answer, in microseconds.
    pub microseconds: u64,
}
