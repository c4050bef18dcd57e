//! What the editor shows: open files, the active file with its selection, diagnostics; and the sections made of it.
//!
//! A surface fills it in ([`super::ProjectWorld::set_editor`]); without an editor it stays empty.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Part, Section, SectionKind, World};

/// What the editor shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EditorContext {
    /// The files that are open.
    pub open_files: Vec<OpenFile>,
    /// The file that has the cursor.
    pub active: Option<ActiveFile>,
    /// What is reported on files, open or not.
    pub diagnostics: Vec<Diagnostic>,
}

/// A file that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenFile {
    /// Absolute.
    pub path: PathBuf,
    /// Whether it has changes that are not on disk.
    pub is_unsaved: bool,
}

/// The file that has the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveFile {
    /// Absolute.
    pub path: PathBuf,
    /// Where the cursor is.
    pub cursor: Place,
    /// What is selected.
    pub selection: Option<Selection>,
}

/// A place in a file as people count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1, in characters.
    pub column: u32,
}

/// Selected text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Where it begins.
    pub start: Place,
    /// Where it ends, exclusive.
    pub end: Place,
    /// The text.
    pub text: String,
}

/// What a compiler or linter reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Absolute.
    pub path: PathBuf,
    /// Where it begins.
    pub place: Place,
    /// How bad it is.
    pub severity: Severity,
    /// Who reports it, for example `rustc`.
    pub source: Option<String>,
    /// What is reported.
    pub message: String,
}

/// How bad a diagnostic is; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It does not work.
    Error,
    /// It is probably wrong.
    Warning,
    /// Worth knowing.
    Information,
    /// A proposal.
    Hint,
}

/// Diagnostics told of one file; a broken file has hundreds that say the same.
const DIAGNOSTICS_PER_FILE: usize = 20;

/// Writes the sections into `world`. Paths below `cwd` are told relative to it.
pub(super) fn describe(editor: &EditorContext, cwd: &Path, world: &mut World) {
    let open_files = editor.open_files.iter().map(|file| open_file(file, cwd));
    world.set(SectionKind::OpenFiles, Section::Parts(open_files.collect()));
    let active = editor.active.as_ref();
    let active = active.map_or_else(String::new, |file| active_file(file, cwd));
    world.set(SectionKind::ActiveFile, Section::Text(active));
    let diagnostics = diagnostics(&editor.diagnostics, cwd);
    world.set(SectionKind::Diagnostics, Section::Parts(diagnostics));
}

/// A path as the model should write it: relative where that is possible.
pub(super) fn shown(path: &Path, cwd: &Path) -> String {
    let relative = path.strip_prefix(cwd).unwrap_or(path);
    relative.display().to_string()
}

fn open_file(file: &OpenFile, cwd: &Path) -> Part {
    let note = if file.is_unsaved {
        "has unsaved changes"
    } else {
        ""
    };
    Part::new(shown(&file.path, cwd), note)
}

fn active_file(file: &ActiveFile, cwd: &Path) -> String {
    let Place { line, column } = file.cursor;
    let path = shown(&file.path, cwd);
    let mut text = format!("The cursor is in {path} at line {line}, column {column}.");
    match &file.selection {
        Some(selection) if !selection.text.is_empty() => {
            let Selection {
                start,
                end,
                text: selected,
            } = selection;
            text.push_str(&format!(
                "\nSelected, from {}:{} to {}:{}:\n{selected}",
                start.line, start.column, end.line, end.column
            ));
        }
        _ => {}
    }
    text
}

/// One part a file: the worst files first, and the worst first in each.
fn diagnostics(diagnostics: &[Diagnostic], cwd: &Path) -> Vec<Part> {
    let mut by_file: BTreeMap<&Path, Vec<&Diagnostic>> = BTreeMap::new();
    for diagnostic in diagnostics {
        by_file
            .entry(&diagnostic.path)
            .or_default()
            .push(diagnostic);
    }
    for of_file in by_file.values_mut() {
        of_file.sort_by_key(|diagnostic| (diagnostic.severity, diagnostic.place));
    }
    let mut files: Vec<(&Path, Vec<&Diagnostic>)> = by_file.into_iter().collect();
    files.sort_by_key(|(_, of_file)| of_file.first().map(|worst| worst.severity));
    let part = |(path, of_file): &(&Path, Vec<&Diagnostic>)| {
        Part::new(shown(path, cwd), file_diagnostics(of_file))
    };
    files.iter().map(part).collect()
}

fn file_diagnostics(diagnostics: &[&Diagnostic]) -> String {
    let told = diagnostics.iter().take(DIAGNOSTICS_PER_FILE);
    let mut lines: Vec<String> = told.map(|diagnostic| diagnostic_line(diagnostic)).collect();
    if DIAGNOSTICS_PER_FILE < diagnostics.len() {
        lines.push(format!(
            "and {} more",
            diagnostics.len() - DIAGNOSTICS_PER_FILE
        ));
    }
    lines.join("\n")
}

/// A diagnostic as the model reads it; further lines are indented.
pub(crate) fn diagnostic_line(diagnostic: &Diagnostic) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "information",
        Severity::Hint => "hint",
    };
    let source = diagnostic.source.as_ref();
    let source = source.map_or_else(String::new, |source| format!(" [{source}]"));
    let Place { line, column } = diagnostic.place;
    let message = diagnostic.message.trim().replace('\n', "\n    ");
    format!("{line}:{column} {severity}{source}: {message}")
}
