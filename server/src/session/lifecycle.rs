//! `initialize`, `initialized` and `shutdown`.

use std::path::PathBuf;

use tower_lsp_server::gen_lsp_types::{InitializeParams, InitializeResult};

use crate::lifeguard;
use crate::lsp::capabilities::{Client, initialize_result};
use crate::lsp::convert::folder_path;

use super::{Phase, Session};

impl Session {
    /// Takes in who the client is and which folders it has; learning starts at `initialized`.
    pub(super) fn initialize(&mut self, params: &InitializeParams) -> InitializeResult {
        self.client = Client::from_params(params);
        tracing::info!(client = ?params.client_info, facts = ?self.client, "initialize");
        if let Some(id) = params.process_id {
            lifeguard::watch(id, self.events.clone());
        }
        if let Some(options) = &params.initialization_options {
            self.editor_settings = options.clone();
        }
        for path in folders(params) {
            self.add_folder(&path);
        }
        self.load_settings();
        initialize_result(&self.client)
    }

    /// The client is ready for requests of ours.
    pub(super) fn initialized(&mut self) {
        self.ask_for_configuration();
        self.watch_files();
        self.learn();
        self.report_problems();
        self.push_status();
    }

    /// Stops the background work; documents stay until `exit`.
    pub(super) fn shut_down(&mut self) {
        self.phase = Phase::ShutDown;
        self.watcher = None;
        self.indexer.cancel();
    }
}

/// The folders: `workspaceFolders`, or `rootUri` from clients that know only that.
#[expect(
    deprecated,
    reason = "LSP 3.18 still lets clients send `rootUri` alone"
)]
fn folders(params: &InitializeParams) -> Vec<PathBuf> {
    let folders = serde_json::to_value(&params.workspace_folders_initialize_params)
        .ok()
        .and_then(|value| value.get("workspaceFolders").cloned())
        .and_then(|value| serde_json::from_value::<Vec<Folder>>(value).ok())
        .unwrap_or_default();
    if !folders.is_empty() {
        return folders
            .iter()
            .filter_map(|folder| crate::lsp::convert::file_path(&folder.uri))
            .collect();
    }
    params.root_uri.iter().filter_map(folder_path).collect()
}

#[derive(serde::Deserialize)]
struct Folder {
    uri: url::Url,
}
