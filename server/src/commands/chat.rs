//! Commands of chats: opening one, sending what was written, stopping the answer.

use std::path::PathBuf;

use serde_json::Value;
use url::Url;

use super::ArgumentError;
use crate::lsp::convert::document_path;

const OPEN: &str = "ropewalk.chat";
const ABOUT: &str = "ropewalk.chat.about";
const SEND: &str = "ropewalk.chat.send";
const STOP: &str = "ropewalk.chat.stop";

/// A command about chats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ChatCommand {
    /// Show a chat's document.
    Open(ChatChoice),
    /// Begin a chat about lines of a file, counted from 1, the end included.
    About {
        /// Absolute.
        path: PathBuf,
        /// The first line and the last.
        lines: (usize, usize),
    },
    /// Send what stands under the last heading of this document; of the chat at hand without one.
    Send(Option<PathBuf>),
    /// Stop the answer in this document; in the chat at hand without one.
    Stop(Option<PathBuf>),
}

/// Which chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ChatChoice {
    /// The one that was used last since the editor began; a new one when there is none.
    AtHand,
    /// A new one.
    New,
    /// That of the thread that was changed last in this folder.
    Last,
    /// That of a thread, by its id or the beginning of it.
    Thread(String),
}

impl ChatCommand {
    /// All names.
    pub(crate) const NAMES: &'static [&'static str] = &[OPEN, ABOUT, SEND, STOP];

    /// As [`super::Command::parse`].
    pub(super) fn parse(name: &str, arguments: &[Value]) -> Option<Result<Self, ArgumentError>> {
        match name {
            OPEN => Some(choice(arguments).map(Self::Open)),
            ABOUT => Some(about(arguments)),
            SEND => Some(document(name, arguments).map(Self::Send)),
            STOP => Some(document(name, arguments).map(Self::Stop)),
            _ => None,
        }
    }

    /// The name and the arguments that mean this again.
    pub(crate) fn to_call(&self) -> (&'static str, Vec<Value>) {
        let of_path = |path: &PathBuf| Value::from(path.display().to_string());
        match self {
            Self::Open(ChatChoice::AtHand) => (OPEN, Vec::new()),
            Self::Open(ChatChoice::New) => (OPEN, vec!["new".into()]),
            Self::Open(ChatChoice::Last) => (OPEN, vec!["last".into()]),
            Self::Open(ChatChoice::Thread(id)) => (OPEN, vec![id.as_str().into()]),
            Self::About { path, lines } => {
                (ABOUT, vec![of_path(path), lines.0.into(), lines.1.into()])
            }
            Self::Send(path) => (SEND, path.iter().map(of_path).collect()),
            Self::Stop(path) => (STOP, path.iter().map(of_path).collect()),
        }
    }
}

fn choice(arguments: &[Value]) -> Result<ChatChoice, ArgumentError> {
    match arguments.first() {
        None | Some(Value::Null) => Ok(ChatChoice::AtHand),
        Some(Value::String(word)) => Ok(match word.trim() {
            "" => ChatChoice::AtHand,
            "new" => ChatChoice::New,
            "last" => ChatChoice::Last,
            thread => ChatChoice::Thread(thread.to_owned()),
        }),
        Some(_) => Err(ArgumentError {
            command: OPEN.into(),
            problem:
                "the argument is `new`, `last` or a thread's id, as `ropewalk threads` lists it"
                    .into(),
        }),
    }
}

fn about(arguments: &[Value]) -> Result<ChatCommand, ArgumentError> {
    let path = arguments.first().and_then(Value::as_str).map(path_of);
    let line = |place: usize| arguments.get(place).and_then(number);
    let first = line(1);
    match (path, first) {
        (Some(path), Some(first)) if path.is_absolute() && first > 0 => {
            let last = line(2).unwrap_or(first).max(first);
            let lines = (first, last);
            Ok(ChatCommand::About { path, lines })
        }
        _ => Err(ArgumentError {
            command: ABOUT.into(),
            problem: "give a file (its whole path or its URI), the first line and the last, \
                      counted from 1"
                .into(),
        }),
    }
}

fn number(value: &Value) -> Option<usize> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        value => usize::try_from(value.as_u64()?).ok(),
    }
}

fn document(name: &str, arguments: &[Value]) -> Result<Option<PathBuf>, ArgumentError> {
    match arguments.first() {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(path_of(text))),
        Some(_) => Err(ArgumentError {
            command: name.to_owned(),
            problem: "the argument is the chat's document: its path or its URI".into(),
        }),
    }
}

/// A document as a person or a client names it.
fn path_of(text: &str) -> PathBuf {
    match Url::parse(text) {
        Ok(uri) if uri.scheme() == "file" => document_path(&uri),
        _ => PathBuf::from(text),
    }
}

#[cfg(test)]
mod tests;
