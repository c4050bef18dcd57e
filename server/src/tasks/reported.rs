//! What other servers have reported in the editor, as far as it is known: written by the main loop, read by tools.
//!
//! Plain clients show diagnostics only in passing, with a request for code actions; rich clients tell all of them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent::tools::diagnostics::{Completeness, DiagnosticsSource, FileDiagnostics};
use agent::world::{Diagnostic, Severity};
use rustc_hash::FxHashMap;
use serde_json::Value;
use text::{Position, PositionEncoding, Text};

use super::editor_context::place;

/// Our own diagnostics are no news to the agent.
const OUR_SOURCE: &str = "ropewalk";

/// The newest reports of each file. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReportedDiagnostics(Arc<Mutex<FxHashMap<PathBuf, Reports>>>);

/// What is known of one file.
#[derive(Debug)]
struct Reports {
    file: FileDiagnostics,
    /// All of them as they came, where the client tells all.
    told: Vec<Value>,
}

impl ReportedDiagnostics {
    /// The client has shown these with a request for code actions on `lines` of the document: counted from zero, the end
    /// included. What it has shown of those lines before is void.
    pub(crate) fn seen(
        &self,
        path: &Path,
        text: &Text,
        lines: (u32, u32),
        shown: &[Value],
        encoding: PositionEncoding,
    ) {
        let mut files = self.files();
        let known = files.get(path);
        // Whoever tells all of them needs not be watched.
        let is_told = known.is_some_and(|known| known.file.completeness == Completeness::All);
        if is_told || shown.is_empty() && known.is_none() {
            return;
        }
        let known = known.map(|known| &known.file);
        let is_other_text = known.is_some_and(|file| file.text.as_ref() != Some(text));
        let kept = known
            .filter(|_| !is_other_text)
            .map(|file| file.diagnostics.clone());
        let mut diagnostics = kept.unwrap_or_default();
        diagnostics.retain(|known| {
            let line = known.place.line - 1;
            line < lines.0 || line > lines.1
        });
        for diagnostic in converted(path, text, shown, encoding) {
            if !diagnostics.contains(&diagnostic) {
                diagnostics.push(diagnostic);
            }
        }
        let report = FileDiagnostics {
            path: path.to_path_buf(),
            text: Some(text.clone()),
            completeness: Completeness::Some,
            diagnostics,
        };
        let told = Vec::new();
        files.insert(path.to_path_buf(), Reports { file: report, told });
    }

    /// The client has told all diagnostics of a file.
    pub(crate) fn told(
        &self,
        path: &Path,
        text: Option<&Text>,
        all: Vec<Value>,
        encoding: PositionEncoding,
    ) {
        let unknown = Text::default();
        let report = FileDiagnostics {
            path: path.to_path_buf(),
            text: text.cloned(),
            completeness: Completeness::All,
            diagnostics: converted(path, text.unwrap_or(&unknown), &all, encoding),
        };
        let mut told = all;
        told.retain(|diagnostic| diagnostic["source"] != OUR_SOURCE);
        let reports = Reports { file: report, told };
        self.files().insert(path.to_path_buf(), reports);
    }

    /// What the client has told of these lines, as it came: counted from zero, the end included.
    pub(crate) fn told_in(&self, path: &Path, lines: (u32, u32)) -> Vec<Value> {
        let line = |diagnostic: &Value, end: &str| {
            let line = diagnostic["range"][end]["line"].as_u64();
            line.and_then(|line| u32::try_from(line).ok())
        };
        let is_there = |diagnostic: &&Value| {
            let first = line(diagnostic, "start").unwrap_or(u32::MAX);
            let last = line(diagnostic, "end").unwrap_or(first);
            first <= lines.1 && last >= lines.0
        };
        let files = self.files();
        let told = files.get(path).map(|reports| reports.told.iter());
        told.into_iter()
            .flatten()
            .filter(is_there)
            .cloned()
            .collect()
    }

