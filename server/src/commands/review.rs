//! Commands that judge what tasks have changed. Without arguments they are about the place that the user was at last.

use std::path::PathBuf;

use changes::HunkId;
use serde_json::Value;
use url::Url;

use super::ArgumentError;
use crate::lsp::convert::document_path;

const KEEP: &str = "ropewalk.review.keep";
const UNDO: &str = "ropewalk.review.undo";
const UNDO_AND_TELL: &str = "ropewalk.review.undoAndTell";
const KEEP_ALL: &str = "ropewalk.review.keepAll";
const UNDO_ALL: &str = "ropewalk.review.undoAll";
const NEXT: &str = "ropewalk.review.next";
const PREVIOUS: &str = "ropewalk.review.previous";
const LIST: &str = "ropewalk.review.list";
const AGAIN: &str = "ropewalk.review.applyAgain";

/// A command about changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ReviewCommand {
    /// Keep these changes; those at the last place, if none are named.
    Keep(Vec<HunkId>),
    /// Undo these changes, or those at the last place, and tell the agent why.
    Undo(Vec<HunkId>, Option<String>),
    /// Undo these changes, and ask the user for the reason.
    UndoAndTell(Vec<HunkId>),
    /// Keep all changes.
    KeepAll(Scope),
    /// Undo all changes.
    UndoAll(Scope),
    /// Show another change.
    Go(Direction),
    /// List what waits.
    List,
    /// Apply changes again that were lost because the editor ended without saving them.
    Again,
}

/// Which changes are meant by all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Those in a file; without a path the one where the user was last.
    File(Option<PathBuf>),
    /// Those of the task that made the named one; without a name the one at the last place.
    Task(Option<HunkId>),
    /// All.
    Everywhere,
}

/// Which of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Next,
    Previous,
}

impl ReviewCommand {
    /// All names.
    pub(crate) const NAMES: &'static [&'static str] = &[
        KEEP,
        UNDO,
        UNDO_AND_TELL,
        KEEP_ALL,
        UNDO_ALL,
        NEXT,
        PREVIOUS,
        LIST,
        AGAIN,
    ];

    /// As [`super::Command::parse`].
    pub(super) fn parse(name: &str, arguments: &[Value]) -> Option<Result<Self, ArgumentError>> {
        Some(match name {
            KEEP => ids(name, arguments).map(Self::Keep),
            UNDO => undo(arguments),
            UNDO_AND_TELL => ids(name, arguments).map(Self::UndoAndTell),
            KEEP_ALL => scope(name, arguments).map(Self::KeepAll),
            UNDO_ALL => scope(name, arguments).map(Self::UndoAll),
            NEXT => Ok(Self::Go(Direction::Next)),
            PREVIOUS => Ok(Self::Go(Direction::Previous)),
            LIST => Ok(Self::List),
            AGAIN => Ok(Self::Again),
            _ => return None,
        })
    }

    /// The name and the arguments that mean this, for code actions and lenses.
    pub(crate) fn call(&self) -> (&'static str, Vec<Value>) {
        let numbers = |ids: &[HunkId]| ids.iter().map(|id| Value::from(id.0)).collect::<Vec<_>>();
        match self {
            Self::Keep(ids) => (KEEP, numbers(ids)),
            Self::Undo(ids, reason) => {
                let reason = reason.iter().map(|reason| Value::from(reason.as_str()));
                (UNDO, numbers(ids).into_iter().chain(reason).collect())
            }
            Self::UndoAndTell(ids) => (UNDO_AND_TELL, numbers(ids)),
            Self::KeepAll(scope) => (KEEP_ALL, scope.arguments()),
            Self::UndoAll(scope) => (UNDO_ALL, scope.arguments()),
            Self::Go(Direction::Next) => (NEXT, Vec::new()),
            Self::Go(Direction::Previous) => (PREVIOUS, Vec::new()),
            Self::List => (LIST, Vec::new()),
            Self::Again => (AGAIN, Vec::new()),
        }
    }
}

impl Scope {
    fn arguments(&self) -> Vec<Value> {
        match self {
            Self::File(path) => {
                let path = path.iter().filter_map(|path| path.to_str());
                std::iter::once("file")
                    .chain(path)
                    .map(Value::from)
                    .collect()
            }
            Self::Task(id) => {
                let id = id.iter().map(|id| Value::from(id.0));
                std::iter::once(Value::from("task")).chain(id).collect()
            }
            Self::Everywhere => vec![Value::from("everywhere")],
        }
    }
}

fn ids(name: &str, arguments: &[Value]) -> Result<Vec<HunkId>, ArgumentError> {
    let numbers: Option<Vec<HunkId>> = arguments.iter().map(number).collect();
    numbers.ok_or_else(|| ArgumentError {
        command: name.to_owned(),
        problem: "the arguments are numbers of changes, as `ropewalk.review.list` lists them; without any it is about the \
                  change where the cursor was last"
            .into(),
    })
}

/// Numbers first, then the reason.
fn undo(arguments: &[Value]) -> Result<ReviewCommand, ArgumentError> {
    let numbers = arguments.iter().take_while(|value| number(value).is_some());
    let (numbers, words) = arguments.split_at(numbers.count());
    let ids = numbers.iter().filter_map(number).collect();
    let words: Option<Vec<&str>> = words.iter().map(Value::as_str).collect();
    let words = words.ok_or_else(|| ArgumentError {
        command: UNDO.into(),
        problem: "give numbers of changes and then the reason as a text, for example 3 \"breaks the build\"; both may be left \
                  out"
            .into(),
    })?;
    let reason = words.join(" ").trim().to_owned();
    Ok(ReviewCommand::Undo(
        ids,
        (!reason.is_empty()).then_some(reason),
    ))
}

fn scope(name: &str, arguments: &[Value]) -> Result<Scope, ArgumentError> {
    let word = arguments
        .first()
        .map(|value| value.as_str().unwrap_or_default());
    match (word, arguments.get(1)) {
        (None, _) | (Some("file"), None) => Ok(Scope::File(None)),
        (Some("file"), Some(Value::String(path))) => Ok(Scope::File(Some(path_of(path)))),
        (Some("task"), None) => Ok(Scope::Task(None)),
        (Some("task"), Some(id)) if number(id).is_some() => Ok(Scope::Task(number(id))),
        (Some("everywhere"), None) => Ok(Scope::Everywhere),
        _ => Err(ArgumentError {
            command: name.to_owned(),
            problem: "say \"file\" (and a path, else the file where the cursor was last), \"task\" (and the number of one of \
                      its changes) or \"everywhere\""
                .into(),
        }),
    }
}

fn path_of(text: &str) -> PathBuf {
    match Url::parse(text) {
        Ok(uri) if uri.scheme() == "file" => document_path(&uri),
        _ => PathBuf::from(text),
    }
}

/// A number, or a text that is one: what is typed at an editor's prompt may come as either.
fn number(value: &Value) -> Option<HunkId> {
    match value {
        Value::String(text) => text.trim().parse().ok().map(HunkId),
        value => value.as_u64().map(HunkId),
    }
}
