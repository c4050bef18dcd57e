//! A problem that a task is to fix: what a compiler or linter reports in the editor, as data. Pure.
//!
//! Read off LSP's diagnostics, which have whatever other servers put in, or off what was reported before.

use agent::world::{Diagnostic, Severity};
use serde_json::Value;
use text::{Position, PositionEncoding, Text};

use super::editor_context::place;

/// What our own diagnostics name as their source: changes to review and findings, which no task needs to be told of.
pub(crate) const OUR_SOURCE: &str = "ropewalk";

/// What is reported at a place of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// What is reported, for people.
    pub(crate) message: String,
    /// How bad it is.
    pub(crate) severity: Severity,
    /// Who reports it, for example `rustc`.
    pub(crate) source: Option<String>,
    /// What the reporter calls it, for example `E0308`.
    pub(crate) code: Option<String>,
    /// Where it begins: the line, counted from 1.
    pub(crate) line: u32,
    /// Where it begins in the line: counted from 1, in characters.
    pub(crate) column: u32,
}

impl Problem {
    /// Reads one of LSP's diagnostics about `text`; `None` for one of ours or of an odd shape.
    pub(crate) fn from_lsp(
        diagnostic: &Value,
        text: &Text,
        encoding: PositionEncoding,
    ) -> Option<Self> {
        let source = diagnostic["source"].as_str();
        let message = diagnostic["message"]
            .as_str()
            .or_else(|| diagnostic.pointer("/message/value")?.as_str())?
            .trim();
        if source == Some(OUR_SOURCE) || message.is_empty() {
            return None;
        }
        let number = |pointer: &str| u32::try_from(diagnostic.pointer(pointer)?.as_u64()?).ok();
        let start = Position::new(
            number("/range/start/line")?,
            number("/range/start/character")?,
        );
        let place = place(text, text.offset(start, encoding));
        Some(Self {
            message: message.to_owned(),
            severity: severity(diagnostic["severity"].as_u64()),
            source: source.map(str::to_owned),
            code: code(&diagnostic["code"]),
            line: place.line,
            column: place.column,
        })
    }

    /// The first line of what is reported, cut to `longest` characters.
    pub(crate) fn headline(&self, longest: usize) -> String {
        let line = self.message.lines().next().unwrap_or_default().trim();
        shortened(line, longest)
    }
}

impl From<Diagnostic> for Problem {
    fn from(diagnostic: Diagnostic) -> Self {
        Self {
            message: diagnostic.message,
            severity: diagnostic.severity,
            source: diagnostic.source,
            code: None,
            line: diagnostic.place.line,
            column: diagnostic.place.column,
        }
    }
}

/// `line` cut to `longest` characters, the last of which then says that there was more.
pub(crate) fn shortened(line: &str, longest: usize) -> String {
    if line.chars().count() <= longest {
        return line.to_owned();
    }
    let kept: String = line.chars().take(longest.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// Codes are strings or numbers (LSP 3.18, Diagnostic).
fn code(code: &Value) -> Option<String> {
    match code {
        Value::String(code) if !code.is_empty() => Some(code.clone()),
        Value::Number(code) => Some(code.to_string()),
        _ => None,
    }
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
