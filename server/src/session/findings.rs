//! What reviews have found, shown as diagnostics with code actions: fix it, dismiss it, dismiss all.
//!
//! The board itself is `tasks/findings.rs`; diagnostics go out through `session/published.rs`.

use std::path::Path;

use agent::tools::report_findings::Finding;
use serde_json::{Value, json};
use text::{ChangeSet, PositionEncoding, Text};
use tower_lsp_server::gen_lsp_types::{
    Code, CodeAction, CodeActionKind, Command, Diagnostic, DiagnosticSeverity, Message, Position,
    Range,
};
use tower_lsp_server::jsonrpc::{Error, Result};

use crate::commands::FindingCommand;
use crate::commands::finding::{DISMISS, DISMISS_ALL, FIX};
use crate::lsp::convert::{display, lsp_range};
use crate::tasks::findings::ShownFinding;
use crate::tasks::problem::{OUR_SOURCE, Problem, shortened};
use crate::tasks::{TaskId, TaskKind};

use super::Session;
use super::code_actions::ActionPlace;

/// In characters.
const LONGEST_TITLE: usize = 72;

impl Session {
    /// A review has found something.
    pub(super) fn findings_reported(&mut self, task: TaskId, findings: Vec<Finding>) {
        tracing::debug!(%task, count = findings.len(), "a review has findings");
        for finding in findings {
            let path = finding.path.clone();
            let document = self.workspace.documents().get(&path);
            self.findings
                .add(finding, document.as_ref().map(|document| &document.text));
            self.publish_diagnostics(&path);
        }
    }

    /// A document was opened: what was found in its file has its places in it now.
    pub(super) fn place_findings(&mut self, path: &Path, text: &Text) {
        if !self.findings.of_file(path).is_empty() {
            self.findings.opened(path, text);
            self.publish_diagnostics(path);
        }
    }

    /// A document is about to be closed.
    pub(super) fn lift_findings(&mut self, path: &Path) {
        if let Some(document) = self.workspace.documents().get(path) {
            self.findings.closed(path, &document.text);
        }
    }

    /// A document has changed. Editors carry diagnostics along by themselves, so only those that are gone are told.
    pub(super) fn carry_findings(&mut self, path: &Path, change: &ChangeSet) {
        if self.findings.changed(path, change) {
            self.publish_diagnostics(path);
        }
    }

    /// What was found in a file, as its diagnostics.
    pub(super) fn finding_diagnostics(&self, path: &Path) -> Vec<Diagnostic> {
        let document = self.workspace.documents().get(path);
        let text = document.as_ref().map(|document| &document.text);
        let shown = self.findings.of_file(path).iter();
        shown
            .map(|shown| diagnostic(shown, text, self.client.encoding))
            .collect()
    }

    /// What can be done about findings at a place.
    pub(super) fn finding_actions(&self, place: &ActionPlace) -> Vec<CodeAction> {
        let text = &place.document.text;
        let lines = text.line_of(place.range.start)..=text.line_of(place.range.end);
        let is_there = |shown: &&ShownFinding| {
            shown.range.as_ref().is_some_and(|range| {
                text.line_of(range.start) <= *lines.end()
                    && *lines.start() <= text.line_of(range.end)
            })
        };
        let here = self.findings.of_file(&place.path).iter().filter(is_there);
        let here: Vec<&ShownFinding> = here.collect();
        let of_finding = |shown: &&ShownFinding| {
            let about = Some(vec![diagnostic(shown, Some(text), self.client.encoding)]);
            let action = |title: String, command: &str| CodeAction {
                diagnostics: about.clone(),
                ..action(title, command, vec![json!(shown.number)])
            };
            let title = &shown.finding.title;
            [
                action(format!("Fix this finding: {title}"), FIX),
                action(format!("Dismiss this finding: {title}"), DISMISS),
            ]
        };
        let mut actions: Vec<CodeAction> = here.iter().flat_map(of_finding).collect();
        if !actions.is_empty() && self.findings.all().len() > 1 {
            actions.push(action(
                "Dismiss all findings".into(),
                DISMISS_ALL,
                Vec::new(),
            ));
        }
        actions
    }

