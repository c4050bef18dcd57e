//! What a task at a place is about: what is selected, else the function, type or section around the cursor, else the file.

use std::ops::Range;

use syntax::{Cancel, QueryLimits, Scope, ScopeKind};

use super::Spot;

/// What a task is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) kind: SubjectKind,
    /// As the code names it.
    pub(crate) name: Option<String>,
    /// In bytes, the end excluded.
    pub(crate) range: Range<usize>,
    /// Whether it stands among tests.
    pub(crate) is_test: bool,
}

/// What kind of thing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SubjectKind {
    /// What the user has selected.
    Selection,
    /// A function or method.
    Function,
    /// A class, struct, interface, or an implementation of one.
    Type,
    /// A module or namespace.
    Module,
    /// A part of a text that is no program.
    Section,
    /// All of it.
    File,
}

impl Subject {
    /// In words that follow a verb.
    pub(crate) fn phrase(&self) -> String {
        let kind = match self.kind {
            SubjectKind::Selection => return "the selection".into(),
            SubjectKind::File => return "this file".into(),
            SubjectKind::Function => "function",
            SubjectKind::Type => "type",
            SubjectKind::Module => "module",
            SubjectKind::Section => "section",
        };
        match &self.name {
            Some(name) => format!("{kind} {name}"),
            None => format!("this {kind}"),
        }
    }
}

/// What a task at `spot` is about.
pub(crate) fn subject_at(spot: &Spot<'_>) -> Subject {
    let scopes = scopes_around(spot);
    let name = |scope: &Scope| {
        let name = spot.text.slice(scope.name.clone()?);
        let name = name.lines().next().unwrap_or_default().trim().to_owned();
        (!name.is_empty()).then_some(name)
    };
    let is_tests = |scope: &Scope| {
        scope.kind == ScopeKind::Module
            && name(scope).is_some_and(|name| matches!(&*name, "test" | "tests"))
    };
    let is_test = scopes.iter().any(is_tests);
    if let Some(range) = selection(spot) {
        return Subject {
            kind: SubjectKind::Selection,
            name: None,
            range,
            is_test,
        };
    }
    let innermost = scopes
        .iter()
        .rev()
        .find_map(|scope| Some((scope, name(scope)?)));
    match innermost {
        Some((scope, name)) => Subject {
            kind: kind_of(scope.kind),
            name: Some(name),
            range: scope.range.clone(),
            is_test,
        },
        None => Subject {
            kind: SubjectKind::File,
            name: None,
            range: 0..spot.text.len_bytes(),
            is_test,
        },
    }
}

/// The selection without the space around it. Some editors have a character or a word selected wherever the cursor is: within
/// a word nobody wants a task about that word alone.
fn selection(spot: &Spot<'_>) -> Option<Range<usize>> {
    let selected = spot.text.slice(spot.range.clone());
    let trimmed = selected.trim();
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    if trimmed.chars().nth(1).is_none() || trimmed.chars().all(is_word) {
        return None;
    }
    let start = spot.range.start + (selected.len() - selected.trim_start().len());
    Some(start..start + trimmed.len())
}

/// From the outermost to the innermost; none without a tree, or when it takes too long to find them.
fn scopes_around(spot: &Spot<'_>) -> Vec<Scope> {
    let limits = QueryLimits {
        timeout: spot.patience,
    };
    let found = spot.tree.and_then(|tree| {
        let scopes = tree.enclosing_scopes(spot.range.start, &limits, &Cancel::new());
        scopes.ok()
    });
    found.unwrap_or_default()
}

fn kind_of(kind: ScopeKind) -> SubjectKind {
    match kind {
        ScopeKind::Function => SubjectKind::Function,
        ScopeKind::Type => SubjectKind::Type,
        ScopeKind::Module => SubjectKind::Module,
        ScopeKind::Section => SubjectKind::Section,
    }
}
