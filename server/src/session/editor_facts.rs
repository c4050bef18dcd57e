//! What the main loop knows of the editor's state, gathered for tasks: cheap copies only.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::tasks::Target;
use crate::tasks::editor_context::EditorFacts;
use crate::tasks::reported::ReportedDiagnostics;

use super::Session;
use super::code_actions::ActionPlace;

impl Session {
    /// Requests for code actions tell where the user is, and what other servers report there.
    pub(super) fn note_place(&mut self, place: &ActionPlace) {
        self.last_place = Some((place.path.clone(), place.range.clone()));
        let text = &place.document.text;
        let line = |offset| u32::try_from(text.line_of(offset)).unwrap_or(u32::MAX);
        let lines = (line(place.range.start), line(place.range.end));
        let shown = &place.context.diagnostics;
        self.reported_diagnostics
            .seen(&place.path, text, lines, shown, self.client.encoding);
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
        path.is_absolute() && self.why_hidden(path).is_none() && !self.out_of_step.contains(path)
    }
}
