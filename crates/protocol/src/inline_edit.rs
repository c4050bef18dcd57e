//! `ropewalk/inlineEdit`: an inline edit as it grows, for editors that show the text before it is applied.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Message;

/// The notification `ropewalk/inlineEdit`, to clients that say `experimental.ropewalk.inlineEdit`.
pub enum InlineEditNotification {}

impl Message for InlineEditNotification {
    const METHOD: &'static str = "ropewalk/inlineEdit";
    type Params = InlineEditReport;
    type Result = ();
}

/// How an inline edit stands. The document changes by `workspace/applyEdit` only, once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct InlineEditReport {
    /// Its number, as the command that started it gave it and `ropewalk.inlineEdit.stop` takes it.
    pub edit: u32,
    /// The document.
    pub uri: String,
    /// The version that the range is of; nothing when the document is not open any more.
    pub version: Option<i32>,
    /// What is being replaced.
    pub range: Option<InlineEditRange>,
    /// The new text so far, as it will stand in the document.
    pub text: String,
    /// How far it is.
    pub state: InlineEditState,
    /// Why it came to nothing.
    pub message: Option<String>,
}

/// A range as LSP counts, in the encoding that was agreed upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct InlineEditRange {
    /// The first character.
    pub start: InlineEditPosition,
    /// The one after the last.
    pub end: InlineEditPosition,
}

/// A position as LSP counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct InlineEditPosition {
    /// Counted from zero.
    pub line: u32,
    /// Counted from zero.
    pub character: u32,
}

/// How far an inline edit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum InlineEditState {
    /// The model writes.
    Writing,
    /// The client is asked to apply it.
    Applying,
    /// It is in the document.
    Applied,
    /// The user has stopped it.
    Stopped,
    /// It came to nothing.
    Failed,
}
