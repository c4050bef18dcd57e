//! Commands about what tasks propose, and about the conflicts that landing it has left.

use serde_json::Value;

use super::ArgumentError;
use crate::tasks::TaskId;

const CHANGES: &str = "ropewalk.task.changes";
const LIST: &str = "ropewalk.conflicts";
const TAKE_TASKS: &str = "ropewalk.conflict.task";
const KEEP_MINE: &str = "ropewalk.conflict.mine";
const KEEP_BOTH: &str = "ropewalk.conflict.both";
const SHOW: &str = "ropewalk.conflict.show";

/// A command about landings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LandingCommand {
    /// Show what a task proposes.
    Changes(TaskId),
    /// List the conflicts.
    Conflicts,
    /// Decide the conflict with this number.
    Decide(u64, Decision),
    /// Show both sides of the conflict with this number.
    Show(u64),
}

/// What becomes of a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The task's version takes the place of the user's.
    Task,
    /// The user's stays.
    Mine,
    /// The task's comes behind the user's.
    Both,
}

impl LandingCommand {
    /// All names.
    pub(crate) const NAMES: &'static [&'static str] =
        &[CHANGES, LIST, TAKE_TASKS, KEEP_MINE, KEEP_BOTH, SHOW];

    /// As [`super::Command::parse`].
    pub(super) fn parse(name: &str, arguments: &[Value]) -> Option<Result<Self, ArgumentError>> {
        let decide =
            |decision| conflict(name, arguments).map(|number| Self::Decide(number, decision));
        Some(match name {
            CHANGES => task(name, arguments).map(Self::Changes),
            LIST => Ok(Self::Conflicts),
            TAKE_TASKS => decide(Decision::Task),
            KEEP_MINE => decide(Decision::Mine),
            KEEP_BOTH => decide(Decision::Both),
            SHOW => conflict(name, arguments).map(Self::Show),
            _ => return None,
        })
    }

    /// The name under which a code action decides a conflict.
    pub(crate) fn name_of(decision: Decision) -> &'static str {
        match decision {
            Decision::Task => TAKE_TASKS,
            Decision::Mine => KEEP_MINE,
            Decision::Both => KEEP_BOTH,
        }
    }

    /// The name under which a code action shows a conflict.
    pub(crate) const SHOW: &'static str = SHOW;
}

fn task(name: &str, arguments: &[Value]) -> Result<TaskId, ArgumentError> {
    let number = number(arguments).and_then(|number| u32::try_from(number).ok());
    number.map(TaskId).ok_or_else(|| ArgumentError {
        command: name.to_owned(),
        problem: "the first argument is a task's number, as `ropewalk.tasks` lists it".to_owned(),
    })
}

fn conflict(name: &str, arguments: &[Value]) -> Result<u64, ArgumentError> {
    number(arguments).ok_or_else(|| ArgumentError {
        command: name.to_owned(),
        problem: "the argument is a conflict's number, as `ropewalk.conflicts` lists it".to_owned(),
    })
}

/// Editors send what the user types as a number or as a string.
fn number(arguments: &[Value]) -> Option<u64> {
    match arguments.first()? {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_u64(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(name: &str, arguments: Value, expected: Result<LandingCommand, &str>) {
        let arguments = arguments.as_array().cloned().unwrap_or_default();
        let parsed = LandingCommand::parse(name, &arguments).expect("the command is known");
        let parsed = parsed.map_err(|error| error.to_string());
        assert_eq!(parsed, expected.map_err(str::to_owned));
    }

    #[test]
    fn arguments_are_numbers() {
        let changes = Ok(LandingCommand::Changes(TaskId(2)));
        check(CHANGES, json!([2]), changes);
        let both = Ok(LandingCommand::Decide(7, Decision::Both));
        check(KEEP_BOTH, json!([7]), both);
        check(SHOW, json!(["7"]), Ok(LandingCommand::Show(7)));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let problem = "ropewalk.conflict.mine: the argument is a conflict's number, as `ropewalk.conflicts` lists it";
        check(KEEP_MINE, json!([]), Err(problem));
        assert_eq!(LandingCommand::parse("ropewalk.other", &[]), None);
    }
}