    /// The document was closed: nobody tells of its diagnostics any more.
    pub(crate) fn forget(&self, path: &Path) {
        self.files().remove(path);
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<Diagnostic> {
        let files = self.files();
        let mut paths: Vec<&PathBuf> = files.keys().collect();
        paths.sort();
        let of_file = |path: &&PathBuf| files[*path].file.diagnostics.clone();
        paths.iter().flat_map(of_file).collect()
    }

    /// Nothing in it is ever half written.
    fn files(&self) -> MutexGuard<'_, FxHashMap<PathBuf, Reports>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DiagnosticsSource for ReportedDiagnostics {
    fn reports(&self, path: Option<&Path>) -> Vec<FileDiagnostics> {
        let files = self.files();
        match path {
            Some(path) => files
                .get(path)
                .map(|known| known.file.clone())
                .into_iter()
                .collect(),
            None => files.values().map(|known| known.file.clone()).collect(),
        }
    }
}

/// LSP's diagnostics as the agent knows them; what is of an odd shape is left out.
fn converted(
    path: &Path,
    text: &Text,
    shown: &[Value],
    encoding: PositionEncoding,
) -> Vec<Diagnostic> {
    let convert = |value: &Value| {
        let source = value["source"].as_str();
        let number = |pointer: &str| u32::try_from(value.pointer(pointer)?.as_u64()?).ok();
        let line = number("/range/start/line")?;
        let character = number("/range/start/character")?;
        let message = value["message"]
            .as_str()
            .or_else(|| value.pointer("/message/value")?.as_str())?;
        let offset = text.offset(Position::new(line, character), encoding);
        let mut start = place(text, offset);
        if start.line != line + 1 {
            start = agent::world::Place {
                line: line + 1,
                column: character + 1,
            };
        }
        (source != Some(OUR_SOURCE)).then(|| Diagnostic {
            path: path.to_path_buf(),
            place: start,
            severity: severity(value["severity"].as_u64()),
            source: source.map(String::from),
            message: message.to_owned(),
        })
    };
    shown.iter().filter_map(convert).collect()
}

/// Without a severity the client decides (LSP 3.18, Diagnostic); editors show an error.
fn severity(number: Option<u64>) -> Severity {
    match number {
        Some(2) => Severity::Warning,
        Some(3) => Severity::Information,
        Some(4) => Severity::Hint,
        _ => Severity::Error,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;

    fn shown(line: u32, message: &str) -> Value {
        json!({
            "range": { "start": { "line": line, "character": 2 }, "end": { "line": line, "character": 3 } },
            "severity": 2, "source": "lint", "message": message,
        })
    }

    fn listed(reported: &ReportedDiagnostics) -> String {
        let lines = reported.all().into_iter().map(|diagnostic| {
            let place = diagnostic.place;
            format!("{}:{} {}\n", place.line, place.column, diagnostic.message)
        });
        lines.collect()
    }

    #[test]
    fn what_is_seen_of_a_line_replaces_what_was_seen_of_it() {
        let reported = ReportedDiagnostics::default();
        let (path, text) = (Path::new("/w/a"), Text::from("😀ab\ncd\nef\n"));
        let utf16 = PositionEncoding::Utf16;
        reported.seen(path, &text, (0, 0), &[shown(0, "one")], utf16);
        reported.seen(path, &text, (1, 2), &[shown(2, "three")], utf16);
        reported.seen(
            path,
            &text,
            (0, 0),
            &[shown(0, "other"), shown(0, "other")],
            utf16,
        );
        expect![[r#"
            3:3 three
            1:2 other
        "#]]
        .assert_eq(&listed(&reported));
        reported.seen(path, &text, (0, 2), &[], utf16);
        assert_eq!(listed(&reported), "");
    }

    #[test]
    fn what_was_seen_of_another_text_is_forgotten() {
        let reported = ReportedDiagnostics::default();
        let path = Path::new("/w/a");
        let utf8 = PositionEncoding::Utf8;
        reported.seen(
            path,
            &Text::from("a\nb\n"),
            (0, 1),
            &[shown(0, "old")],
            utf8,
        );
        reported.seen(path, &Text::from("a\n"), (1, 1), &[shown(1, "new")], utf8);
        assert_eq!(listed(&reported), "2:1 new\n");
    }

    #[test]
    fn our_own_and_broken_ones_are_passed_over() {
        let reported = ReportedDiagnostics::default();
        let mut ours = shown(0, "a hunk");
        ours["source"] = json!("ropewalk");
        let all = vec![ours, json!({ "message": 3 }), json!(null), shown(0, "real")];
        let text = Text::from("abc\n");
        reported.told(Path::new("/w/a"), Some(&text), all, PositionEncoding::Utf8);
        assert_eq!(listed(&reported), "1:3 real\n");
        assert_eq!(
            reported.told_in(Path::new("/w/a"), (0, 0)),
            [shown(0, "real")]
        );
        assert!(reported.told_in(Path::new("/w/a"), (1, 9)).is_empty());
    }
}
