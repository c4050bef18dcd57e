//! Conflicts in the editor: warnings where the user and a task changed the same, decided by code action or command.
//!
//! The book of them (`landing/conflict_book.rs`) follows every change of a document, and is kept on disk. A decision that
//! changes a file is a landing like any other.

use std::ops::Range;
use std::path::{Path, PathBuf};

use changes::{Base, Content, FileChange, FileState, Proposal};
use serde_json::{Value, json};
use text::{ChangeSet, Text};
use tower_lsp_server::gen_lsp_types::{
    Code, CodeAction, CodeActionKind, Command, Diagnostic, DiagnosticSeverity, Message,
    MessageType, ShowDocumentParams, ShowDocumentRequest,
};
use tower_lsp_server::jsonrpc::{Error, Result};
use url::Url;

use crate::commands::{Decision, LandingCommand};
use crate::config::paths::state_folder;
use crate::delivery::Outcome;
use crate::landing::{Aim, ConflictHunk, Errand, LandingEvent, Planned, conflict_file, wording};
use crate::lsp::convert::lsp_range;

use super::Session;
use super::code_actions::ActionPlace;
use super::landing::UnderWay;

const SOURCE: &str = "ropewalk";
const CODE: &str = "conflict";

impl Session {
    /// What an earlier conversation has left to decide.
    pub(super) fn restore_conflicts(&mut self) {
        let folders = self.folder_paths();
        let Some(state_folder) = state_folder().filter(|_| !folders.is_empty()) else {
            return;
        };
        let path = conflict_file::path(&state_folder, &folders);
        self.landings.conflicts = conflict_file::read(&path, &folders);
        self.landings.conflict_file = Some((path, folders));
        let paths = self.landings.conflicts.paths();
        let paths: Vec<PathBuf> = paths.into_iter().map(Path::to_owned).collect();
        for path in paths {
            if let Some(document) = self.workspace.documents().get(&path) {
                self.landings.conflicts.anchor(&path, &document.text);
            }
            self.publish_diagnostics(&path);
        }
    }

    /// A document has changed, and what is to be decided in it is elsewhere now.
    pub(super) fn carry_conflicts(&mut self, path: &Path, change: &ChangeSet, after: &Text) {
        self.landings.conflicts.carry(path, change, after);
    }

    /// A document was opened.
    pub(super) fn anchor_conflicts(&mut self, path: &Path, text: &Text) {
        self.landings.conflicts.anchor(path, text);
        if self.landings.conflicts.hunks(path).next().is_some() {
            self.publish_diagnostics(path);
        }
    }

    /// The conflicts of a document as diagnostics.
    pub(super) fn conflict_diagnostics(&self, path: &Path) -> Vec<Diagnostic> {
        let book = &self.landings.conflicts;
        let hunks = book.hunks(path).filter_map(|hunk| {
            let (_, text, _) = book.hunk(hunk.number)?;
            Some(self.diagnostic(text, &hunk.range, wording::hunk_message(hunk)))
        });
        let files = book.files().filter(|conflict| conflict.file.path == path);
        let files = files.map(|conflict| {
            let message = format!(
                "Conflict {}: {} {}.",
                conflict.number,
                self.short_name(path),
                wording::file_message(&conflict.file)
            );
            self.diagnostic(&Text::default(), &(0..0), message)
        });
        hunks.chain(files).collect()
    }

    /// How the conflicts at a place can be decided.
    pub(super) fn conflict_actions(&self, place: &ActionPlace) -> Vec<CodeAction> {
        let text = &place.document.text;
        let lines = text.line_of(place.range.start)..=text.line_of(place.range.end);
        let is_here = |range: &Range<usize>| {
            let last = range.end.saturating_sub(1).max(range.start);
            text.line_of(range.start) <= *lines.end() && *lines.start() <= text.line_of(last)
        };
        let book = &self.landings.conflicts;
        let hunks = book.hunks(&place.path).filter(|hunk| is_here(&hunk.range));
        let mut actions: Vec<CodeAction> = hunks.flat_map(hunk_actions).collect();
        let is_first_line = *lines.start() == 0;
        let files = book
            .files()
            .filter(|conflict| is_first_line && conflict.file.path == place.path);
        actions.extend(files.flat_map(|conflict| file_actions(conflict.number)));
        actions
    }

