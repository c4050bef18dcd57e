//! The ledger across restarts: taken up when the client is ready, kept a moment after each change and at the end.

use std::time::Duration;

use tower_lsp_server::gen_lsp_types::MessageType;

use super::Session;
use crate::config::paths::state_folder;
use crate::ledger_store::LedgerStore;
use crate::timer::Alarm;

/// So long after a change the ledger is written.
const DELAY: Duration = Duration::from_millis(200);

impl Session {
    /// Takes up what was not judged when the last server ended, and compares it with the files as they are.
    pub(in crate::session) fn restore_ledger(&mut self) {
        let folders = self.folder_paths();
        let opened =
            state_folder().map(|state| LedgerStore::open(&state, &folders, self.events.clone()));
        let (store, loaded) = match opened {
            Some(Ok(opened)) => opened,
            Some(Err(error)) => {
                self.ledger_problem(format!("What tasks have changed cannot be kept: {error}"));
                return;
            }
            None => return,
        };
        self.review.store = Some(store);
        self.review.ledger = loaded.ledger;
        for notice in loaded.notices {
            self.say(MessageType::Warning, notice);
        }
        self.look_at_restored();
    }

    /// Has the ledger written soon.
    pub(super) fn save_ledger_soon(&mut self) {
        if self.review.store.is_some() && !std::mem::replace(&mut self.review.is_save_due, true) {
            self.timer.after(DELAY, Alarm::SaveLedger);
        }
    }

    /// Has the ledger written, if there is anything new in it.
    pub(in crate::session) fn save_ledger(&mut self) {
        if !std::mem::take(&mut self.review.is_save_due) {
            return;
        }
        if let Some(store) = &self.review.store {
            store.save(&self.review.ledger);
        }
    }

    /// Writes the ledger and waits for it: nothing comes after this.
    pub(in crate::session) fn close_ledger(&mut self) {
        self.save_ledger();
        self.review.store = None;
    }

    /// The ledger cannot be kept.
    pub(in crate::session) fn ledger_problem(&mut self, problem: String) {
        self.status.add_problem(problem);
        self.push_status();
    }
}
