//! Commands for inline edits: one that starts one, with arguments as for tasks, and one that stops one.

use serde_json::Value;

use super::{ArgumentError, StartOptions};

const EDIT: &str = "ropewalk.inlineEdit";
const STOP: &str = "ropewalk.inlineEdit.stop";

/// A command about inline edits.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum InlineEditCommand {
    /// Edit this place as the instruction says.
    Edit(StartOptions),
    /// Stop the edit with this number; without one, all.
    Stop(Option<u32>),
}

impl InlineEditCommand {
    /// All names.
    pub(crate) const NAMES: &'static [&'static str] = &[EDIT, STOP];

    /// The name of the command that starts one.
    pub(crate) const EDIT: &'static str = EDIT;

    /// As [`super::Command::parse`].
    pub(super) fn parse(name: &str, arguments: &[Value]) -> Option<Result<Self, ArgumentError>> {
        let parsed = match name {
            EDIT => StartOptions::read(arguments).map(Self::Edit),
            STOP => number(arguments).map(Self::Stop),
            _ => return None,
        };
        Some(parsed.map_err(|problem| ArgumentError {
            command: name.to_owned(),
            problem,
        }))
    }
}

fn number(arguments: &[Value]) -> Result<Option<u32>, String> {
    let Some(argument) = arguments.first() else {
        return Ok(None);
    };
    let number = match argument {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_u64().and_then(|number| u32::try_from(number).ok()),
    };
    let usage = "the argument is an edit's number, as the command that started it gave it; without one, all are stopped";
    number.map(Some).ok_or_else(|| usage.to_owned())
}