    /// The delivery of a decision is over.
    pub(super) fn decision_delivered(&mut self, number: u64, outcome: Outcome) {
        self.errand_delivered(Errand::Decision(number), outcome);
    }

    /// A decision is carried out, or could not be.
    pub(super) fn file_decided(&mut self, number: u64, planned: &Planned) {
        if planned.plan.refused.is_empty() {
            self.conflict_decided(number);
        } else {
            let left = wording::left_alone(&planned.plan.refused, |path| self.short_name(path));
            self.say(
                MessageType::Warning,
                format!("Conflict {number} is still to be decided:{left}"),
            );
        }
    }

    /// Conflicts came, went or are told anew in these documents.
    pub(super) fn conflicts_changed(&mut self, paths: &[PathBuf]) {
        for path in paths {
            self.publish_diagnostics(path);
        }
        self.tell_hidden_conflicts(paths);
        self.keep_conflicts();
    }

    /// Lists the conflicts, and shows them anew.
    pub(super) fn list_conflicts(&mut self) -> Value {
        let book = &self.landings.conflicts;
        let paths: Vec<PathBuf> = book.paths().into_iter().map(Path::to_owned).collect();
        for path in &paths {
            self.publish_diagnostics(path);
        }
        let book = &self.landings.conflicts;
        let hunks = paths
            .iter()
            .flat_map(|path| book.hunks(path).map(move |hunk| (path, hunk)));
        let hunks = hunks.filter_map(|(path, hunk)| {
            let (_, text, _) = book.hunk(hunk.number)?;
            let line = text.line_of(hunk.range.start) + 1;
            Some(json!({ "number": hunk.number, "path": path, "line": line, "task": hunk.source.title }))
        });
        let files = book.files().map(|conflict| {
            json!({
                "number": conflict.number,
                "path": conflict.file.path,
                "reason": wording::file_message(&conflict.file),
                "task": conflict.source.title,
            })
        });
        let list: Vec<Value> = hunks.chain(files).collect();
        let lines: Vec<String> = list.iter().map(|entry| self.list_line(entry)).collect();
        let told = match lines.is_empty() {
            true => "There are no conflicts.".to_owned(),
            false => format!(
                "{} to decide, with `ropewalk.conflict.task`, `.mine`, `.both` or `.show` and the number:\n{}",
                wording::count(lines.len(), "conflict"),
                lines.join("\n")
            ),
        };
        self.say(MessageType::Info, told);
        Value::Array(list)
    }

    /// Carries out what the user has decided.
    pub(super) fn decide_conflict(&mut self, number: u64, decision: Decision) -> Result<Value> {
        let errand = Errand::Decision(number);
        if self.is_under_way(errand) {
            return Err(Error::invalid_params(format!(
                "conflict {number} is being decided already"
            )));
        }
        let book = &self.landings.conflicts;
        let (title, aim) = match (book.hunk(number), book.file(number), decision) {
            (None, None, _) => return Err(no_conflict(number)),
            (_, _, Decision::Mine) => {
                self.conflict_decided(number);
                return Ok(Value::Null);
            }
            (Some((path, text, hunk)), _, decision) => {
                let proposal = decided(path, text, hunk, decision);
                (hunk.source.title.clone(), Aim::Apply(proposal))
            }
            (None, Some(conflict), Decision::Task) => (
                conflict.source.title.clone(),
                Aim::Take(conflict.file.clone()),
            ),
            (None, Some(_), Decision::Both) => {
                return Err(Error::invalid_params(format!(
                    "conflict {number} is about a whole file, of which there cannot be both; take the task's or keep yours"
                )));
            }
        };
        self.begin(
            errand,
            UnderWay::new(format!("{title} (conflict {number})"), aim),
        );
        Ok(Value::Null)
    }

