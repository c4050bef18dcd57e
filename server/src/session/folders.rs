//! The workspace's folders: added and removed at any time.

use std::path::{Path, PathBuf};

use tower_lsp_server::gen_lsp_types::WorkspaceFoldersChangeEvent;

use crate::lsp::convert::folder_path;

use super::Session;

impl Session {
    /// Adds a folder; one that cannot be is a problem for the user to see, not the end of the session.
    pub(super) fn add_folder(&mut self, path: &Path) {
        if let Err(error) = self.workspace.add_folder(path) {
            self.status.add_problem(error.to_string());
        }
    }

    /// `workspace/didChangeWorkspaceFolders`
    pub(super) fn change_folders(&mut self, change: &WorkspaceFoldersChangeEvent) {
        for folder in &change.removed {
            if let Some(path) = folder_path(&folder.uri) {
                self.workspace.remove_folder(&path);
            }
        }
        for folder in &change.added {
            if let Some(path) = folder_path(&folder.uri) {
                self.add_folder(&path);
            }
        }
        self.reload_settings();
        self.reconsider_documents();
        self.watch_files();
        self.learn();
        self.push_status();
    }

    /// The folders' paths in the client's order.
    pub(super) fn folder_paths(&self) -> Vec<PathBuf> {
        self.workspace.folders()
    }
}