    /// Carries out a command about findings.
    pub(super) fn run_finding_command(&mut self, command: FindingCommand) -> Result<Value> {
        match command {
            FindingCommand::Fix(number) => self.fix_finding(number),
            FindingCommand::Dismiss(number) => {
                let dismissed = self.findings.dismiss(number);
                let dismissed = dismissed.ok_or_else(|| unknown(number))?;
                self.publish_diagnostics(&dismissed.finding.path);
                Ok(Value::Null)
            }
            FindingCommand::DismissAll => {
                for path in self.findings.dismiss_all() {
                    self.publish_diagnostics(&path);
                }
                Ok(Value::Null)
            }
            FindingCommand::List => Ok(self.list_findings()),
        }
    }

    fn fix_finding(&mut self, number: u32) -> Result<Value> {
        let mut all = self.findings.all().into_iter();
        let shown = all.find(|shown| shown.number == number);
        let shown = shown.cloned().ok_or_else(|| unknown(number))?;
        let Finding { path, line, .. } = &shown.finding;
        let document = self.workspace.documents().get(path);
        let range = document.as_ref().zip(shown.range.clone());
        let line = range.map_or(*line, |(document, range)| {
            document.text.line_of(range.start) + 1
        });
        let problem = Problem {
            message: told(&shown.finding),
            severity: shown.finding.severity,
            source: Some("a review".into()),
            code: None,
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: 1,
        };
        self.start_at(TaskKind::Fix, path, shown.range, vec![problem])
    }

    fn list_findings(&self) -> Value {
        let told = self.findings.all().into_iter().map(|shown| {
            json!({
                "finding": shown.number,
                "path": display(&shown.finding.path),
                "line": shown.finding.line,
                "title": shown.finding.title,
            })
        });
        told.collect()
    }
}

fn action(title: String, command: &str, arguments: Vec<Value>) -> CodeAction {
    let title = shortened(&title, LONGEST_TITLE);
    CodeAction {
        title: title.clone(),
        kind: Some(CodeActionKind::QuickFix),
        command: Some(Command {
            title,
            command: command.to_owned(),
            arguments: Some(arguments),
            ..Command::default()
        }),
        ..CodeAction::default()
    }
}

/// Findings are no errors of the code's own tools: editors count those, and stop at them.
fn diagnostic(shown: &ShownFinding, text: Option<&Text>, encoding: PositionEncoding) -> Diagnostic {
    let line = |line: usize| u32::try_from(line.saturating_sub(1)).unwrap_or(u32::MAX);
    let position = |line, character| Position { line, character };
    let range = match (text, &shown.range) {
        (Some(text), Some(range)) => lsp_range(text, range, encoding),
        // The end of a line that nobody has open is not known; the start of the next one is as good.
        _ => Range {
            start: position(line(shown.finding.line), 0),
            end: position(line(shown.finding.end_line) + 1, 0),
        },
    };
    Diagnostic {
        range,
        severity: Some(DiagnosticSeverity::Information),
        code: Some(Code::String("review".into())),
        source: Some(OUR_SOURCE.into()),
        message: Message::String(told(&shown.finding)),
        ..Diagnostic::default()
    }
}

/// All that a finding says.
fn told(finding: &Finding) -> String {
    let mut told = finding.title.clone();
    for more in [Some(&finding.explanation), finding.suggested_fix.as_ref()] {
        if let Some(more) = more.filter(|more| !more.is_empty()) {
            told.push_str("\n\n");
            told.push_str(more);
        }
    }
    told
}

fn unknown(number: u32) -> Error {
    Error::invalid_params(format!(
        "there is no finding {number} any more; `ropewalk.findings` lists them"
    ))
}
