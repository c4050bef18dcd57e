//! Commands that list tasks, show, steer, stop and settle them.

use std::fmt;

use serde_json::Value;

use super::ArgumentError;
use crate::tasks::LandingMode;

const LIST: &str = "ropewalk.tasks";
const SHOW: &str = "ropewalk.task.show";
const STOP: &str = "ropewalk.task.stop";
const STOP_ALL: &str = "ropewalk.task.stopAll";
const STEER: &str = "ropewalk.task.steer";
const RETRY: &str = "ropewalk.task.retry";
const APPLY: &str = "ropewalk.task.apply";
const DISCARD: &str = "ropewalk.task.discard";

/// A command about tasks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TaskCommand {
    /// Give the list.
    List,
    /// Give the list, and show it as a text.
    ShowList,
    /// Show all of one task.
    Show(TaskName),
    /// Stop it; without a name, the only one that runs.
    Stop(Option<TaskName>),
    /// Stop all.
    StopAll,
    /// Say this to it.
    Steer(TaskName, String),
    /// Try again.
    Retry(TaskName),
    /// Apply the changes that wait, to be reviewed or kept; `None` for what the task or the settings say.
    Apply(TaskName, Option<LandingMode>),
    /// Throw the changes away that wait.
    Discard(TaskName),
}

/// How a person names a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TaskName {
    /// By its number.
    Number(u32),
    /// By the beginning of its thread's id.
    Thread(String),
}

impl fmt::Display for TaskName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(formatter),
            Self::Thread(beginning) => beginning.fmt(formatter),
        }
    }
}

impl TaskCommand {
    /// All names.
    pub(crate) const NAMES: &'static [&'static str] =
        &[LIST, SHOW, STOP, STOP_ALL, STEER, RETRY, APPLY, DISCARD];

    /// As [`super::Command::parse`].
    pub(super) fn parse(name: &str, arguments: &[Value]) -> Option<Result<Self, ArgumentError>> {
        let task = || task(name, arguments);
        Some(match name {
            LIST => Ok(match arguments.first().and_then(Value::as_str) {
                Some("show") => Self::ShowList,
                _ => Self::List,
            }),
            SHOW => task().map(Self::Show),
            STOP if arguments.is_empty() => Ok(Self::Stop(None)),
            STOP => task().map(|task| Self::Stop(Some(task))),
            STOP_ALL => Ok(Self::StopAll),
            STEER => task().and_then(|task| Ok(Self::Steer(task, words(name, arguments)?))),
            RETRY => task().map(Self::Retry),
            APPLY => task().and_then(|task| Ok(Self::Apply(task, mode(arguments)?))),
            DISCARD => task().map(Self::Discard),
            _ => return None,
        })
    }
}

/// The first argument as the name of a task: a number, or what could be the beginning of a thread's id.
fn task(name: &str, arguments: &[Value]) -> Result<TaskName, ArgumentError> {
    let named = match arguments.first() {
        Some(Value::Number(number)) => number
            .as_u64()
            .and_then(|number| u32::try_from(number).ok())
            .map(TaskName::Number),
        Some(Value::String(text)) => {
            let text = text.trim();
            match text.parse() {
                Ok(number) if text.len() < 8 => Some(TaskName::Number(number)),
                _ if text.len() >= 4 => Some(TaskName::Thread(text.to_ascii_lowercase())),
                _ => None,
            }
        }
        _ => None,
    };
    named.ok_or_else(|| ArgumentError {
        command: name.to_owned(),
        problem: format!(
            "the first argument is a task's number, as `{LIST}` lists it, or the beginning of its thread's id"
        ),
    })
}

/// What becomes of changes that are applied.
fn mode(arguments: &[Value]) -> Result<Option<LandingMode>, ArgumentError> {
    match arguments.get(1).map(Value::as_str) {
        None => Ok(None),
        Some(Some("review")) => Ok(Some(LandingMode::Review)),
        Some(Some("auto")) => Ok(Some(LandingMode::Auto)),
        Some(_) => Err(ArgumentError {
            command: APPLY.to_owned(),
            problem:
                "the second argument is \"review\", to keep or undo hunk by hunk, or \"auto\", to keep all"
                    .to_owned(),
        }),
    }
}

/// All arguments from the second on, as Helix gives words one by one.
fn words(name: &str, arguments: &[Value]) -> Result<String, ArgumentError> {
    let words = arguments.iter().skip(1).filter_map(Value::as_str);
    let words = words.collect::<Vec<_>>().join(" ");
    match words.trim() {
        "" => Err(ArgumentError {
            command: name.to_owned(),
            problem: "the second argument is what the task shall be told, for example 2 \"leave the tests alone\""
                .into(),
        }),
        words => Ok(words.to_owned()),
    }
}
