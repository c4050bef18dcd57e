//! `initialize`, `initialized` and `shutdown`.

use serde_json::Value;
use tower_lsp_server::gen_lsp_types::InitializeResult;

use crate::lifeguard;
use crate::lsp::capabilities::{Client, initialize_result, workspace_folders};

use super::{Phase, Session};

impl Session {
    /// Takes in who the client is and which folders it has; learning starts at `initialized`.
    pub(super) fn initialize(&mut self, params: &Value) -> InitializeResult {
        self.client = Client::from_params(params);
        tracing::info!(client = %params["clientInfo"], facts = ?self.client, "initialize");
        let parent = params["processId"].as_i64();
        if let Some(id) = parent.and_then(|id| i32::try_from(id).ok()) {
            lifeguard::watch(id, self.events.clone());
        }
        if params["initializationOptions"].is_object() {
            self.editor_settings.initial = params["initializationOptions"].clone();
        }
        for path in workspace_folders(params) {
            self.add_folder(&path);
        }
        self.load_settings();
        initialize_result(&self.client)
    }

    /// The client is ready for requests of ours.
    pub(super) fn initialized(&mut self) {
        self.ask_for_configuration();
        self.watch_files();
        self.restore_ledger();
        self.learn();
        self.restore_conflicts();
        self.look_for_left_tasks();
        self.report_problems();
        self.push_status();
    }

    /// Stops the background work; documents stay until `exit`.
    pub(super) fn shut_down(&mut self) {
        self.phase = Phase::ShutDown;
        self.tasks.leave();
        self.watcher = None;
        self.save_ledger();
        self.indexer.cancel();
    }
}
