//! Commands that answer what tasks ask.

use serde_json::Value;

use super::ArgumentError;
use crate::tasks::TaskId;

const ANSWER: &str = "ropewalk.answer";
const QUESTIONS: &str = "ropewalk.questions";

/// A command about questions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum QuestionCommand {
    /// Answer the question of a task with these words, or with the words of one of its buttons.
    Answer(TaskId, String),
    /// List the questions, and show again those that were put aside.
    List,
}

impl QuestionCommand {
    /// All names.
    pub(crate) const NAMES: &'static [&'static str] = &[ANSWER, QUESTIONS];

    /// As [`super::Command::parse`].
    pub(super) fn parse(name: &str, arguments: &[Value]) -> Option<Result<Self, ArgumentError>> {
        match name {
            ANSWER => Some(answer(arguments)),
            QUESTIONS => Some(Ok(Self::List)),
            _ => None,
        }
    }
}

fn answer(arguments: &[Value]) -> Result<QuestionCommand, ArgumentError> {
    let number = match arguments.first() {
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_u64().and_then(|number| u32::try_from(number).ok()),
        None => None,
    };
    let words = arguments.get(1).and_then(Value::as_str);
    match (number, words) {
        (Some(number), Some(words)) if !words.trim().is_empty() => {
            Ok(QuestionCommand::Answer(TaskId(number), words.to_owned()))
        }
        _ => Err(ArgumentError {
            command: ANSWER.into(),
            problem: "give the task's number and the answer, for example 2 \"Allow once\"; \
                      `ropewalk.questions` lists what is asked"
                .into(),
        }),
    }
}
