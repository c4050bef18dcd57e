//! The mirror of the open documents: opened, changed, closed, and handed on to the parser and the predictor.

use std::path::{Path, PathBuf};

use protocol::{ViewDocumentParams, ViewDocumentResult};
use text::Text;
use tower_lsp_server::jsonrpc::{Error, Result};
use url::Url;
use workspace::{Document, Exclusion, FileEvent, FileEventKind};

use crate::lsp::convert::{content_change, document_path};
use crate::lsp::params::{DidChange, DidOpen, Named};

use super::Session;

impl Session {
    /// `textDocument/didOpen`
    pub(super) fn open_document(&mut self, params: DidOpen) {
        let opened = params.text_document;
        let path = document_path(&opened.uri);
        let document = Document {
            path: path.clone(),
            text: Text::from(opened.text),
            version: opened.version.unwrap_or_default(),
            language_id: opened.language_id.unwrap_or_default(),
        };
        self.out_of_step.remove(&path);
        self.parser.open(&document);
        let text = document.text.clone();
        self.workspace.open_document(document);
        self.anchor_conflicts(&path, &text);
        self.place_findings(&path, &text);
        self.learn_from_document(&path);
        self.note_open(&path);
        self.review_opened(&path);
        self.focus_learning();
        self.chat_opened(&path);
    }

    /// `textDocument/didChange`: the rope at once, everything derived from it on a snapshot.
    pub(super) fn change_document(&mut self, params: DidChange) {
        let path = document_path(&params.text_document.uri);
        let Some(before) = self.workspace.documents().get(&path) else {
            tracing::warn!(path = %path.display(), "a change of a document that is not open is ignored");
            return;
        };
        let version = params.text_document.version.unwrap_or(before.version);
        if params
            .content_changes
            .iter()
            .any(|change| change.range.is_none())
        {
            self.out_of_step.remove(&path);
        }
        let old_text = before.text.clone();
        drop(before);
        let changes: Vec<_> = params
            .content_changes
            .into_iter()
            .map(content_change)
            .collect();
        let encoding = self.client.encoding;
        let Ok(change) = self
            .workspace
            .change_document(&path, version, &changes, encoding)
        else {
            return;
        };
        let Some(document) = self.workspace.documents().get(&path) else {
            return;
        };
        self.parser.change(&document, &change);
        let text = document.text.clone();
        drop(document);
        self.chat_changed(&path, &change);
        self.inline_edits.carry(&path, &change);
        self.note_change(&path, &old_text, &change);
        self.carry_conflicts(&path, &change, &text);
        self.carry_findings(&path, &change);
        self.predictor.change(&path, old_text, text, change);
    }

    /// A change was lost, and with it the certainty that this text is the editor's: nothing is offered on it until the
    /// editor sends the full text again.
    pub(super) fn lose_step(&mut self, uri: &Url) {
        let path = document_path(uri);
        if self.workspace.documents().get(&path).is_some() {
            self.out_of_step.insert(path);
        }
    }

    /// `textDocument/didSave`: a file changed, and nobody else may tell of it.
    pub(super) fn save_document(&mut self, params: &Named) {
        let path = document_path(&params.text_document.uri);
        let kind = FileEventKind::Changed;
        self.chat_saved(&path);
        self.files_changed_on_disk(&[FileEvent { path, kind }]);
    }

    /// `textDocument/didClose`: everything that was derived from the document goes with it.
    pub(super) fn close_document(&mut self, params: &Named) {
        let path = document_path(&params.text_document.uri);
        self.lift_findings(&path);
        self.workspace.close_document(&path);
        self.review_closed(&path);
        self.hidden.remove(&path);
        self.reported_diagnostics.forget(&path);
        self.out_of_step.remove(&path);
        self.parser.close(&path);
        self.predictor.close(&path);
        self.chat_closed(&path);
    }

    /// After a change of the exclusions: the predictor forgets what it may no longer see, and learns what it now may.
    pub(super) fn reconsider_documents(&mut self) {
        for document in self.workspace.documents().all() {
            self.predictor.close(&document.path);
            self.learn_from_document(&document.path);
        }
    }

    /// `ropewalk/viewDocument`
    pub(super) fn view_document(&self, params: &ViewDocumentParams) -> Result<ViewDocumentResult> {
        let path = Url::parse(&params.uri)
            .map_or_else(|_| PathBuf::from(&params.uri), |uri| document_path(&uri));
        let document = self
            .workspace
            .documents()
            .get(&path)
            .ok_or_else(|| not_open(&params.uri))?;
        Ok(ViewDocumentResult {
            version: document.version,
            language_id: document.language_id.clone(),
            text: document.text.to_string(),
            has_syntax_tree: self.parser.has_tree(&path),
        })
    }

    /// Secret files and files that the user keeps from us are mirrored for the editor's sake and learned from by nobody.
    fn learn_from_document(&mut self, path: &Path) {
        if let Some(reason) = self.find_reason_to_hide(path) {
            self.hidden.insert(path.to_path_buf(), reason);
            return;
        }
        self.hidden.remove(path);
        if let Some(document) = self.workspace.documents().get(path) {
            self.predictor.open(path, document.text.clone());
        }
    }

    /// A file that is merely ignored, or lies outside the folders, was opened on purpose; secrets stay secret.
    fn find_reason_to_hide(&mut self, path: &Path) -> Option<String> {
        let exclusion = self.workspace.snapshot().is_excluded(path)?;
        match exclusion {
            Exclusion::OutsideFolders | Exclusion::Ignored { .. } => None,
            exclusion => Some(exclusion.to_string()),
        }
    }
}

/// The answer to a request about a document that the client never opened, or has closed.
pub(super) fn not_open(uri: &str) -> Error {
    Error::invalid_params(format!(
        "{uri} is not open: send textDocument/didOpen first"
    ))
}
