//! What the main loop knows of the editor's state, gathered for tasks: cheap copies only.

use std::ops::Range;
use std::path::{Path, PathBuf};

use protocol::DiagnosticsParams;
use url::Url;

use crate::lsp::convert::document_path;
use crate::lsp::params::CodeActionContext;
use crate::tasks::Target;
use crate::tasks::editor_context::EditorFacts;
use crate::tasks::reported::ReportedDiagnostics;

use super::Session;
use super::code_actions::ActionPlace;

impl Session {
    /// Requests for code actions tell where the user is, and what other servers report there.
    pub(super) fn note_place(&mut self, place: &ActionPlace) {
        self.note_last_place(&place.path, place.range.clone());
        let text = &place.document.text;
        let line = |offset| u32::try_from(text.line_of(offset)).unwrap_or(u32::MAX);
        let lines = (line(place.range.start), line(place.range.end));
        let shown = &place.context.diagnostics;
        self.reported_diagnostics
            .seen(&place.path, text, lines, shown, self.client.encoding);
    }

    /// The user is here now, which in a chat says nothing about what the chat is about.
    pub(super) fn note_last_place(&mut self, path: &Path, range: Range<usize>) {
        if !self.is_chat(path) {
            self.last_place = Some((path.to_path_buf(), range));
        }
    }

    /// `ropewalk/didChangeDiagnostics`: some clients show each server its own diagnostics only, and tell those of others so.
    pub(super) fn diagnostics_told(&mut self, params: DiagnosticsParams) {
        let Ok(uri) = Url::parse(&params.uri) else {
            return;
        };
        let path = document_path(&uri);
        let document = self.workspace.documents().get(&path);
        let text = document.as_ref().map(|document| &document.text);
        let encoding = self.client.encoding;
        self.reported_diagnostics
            .told(&path, text, params.diagnostics, encoding);
    }

    /// What the client has told of these lines besides what it has put into the request: counted from zero, the end included.
    pub(super) fn add_told_diagnostics(
        &self,
        path: &Path,
        lines: (u32, u32),
        context: &mut CodeActionContext,
    ) {
        for told in self.reported_diagnostics.told_in(path, lines) {
            if !context.diagnostics.contains(&told) {
                context.diagnostics.push(told);
            }
        }
    }

    /// What the editor shows, for a task about `target`; else about where the user was last.
    pub(super) fn editor_facts(&self, target: Option<&Target>) -> EditorFacts {
        let of_target = target.map(|target| (target.path.clone(), target.range.clone()));
        let is_visible = |(path, _): &(PathBuf, Range<usize>)| self.is_told(path);
        EditorFacts {
            documents: self
                .workspace
                .documents()
                .all()
                .into_iter()
                .filter(|document| self.is_told(&document.path))
                .map(|document| (document.path.clone(), document.text.clone()))
                .collect(),
            active: of_target
                .or_else(|| self.last_place.clone())
                .filter(is_visible),
            diagnostics: self
                .reported_diagnostics
                .all()
                .into_iter()
                .filter(|diagnostic| self.is_told(&diagnostic.path))
                .collect(),
        }
    }

    /// What is reported, as the tool `diagnostics` asks for it.
    pub(super) fn diagnostics_source(&self) -> ReportedDiagnostics {
        self.reported_diagnostics.clone()
    }

    /// Secrets are told to nobody, and what is no file the agent cannot reach.
    fn is_told(&self, path: &Path) -> bool {
        path.is_absolute()
            && !self.is_chat(path)
            && self.why_hidden(path).is_none()
            && !self.out_of_step.contains(path)
    }
}
