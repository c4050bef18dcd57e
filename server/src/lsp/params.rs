//! Parameters of the messages whose official types are too strict or lack something that clients send.
//!
//! Decoded by the backend. A wrong range must be an error here: the official untagged type for content changes
//! takes a partial change with a broken range for a full one, which would replace the document.

use serde::Deserialize;
use serde_json::Value;
use tower_lsp_server::gen_lsp_types::{Position, Range};
use url::Url;

/// `textDocument/didOpen`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DidOpen {
    pub(crate) text_document: OpenedDocument,
}

/// The document that was opened.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenedDocument {
    pub(crate) uri: Url,
    pub(crate) language_id: Option<String>,
    pub(crate) version: Option<i32>,
    pub(crate) text: String,
}

/// `textDocument/didChange`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DidChange {
    pub(crate) text_document: Identifier,
    pub(crate) content_changes: Vec<Change>,
}

/// One change; without a range it is the full text.
#[derive(Debug, Deserialize)]
pub(crate) struct Change {
    pub(crate) range: Option<Range>,
    pub(crate) text: String,
}

/// `textDocument/didClose`, `textDocument/didSave`, and requests that speak of a document as a whole.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Named {
    pub(crate) text_document: Identifier,
}

/// A document and, where the client says it, the version that it speaks of.
#[derive(Debug, Deserialize)]
pub(crate) struct Identifier {
    pub(crate) uri: Url,
    #[serde(default)]
    pub(crate) version: Option<i32>,
}

/// `textDocument/inlineCompletion` and `textDocument/completion`.
///
/// The context is left aside: its trigger kinds are 1 and 2 in LSP 3.18 and were 0 and 1 before.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SuggestionParams {
    /// Copilot's clients add the version, which the specification has not.
    pub(crate) text_document: Identifier,
    pub(crate) position: Position,
}

/// `workspace/didChangeWatchedFiles`.
#[derive(Debug, Deserialize)]
pub(crate) struct DidChangeWatchedFiles {
    pub(crate) changes: Vec<WatchedChange>,
}

/// A changed file; kinds as LSP numbers them: 1 created, 2 changed, 3 deleted.
#[derive(Debug, Deserialize)]
pub(crate) struct WatchedChange {
    pub(crate) uri: Url,
    #[serde(rename = "type")]
    pub(crate) kind: u32,
}

/// `workspace/didChangeConfiguration`.
#[derive(Debug, Deserialize)]
pub(crate) struct DidChangeConfiguration {
    #[serde(default)]
    pub(crate) settings: serde_json::Value,
}

/// `textDocument/codeAction`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CodeActionParams {
    pub(crate) text_document: Identifier,
    pub(crate) range: Range,
    #[serde(default)]
    pub(crate) context: CodeActionContext,
}

/// What the client says around a request for code actions.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct CodeActionContext {
    /// As they came: those of other servers have whatever these put in.
    #[serde(default)]
    pub(crate) diagnostics: Vec<Value>,
    /// The kinds that are wanted; all of them without.
    #[serde(default)]
    pub(crate) only: Option<Vec<String>>,
}

/// `workspace/executeCommand`
#[derive(Debug, Deserialize)]
pub(crate) struct ExecuteCommandParams {
    pub(crate) command: String,
    #[serde(default)]
    pub(crate) arguments: Vec<Value>,
}

/// `window/workDoneProgress/cancel`
#[derive(Debug, Deserialize)]
pub(crate) struct ProgressCancel {
    pub(crate) token: Value,
}
