//! What the client can do, as far as it concerns us, and what we tell it that we can do.
//!
//! Read once at `initialize`. Pure.

use serde_json::{Value, json};
use text::PositionEncoding;
use tower_lsp_server::gen_lsp_types::{
    ChangeNotifications, ClientCapabilities, CompletionOptions, InitializeParams, InitializeResult,
    InlineCompletionProvider, PositionEncodingKind, Save, SaveOptions, ServerCapabilities,
    ServerInfo, TextDocumentSync, TextDocumentSyncKind, TextDocumentSyncOptions,
    WorkDoneProgressOptions, WorkspaceFoldersServerCapabilities, WorkspaceOptions,
};

/// Editors without inline completion ask for completion after these characters; words they ask for by themselves.
const TRIGGER_CHARACTERS: [&str; 11] = [" ", ".", "(", ":", "=", ",", "{", "[", "<", "\"", "/"];

/// How suggestions reach the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SuggestionChannel {
    /// `textDocument/inlineCompletion`.
    InlineCompletion,
    /// `textDocument/completion`, because the client has no inline completion.
    Completion,
}

/// The facts about the client that we act upon.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) encoding: PositionEncoding,
    pub(crate) channel: SuggestionChannel,
    /// Asks for `workspace/configuration`.
    pub(crate) has_configuration: bool,
    /// Watches files for us when asked to by dynamic registration.
    pub(crate) watches_files: bool,
    /// Shows `$/progress`.
    pub(crate) shows_progress: bool,
    /// Speaks the `ropewalk/*` messages.
    pub(crate) is_rich: bool,
}

impl Client {
    /// Reads the facts off the parameters of `initialize`.
    pub(crate) fn from_params(params: &InitializeParams) -> Self {
        let capabilities = &params.capabilities;
        let workspace = capabilities.workspace.as_ref();
        let has_inline = capabilities
            .text_document
            .as_ref()
            .is_some_and(|document| document.inline_completion.is_some());
        Self {
            encoding: choose_encoding(capabilities),
            channel: if has_inline {
                SuggestionChannel::InlineCompletion
            } else {
                SuggestionChannel::Completion
            },
            has_configuration: workspace.is_some_and(|it| it.configuration == Some(true)),
            watches_files: workspace
                .and_then(|it| it.did_change_watched_files.as_ref())
                .is_some_and(|it| it.dynamic_registration == Some(true)),
            shows_progress: capabilities
                .window
                .as_ref()
                .is_some_and(|window| window.work_done_progress == Some(true)),
            is_rich: capabilities
                .experimental
                .as_ref()
                .and_then(|experimental| experimental.get("ropewalk"))
                .is_some_and(|ropewalk| !matches!(ropewalk, Value::Bool(false) | Value::Null)),
        }
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::from_params(&InitializeParams::default())
    }
}

/// UTF-8 is what the rope counts in, so it is taken wherever it is offered; UTF-16 is always allowed.
fn choose_encoding(capabilities: &ClientCapabilities) -> PositionEncoding {
    let offered = capabilities
        .general
        .as_ref()
        .and_then(|general| general.position_encodings.as_deref())
        .unwrap_or_default();
    if offered.contains(&PositionEncodingKind::UTF8) {
        PositionEncoding::Utf8
    } else if offered.contains(&PositionEncodingKind::UTF16) || offered.is_empty() {
        PositionEncoding::Utf16
    } else if offered.contains(&PositionEncodingKind::UTF32) {
        PositionEncoding::Utf32
    } else {
        PositionEncoding::Utf16
    }
}

/// The answer to `initialize`.
pub(crate) fn initialize_result(client: &Client) -> InitializeResult {
    InitializeResult {
        capabilities: server_capabilities(client),
        server_info: Some(ServerInfo {
            name: "ropewalk".into(),
            version: Some(env!("CARGO_PKG_VERSION").into()),
        }),
    }
}

fn server_capabilities(client: &Client) -> ServerCapabilities {
    let mut capabilities = ServerCapabilities {
        position_encoding: Some(match client.encoding {
            PositionEncoding::Utf8 => PositionEncodingKind::UTF8,
            PositionEncoding::Utf16 => PositionEncodingKind::UTF16,
            PositionEncoding::Utf32 => PositionEncodingKind::UTF32,
        }),
        text_document_sync: Some(TextDocumentSync::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::Incremental),
            save: Some(Save::SaveOptions(SaveOptions {
                include_text: Some(false),
            })),
            ..TextDocumentSyncOptions::default()
        })),
        workspace: Some(WorkspaceOptions {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(ChangeNotifications::Bool(true)),
            }),
            ..WorkspaceOptions::default()
        }),
        experimental: Some(json!({ "ropewalk": { "status": true } })),
        ..ServerCapabilities::default()
    };
    match client.channel {
        SuggestionChannel::InlineCompletion => {
            capabilities.inline_completion_provider = Some(InlineCompletionProvider::Bool(true));
        }
        SuggestionChannel::Completion => {
            capabilities.completion_provider = Some(CompletionOptions {
                trigger_characters: Some(TRIGGER_CHARACTERS.map(String::from).to_vec()),
                work_done_progress_options: WorkDoneProgressOptions::default(),
                ..CompletionOptions::default()
            });
        }
    }
    capabilities
}
