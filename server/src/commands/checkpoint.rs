//! Commands about checkpoints: what was there before a turn's changes.

use serde_json::Value;

use super::ArgumentError;
use crate::tasks::TaskId;

const LIST: &str = "ropewalk.checkpoints";
const RESTORE: &str = "ropewalk.checkpoint.restore";

/// A command about checkpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CheckpointCommand {
    /// List them.
    List,
    /// Bring back what was there before.
    Restore(Before),
}

/// Before which change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    /// The last one that still stands.
    Last,
    /// The one whose checkpoint's id begins so.
    Id(String),
    /// A turn of a task of this conversation, counted from 1.
    Turn(TaskId, u32),
}

impl CheckpointCommand {
    /// All names.
    pub(crate) const NAMES: &'static [&'static str] = &[LIST, RESTORE];

    /// The name under which a code action restores a checkpoint.
    pub(crate) const RESTORE: &'static str = RESTORE;

    /// As [`super::Command::parse`].
    pub(super) fn parse(name: &str, arguments: &[Value]) -> Option<Result<Self, ArgumentError>> {
        match name {
            LIST => Some(Ok(Self::List)),
            RESTORE => Some(before(arguments).map(Self::Restore)),
            _ => None,
        }
    }
}

fn before(arguments: &[Value]) -> Result<Before, ArgumentError> {
    let number = |value: &Value| match value {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_u64().and_then(|number| u32::try_from(number).ok()),
    };
    let found = match arguments {
        [Value::String(word)] if word == "last" => Some(Before::Last),
        [Value::String(id)] if !id.trim().is_empty() => Some(Before::Id(id.trim().to_owned())),
        [task, turn] => number(task)
            .zip(number(turn))
            .map(|(task, turn)| Before::Turn(TaskId(task), turn)),
        _ => None,
    };
    found.ok_or_else(|| ArgumentError {
        command: RESTORE.to_owned(),
        problem: "give \"last\", a checkpoint's id as a string, or a task's number and a turn's; \
                  `ropewalk.checkpoints` lists them"
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(arguments: Value, expected: Option<Before>) {
        let arguments = arguments.as_array().cloned().unwrap_or_default();
        let parsed = CheckpointCommand::parse(RESTORE, &arguments).expect("the command is known");
        assert_eq!(parsed.ok(), expected.map(CheckpointCommand::Restore));
    }

    #[test]
    fn a_checkpoint_is_named_in_three_ways() {
        check(json!(["last"]), Some(Before::Last));
        check(json!(["019a"]), Some(Before::Id("019a".to_owned())));
        check(json!([2, 1]), Some(Before::Turn(TaskId(2), 1)));
        check(json!(["2", "1"]), Some(Before::Turn(TaskId(2), 1)));
        check(json!([]), None);
        check(json!([""]), None);
        check(json!([2]), None);
        check(json!([2, 1, 1]), None);
    }
}
