//! `ropewalk/viewDocument`: the text of an open document as the server has it, for bug reports and for the tests of the mirror.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Message;

/// The request `ropewalk/viewDocument`.
pub enum ViewDocumentRequest {}

impl Message for ViewDocumentRequest {
    const METHOD: &'static str = "ropewalk/viewDocument";
    type Params = ViewDocumentParams;
    type Result = ViewDocumentResult;
}

/// Which document to show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ViewDocumentParams {
    /// The document's URI as the client opened it.
    pub uri: String,
}

/// The document as the server has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ViewDocumentResult {
    /// The version of the last change that arrived.
    pub version: i32,
    /// The LSP language id.
    pub language_id: String,
    /// The whole text.
    pub text: String,
    /// Whether there is a syntax tree; `false` for languages without a grammar and for files that are too large.
    pub has_syntax_tree: bool,
}
