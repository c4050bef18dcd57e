//! Commands about what reviews have found.

use serde_json::Value;

use super::ArgumentError;

pub(crate) const FIX: &str = "ropewalk.finding.fix";
pub(crate) const DISMISS: &str = "ropewalk.finding.dismiss";
pub(crate) const DISMISS_ALL: &str = "ropewalk.findings.dismissAll";
const LIST: &str = "ropewalk.findings";

/// A command about findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FindingCommand {
    /// Start a task that fixes this one.
    Fix(u32),
    /// Do not show this one any more.
    Dismiss(u32),
    /// Do not show any of them any more.
    DismissAll,
    /// List them.
    List,
}

impl FindingCommand {
    /// All names.
    pub(crate) const NAMES: &'static [&'static str] = &[FIX, DISMISS, DISMISS_ALL, LIST];

    /// As [`super::Command::parse`].
    pub(super) fn parse(name: &str, arguments: &[Value]) -> Option<Result<Self, ArgumentError>> {
        let number = || number(name, arguments);
        match name {
            FIX => Some(number().map(Self::Fix)),
            DISMISS => Some(number().map(Self::Dismiss)),
            DISMISS_ALL => Some(Ok(Self::DismissAll)),
            LIST => Some(Ok(Self::List)),
            _ => None,
        }
    }
}

fn number(name: &str, arguments: &[Value]) -> Result<u32, ArgumentError> {
    let number = arguments.first().and_then(Value::as_u64);
    let number = number.and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| ArgumentError {
        command: name.to_owned(),
        problem: "the first argument is a finding's number, as `ropewalk.findings` lists it".into(),
    })
}