    /// Shows both sides of a conflict.
    pub(super) fn show_conflict(&mut self, number: u64) -> Result<Value> {
        let book = &self.landings.conflicts;
        let name = format!("conflict-{number}.md");
        if let Some((path, text, hunk)) = book.hunk(number) {
            let yours = text.slice(hunk.range.clone()).into_owned();
            let (path, hunk) = (self.short_name(path), hunk.clone());
            self.write_text(name, move || {
                wording::hunk_sides(&path, &yours, &hunk).into_bytes()
            });
            return Ok(Value::Null);
        }
        let conflict = book.file(number).ok_or_else(|| no_conflict(number))?;
        let (file, path) = (conflict.file.clone(), self.short_name(&conflict.file.path));
        let open = self.workspace.documents().get(&conflict.file.path);
        let open = open.map(|document| document.text.clone());
        self.write_text(name, move || {
            let yours = match open {
                Some(text) => Some(text_state(text.to_string())),
                None => std::fs::read(&file.path).ok().map(bytes_state),
            };
            wording::file_sides(number, &path, yours.as_ref(), &file).into_bytes()
        });
        Ok(Value::Null)
    }

    /// Writes a text for the user on a thread, and shows it then.
    pub(super) fn write_text(&self, name: String, text: impl FnOnce() -> Vec<u8> + Send + 'static) {
        let Some(state_folder) = state_folder() else {
            let message = "There is no place for texts: set HOME or XDG_STATE_HOME.";
            return self.say(MessageType::Error, message.to_owned());
        };
        let path = state_folder.join("texts").join(name);
        self.aside_for_landing(move || {
            let written = conflict_file::write(&path, Some(&text()));
            let written = written.map_err(|error| error.to_string());
            LandingEvent::TextWritten(path, written)
        });
    }

    /// A text for the user is there.
    pub(super) fn show_written(&self, path: &Path, written: std::result::Result<(), String>) {
        let name = path.display();
        if let Err(error) = written {
            return self.say(
                MessageType::Error,
                format!("{name} cannot be written: {error}"),
            );
        }
        let uri = Url::from_file_path(path).ok();
        let uri = uri.and_then(|uri| uri.as_str().parse().ok());
        let (Some(uri), true) = (uri, self.client.shows_documents) else {
            return self.say(MessageType::Info, format!("It is in {name}."));
        };
        let params = ShowDocumentParams {
            uri,
            external: None,
            take_focus: Some(true),
            selection: None,
        };
        self.outbox
            .request::<ShowDocumentRequest>(&params, |answer| {
                if let Err(error) = answer {
                    tracing::warn!(%error, "the client does not show a document");
                }
            });
    }

    fn conflict_decided(&mut self, number: u64) {
        let path = self.landings.conflicts.remove(number);
        self.conflicts_changed(&Vec::from_iter(path));
    }

    fn diagnostic(&self, text: &Text, range: &Range<usize>, message: String) -> Diagnostic {
        Diagnostic {
            range: lsp_range(text, range, self.client.encoding),
            severity: Some(DiagnosticSeverity::Warning),
            code: Some(Code::String(CODE.to_owned())),
            source: Some(SOURCE.to_owned()),
            message: Message::String(message),
            ..Diagnostic::default()
        }
    }

    /// A file without a document has no place for a warning that every editor shows.
    fn tell_hidden_conflicts(&self, paths: &[PathBuf]) {
        let book = &self.landings.conflicts;
        let is_told = |path: &Path| paths.iter().any(|told| told == path);
        let is_open = |path: &Path| self.workspace.documents().get(path).is_some();
        for conflict in book.files() {
            let path = &conflict.file.path;
            if !is_told(path) || is_open(path) {
                continue;
            }
            let number = conflict.number;
            let message = format!(
                "{} {}. `ropewalk.conflict.task {number}` takes the task's version, `ropewalk.conflict.mine {number}` \
                 keeps yours, `ropewalk.conflict.show {number}` shows both.",
                self.short_name(path),
                wording::file_message(&conflict.file)
            );
            self.say(MessageType::Warning, message);
        }
    }

