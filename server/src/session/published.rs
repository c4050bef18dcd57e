//! The one place that publishes diagnostics: collects what every part of the session has to say about a document.
//!
//! Publishing waits a moment, so that a word that is typed costs one message. A document that is closed keeps its
//! diagnostics, and one that was never open can have some.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustc_hash::FxHashSet;
use tower_lsp_server::gen_lsp_types::{
    CodeLensRefreshRequest, PublishDiagnosticsNotification, PublishDiagnosticsParams,
};

use crate::lsp::convert::document_uri;
use crate::timer::Alarm;

use super::Session;

/// So long after a change its diagnostics are published.
const DELAY: Duration = Duration::from_millis(80);

/// What was published, and what is to be.
#[derive(Debug, Default)]
pub(super) struct Published {
    /// Documents that the client shows diagnostics of ours for.
    shown: FxHashSet<PathBuf>,
    /// Documents of which something is different; while there are some, an alarm is set.
    changed: FxHashSet<PathBuf>,
}

impl Session {
    /// Has the diagnostics of a document published soon. Each part of the session that has some is asked then.
    pub(super) fn publish_diagnostics(&mut self, path: &Path) {
        if self.published.changed.is_empty() {
            self.timer.after(DELAY, Alarm::Publish);
        }
        if !self.published.changed.contains(path) {
            self.published.changed.insert(path.to_path_buf());
        }
    }

    /// The moment has passed.
    pub(super) fn publish_changed(&mut self) {
        for path in std::mem::take(&mut self.published.changed) {
            self.publish_now(path);
        }
        if self.client.refreshes_lenses {
            self.outbox.request::<CodeLensRefreshRequest>(&(), |_| ());
        }
    }

    fn publish_now(&mut self, path: PathBuf) {
        let Some(uri) = document_uri(&path) else {
            return;
        };
        let document = self.workspace.documents().get(&path);
        let version = document.map(|document| document.version);
        self.report_hunks(&path, version);
        let mut diagnostics = self.conflict_diagnostics(&path);
        diagnostics.extend(self.review_diagnostics(&path));
        diagnostics.extend(self.finding_diagnostics(&path));
        let was_shown = match diagnostics.is_empty() {
            true => self.published.shown.remove(&path),
            false => !self.published.shown.insert(path),
        };
        if diagnostics.is_empty() && !was_shown {
            return;
        }
        let params = PublishDiagnosticsParams {
            uri,
            version: version.filter(|_| self.client.versions_diagnostics),
            diagnostics,
        };
        self.outbox
            .notify::<PublishDiagnosticsNotification>(&params);
    }
}
