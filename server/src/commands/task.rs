//! Commands that start tasks and steer them.

use serde_json::Value;

use super::ArgumentError;
use crate::tasks::TaskId;

const STOP: &str = "ropewalk.task.stop";

/// A command about tasks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TaskCommand {
    /// Stop it.
    Stop(TaskId),
}

impl TaskCommand {
    /// All names.
    pub(crate) const NAMES: &'static [&'static str] = &[STOP];

    /// As [`super::Command::parse`].
    pub(super) fn parse(name: &str, arguments: &[Value]) -> Option<Result<Self, ArgumentError>> {
        (name == STOP).then(|| Ok(Self::Stop(task(name, arguments)?)))
    }
}

/// The first argument as the number of a task.
fn task(name: &str, arguments: &[Value]) -> Result<TaskId, ArgumentError> {
    let number = arguments.first().and_then(Value::as_u64);
    let number = number.and_then(|number| u32::try_from(number).ok());
    number.map(TaskId).ok_or_else(|| ArgumentError {
        command: name.to_owned(),
        problem: "the first argument is a task's number, as `ropewalk.tasks` lists it".into(),
    })
}