    fn list_line(&self, entry: &Value) -> String {
        let path = entry["path"].as_str().unwrap_or_default();
        let name = self.short_name(Path::new(path));
        match (entry["line"].as_u64(), entry["reason"].as_str()) {
            (Some(line), _) => format!("{}: {name}:{line}", entry["number"]),
            (None, reason) => format!("{}: {name} {}", entry["number"], reason.unwrap_or_default()),
        }
    }

    /// A few kilobytes, and only when a conflict comes or goes.
    fn keep_conflicts(&self) {
        let Some((path, folders)) = &self.landings.conflict_file else {
            return;
        };
        let bytes = conflict_file::bytes(&self.landings.conflicts, folders);
        if let Err(error) = conflict_file::write(path, bytes.as_deref()) {
            let message = format!(
                "{} cannot be written: {error}. Decide the conflicts before you leave.",
                path.display()
            );
            self.say(MessageType::Warning, message);
        }
    }
}

/// The change that a decision makes, from the text as it is.
fn decided(path: &Path, text: &Text, hunk: &ConflictHunk, decision: Decision) -> Proposal {
    let range = match decision {
        Decision::Task | Decision::Mine => hunk.range.clone(),
        Decision::Both => hunk.range.end..hunk.range.end,
    };
    let before = text.to_string();
    let needs_break = decision == Decision::Both
        && !hunk.range.is_empty()
        && !before[..range.start].ends_with(['\n', '\r']);
    let line_break = match (needs_break, before.contains("\r\n")) {
        (false, _) => "",
        (true, true) => "\r\n",
        (true, false) => "\n",
    };
    let after = [
        &before[..range.start],
        line_break,
        &hunk.proposed,
        &before[range.end..],
    ]
    .concat();
    Proposal {
        files: vec![FileChange {
            path: path.to_owned(),
            renamed_from: None,
            base: Base::Known(text_state(before)),
            after: Some(text_state(after)),
        }],
    }
}

fn text_state(text: String) -> FileState {
    bytes_state(text.into_bytes())
}

fn bytes_state(bytes: Vec<u8>) -> FileState {
    FileState {
        content: Content::Bytes(bytes.into()),
        is_executable: false,
    }
}

fn hunk_actions(hunk: &ConflictHunk) -> Vec<CodeAction> {
    let number = hunk.number;
    vec![
        decide("Use the task's version", number, Decision::Task),
        decide("Keep mine", number, Decision::Mine),
        decide("Keep both", number, Decision::Both),
        action("Show both", number, LandingCommand::SHOW),
    ]
}

fn file_actions(number: u64) -> Vec<CodeAction> {
    vec![
        decide("Use the task's version of the file", number, Decision::Task),
        decide("Keep my version of the file", number, Decision::Mine),
        action("Show both", number, LandingCommand::SHOW),
    ]
}

fn decide(title: &str, number: u64, decision: Decision) -> CodeAction {
    action(title, number, LandingCommand::name_of(decision))
}

fn action(title: &str, number: u64, command: &str) -> CodeAction {
    CodeAction {
        title: title.to_owned(),
        kind: Some(CodeActionKind::QuickFix),
        command: Some(Command {
            title: title.to_owned(),
            tooltip: None,
            command: command.to_owned(),
            arguments: Some(vec![json!(number)]),
        }),
        ..CodeAction::default()
    }
}

fn no_conflict(number: u64) -> Error {
    Error::invalid_params(format!(
        "there is no conflict {number}; `ropewalk.conflicts` lists them"
    ))
}
