//! What the client can do, as far as it concerns us, and what we tell it that we can do.
//!
//! Read once at `initialize`, from the JSON itself: the framework's type refuses all of it for one odd value, and then there
//! would be no server for that editor at all. Pure.

use std::path::PathBuf;

use serde_json::{Value, json};
use text::PositionEncoding;
use tower_lsp_server::gen_lsp_types::{
    ChangeNotifications, CodeActionKind, CodeActionOptions, CodeActionProvider, CodeLensOptions,
    CompletionOptions, DocumentLinkOptions, ExecuteCommandOptions, InitializeResult,
    InlineCompletionProvider, PositionEncodingKind, Save, SaveOptions, ServerCapabilities,
    ServerInfo, TextDocumentSync, TextDocumentSyncKind, TextDocumentSyncOptions,
    WorkDoneProgressOptions, WorkspaceFoldersServerCapabilities, WorkspaceOptions,
};

use url::Url;

use super::convert::file_path;
use crate::commands::Command;
use crate::delivery::abilities::EditAbilities;

/// Editors without inline completion ask for completion after these characters; words they ask for by themselves.
const TRIGGER_CHARACTERS: [&str; 12] =
    [" ", ".", "(", ":", "=", ",", "{", "[", "<", "\"", "/", "@"];

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
    /// Shows code lenses.
    pub(crate) has_lenses: bool,
    /// Asks for lenses again when told to.
    pub(crate) refreshes_lenses: bool,
    /// Takes diagnostics with the version that they are of.
    pub(crate) versions_diagnostics: bool,
    /// Has a preview of its own for edits that need confirmation.
    pub(crate) confirms_changes: bool,
    /// Speaks the `ropewalk/*` messages.
    pub(crate) is_rich: bool,
    /// Shows inline edits as they grow.
    pub(crate) shows_inline_edits: bool,
    /// Tells the user of a command that was refused. Helix only writes it into its log.
    pub(crate) shows_command_errors: bool,
    /// Shows documents that the server names.
    pub(crate) shows_documents: bool,
    /// Marks code actions that a model carries out.
    pub(crate) marks_model_actions: bool,
    /// What edits of ours it can apply.
    pub(crate) edits: EditAbilities,
}

impl Client {
    /// Reads the facts off the parameters of `initialize`; what is missing or of an odd shape counts as not offered.
    pub(crate) fn from_params(params: &Value) -> Self {
        let capabilities = &params["capabilities"];
        let has = |pointer: &str| capabilities.pointer(pointer).is_some_and(is_offered);
        Self {
            encoding: choose_encoding(&capabilities["general"]["positionEncodings"]),
            channel: if has("/textDocument/inlineCompletion") {
                SuggestionChannel::InlineCompletion
            } else {
                SuggestionChannel::Completion
            },
            has_configuration: has("/workspace/configuration"),
            watches_files: has("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            shows_progress: has("/window/workDoneProgress"),
            has_lenses: has("/textDocument/codeLens"),
            refreshes_lenses: has("/workspace/codeLens/refreshSupport"),
            versions_diagnostics: has("/textDocument/publishDiagnostics/versionSupport"),
            confirms_changes: has("/workspace/workspaceEdit/changeAnnotationSupport"),
            shows_documents: has("/window/showDocument/support"),
            is_rich: has("/experimental/ropewalk"),
            shows_inline_edits: has("/experimental/ropewalk/inlineEdit"),
            shows_command_errors: params["clientInfo"]["name"] != "helix",
            marks_model_actions: marks_model_actions(capabilities),
            edits: EditAbilities::from_params(params),
        }
    }
}

/// LSP 3.18, CodeActionTag: 1 is what a language model makes.
fn marks_model_actions(capabilities: &Value) -> bool {
    let known = capabilities.pointer("/textDocument/codeAction/tagSupport/valueSet");
    let mut known = known.and_then(Value::as_array).into_iter().flatten();
    known.any(|tag| *tag == 1)
}

impl Default for Client {
    fn default() -> Self {
        Self::from_params(&Value::Null)
    }
}

/// A capability is offered by `true` or by an object with its details.
fn is_offered(capability: &Value) -> bool {
    !matches!(capability, Value::Null | Value::Bool(false))
}

/// UTF-8 is what the rope counts in, so it is taken wherever it is offered; UTF-16 is always allowed.
fn choose_encoding(offered: &Value) -> PositionEncoding {
    let is_offered = |name: &str| {
        let mut names = offered.as_array().into_iter().flatten();
        names.any(|offered| offered == name)
    };
    if is_offered("utf-8") {
        PositionEncoding::Utf8
    } else if is_offered("utf-32") && !is_offered("utf-16") {
        PositionEncoding::Utf32
    } else {
        PositionEncoding::Utf16
    }
}

/// The folders in the order of LSP's preference: `workspaceFolders`, else `rootUri`, else `rootPath`.
pub(crate) fn workspace_folders(params: &Value) -> Vec<PathBuf> {
    let path_of = |uri: &Value| file_path(&Url::parse(uri.as_str()?).ok()?);
    let folders: Vec<PathBuf> = params["workspaceFolders"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|folder| path_of(&folder["uri"]))
        .collect();
    if !folders.is_empty() {
        return folders;
    }
    let root_path = || params["rootPath"].as_str().map(PathBuf::from);
    path_of(&params["rootUri"])
        .or_else(root_path)
        .filter(|path| path.is_absolute())
        .into_iter()
        .collect()
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
        code_action_provider: Some(CodeActionProvider::CodeActionOptions(CodeActionOptions {
            code_action_kinds: Some(vec![
                CodeActionKind::QuickFix,
                CodeActionKind::Refactor,
                CodeActionKind::RefactorRewrite,
                CodeActionKind::Source,
            ]),
            ..CodeActionOptions::default()
        })),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: Command::names(),
            ..ExecuteCommandOptions::default()
        }),
        code_lens_provider: client.has_lenses.then(CodeLensOptions::default),
        document_link_provider: Some(DocumentLinkOptions::default()),
        experimental: Some(json!({ "ropewalk": { "status": true, "tasks": true } })),
        ..ServerCapabilities::default()
    };
    match client.channel {
        SuggestionChannel::InlineCompletion => {
            capabilities.inline_completion_provider = Some(InlineCompletionProvider::Bool(true));
            // For mentions in chats; elsewhere there is nothing to be had this way.
            capabilities.completion_provider = Some(completion_options(&["@"]));
        }
        SuggestionChannel::Completion => {
            capabilities.completion_provider = Some(completion_options(&TRIGGER_CHARACTERS));
        }
    }
    capabilities
}

fn completion_options(trigger_characters: &[&str]) -> CompletionOptions {
    let characters = trigger_characters.iter().map(ToString::to_string);
    CompletionOptions {
        trigger_characters: Some(characters.collect()),
        work_done_progress_options: WorkDoneProgressOptions::default(),
        ..CompletionOptions::default()
    }
}
