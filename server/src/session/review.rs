//! The review of what tasks have changed: the ledger's hunks as diagnostics, kept and undone by code action.

use std::path::Path;

use text::{ChangeSet, Text};
use tower_lsp_server::gen_lsp_types::CodeAction;

use crate::delivery::Outcome;

use super::Session;
use super::code_actions::ActionPlace;

impl Session {
    /// What can be done about hunks at a place.
    pub(super) fn review_actions(&self, place: &ActionPlace) -> Vec<CodeAction> {
        drop(place.path.clone());
        Vec::new()
    }

    /// The user has changed a document.
    pub(super) fn user_changed(&mut self, path: &Path, before: &Text, change: &ChangeSet) {
        let _ = (path, before, change);
    }

    /// A delivery for the review is over.
    pub(super) fn review_delivered(&mut self, outcome: Outcome) {
        drop(outcome);
    }
}
