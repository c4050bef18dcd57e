//! What the client is shown of the changes that wait: diagnostics, code lenses, `ropewalk/didChangeHunks`.

use std::ops::Range;
use std::path::Path;

use changes::{ChangeSource, FileStatus, HunkId, LedgerHunk, TrackedDocument};
use protocol::{HunkReport, HunksNotification, HunksReport, Message};
use serde_json::json;
use text::{PositionEncoding, Text};
use tower_lsp_server::gen_lsp_types::{Code, Diagnostic, DiagnosticSeverity};

use super::Session;
use crate::lsp::convert::{display, document_uri, lsp_range};

/// What the source of our diagnostics is called.
pub(in crate::session) const SOURCE: &str = "ropewalk";
/// The code of a diagnostic that stands for a change.
const CHANGE: &str = "change";

/// Something to be judged, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) id: HunkId,
    /// The lines of the text, counted from zero; at least one.
    pub(super) lines: Range<usize>,
    /// What changed, in a few words.
    pub(super) summary: String,
    pub(super) source: ChangeSource,
}

/// Everything that waits in a document, in its order.
pub(super) fn items(document: &TrackedDocument) -> Vec<Item> {
    let at_top = |id, summary: String, source: &ChangeSource| Item {
        id,
        lines: 0..1,
        summary,
        source: source.clone(),
    };
    let moved = document.moved().map(|moved| {
        let summary = format!("Renamed from {}", display(&moved.from));
        at_top(moved.id, summary, &moved.source)
    });
    let whole = document.bare_whole().map(|(id, source)| {
        let summary = match document.exists() {
            true => "New file",
            false => "Deleted file",
        };
        at_top(id, summary.into(), source)
    });
    let hunks = document.hunks().iter().map(|hunk| item(document, hunk));
    moved.into_iter().chain(whole).chain(hunks).collect()
}

fn item(document: &TrackedDocument, hunk: &LedgerHunk) -> Item {
    let lines = document.lines(hunk);
    let counts = match (lines.len(), document.removed_lines(hunk)) {
        (added, 0) => format!("+{added}"),
        (0, removed) => format!("−{removed}"),
        (added, removed) => format!("+{added} −{removed}"),
    };
    let summary = match document.status() {
        FileStatus::Created => format!("{counts} · New file"),
        FileStatus::Deleted => format!("{counts} · Deleted file"),
        FileStatus::Modified | FileStatus::Renamed => counts,
    };
    Item {
        id: hunk.id,
        lines: lines.start..lines.end.max(lines.start + 1),
        summary,
        source: hunk.source.as_ref().clone(),
    }
}

impl Item {
    pub(super) fn diagnostic(&self, text: &Text, encoding: PositionEncoding) -> Diagnostic {
        let bytes = text.line_start(self.lines.start)..text.line_end(self.lines.end - 1);
        Diagnostic {
            range: lsp_range(text, &bytes, encoding),
            severity: Some(DiagnosticSeverity::Information),
            code: Some(Code::String(CHANGE.into())),
            source: Some(SOURCE.into()),
            message: format!("{} · {}", self.summary, self.source.title).into(),
            data: Some(json!({ "hunk": self.id })),
            ..Diagnostic::default()
        }
    }
}

impl Session {
    /// The changes that wait in a document, as diagnostics.
    pub(in crate::session) fn review_diagnostics(&self, path: &Path) -> Vec<Diagnostic> {
        let Some(document) = self.review.ledger.document(path) else {
            return Vec::new();
        };
        let encoding = self.client.encoding;
        let items = items(document);
        let items = items.iter();
        items
            .map(|item| item.diagnostic(document.text(), encoding))
            .collect()
    }

    /// Tells a client that speaks `ropewalk/*` of the changes that wait in a document.
    pub(in crate::session) fn report_hunks(&self, path: &Path, version: Option<i32>) {
        if !self.client.is_rich {
            return;
        }
        let Some(uri) = document_uri(path) else {
            return;
        };
        let document = self.review.ledger.document(path);
        let reports = |document: &TrackedDocument| {
            let report = |hunk: &LedgerHunk| {
                let lines = document.lines(hunk);
                HunkReport {
                    hunk: hunk.id.0,
                    start_line: line_number(lines.start),
                    end_line: line_number(lines.end),
                    removed: document.removed(hunk).into_owned(),
                    title: hunk.source.title.clone(),
                }
            };
            document.hunks().iter().map(report).collect()
        };
        let report = HunksReport {
            uri: uri.to_string(),
            version,
            hunks: document.map(reports).unwrap_or_default(),
        };
        self.outbox
            .notify_method(HunksNotification::METHOD, &report);
    }
}

fn line_number(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}
