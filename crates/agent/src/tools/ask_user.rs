//! `ask_user`: the model asks the person something that only the person knows.

use models::{ModelFacts, ToolCall, ToolSpec};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{arguments, output};
use crate::{
    Tool, ToolContext, ToolOutput,
    tool::{Question, ToolEffect, ToolStatus},
};

const DESCRIPTION: &str = "Asks the user a question and waits for the answer. Only for what you can neither find out nor \
    decide yourself.";

const EXAMPLE: &str =
    r#"{"question": "Which database shall the tests use?", "options": ["SQLite", "PostgreSQL"]}"#;

/// The most options that a question can have.
const MOST_OPTIONS: usize = 10;

/// The tool.
pub struct AskUser;

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    /// One question, with what the user needs to answer it.
    question: String,
    /// Answers to choose from; the user can give another.
    options: Option<Vec<String>>,
}

impl Tool for AskUser {
    fn name(&self) -> &'static str {
        "ask_user"
    }

    fn spec(&self, _facts: &ModelFacts) -> Option<ToolSpec> {
        Some(arguments::function::<Arguments>(self.name(), DESCRIPTION))
    }

    fn effect(&self) -> ToolEffect {
        ToolEffect::Acts
    }

    fn run(&self, call: &ToolCall, context: &ToolContext<'_>) -> ToolOutput {
        let Arguments { question, options } = match arguments::parse(call, EXAMPLE) {
            Ok(arguments) => arguments,
            Err(answer) => return answer,
        };
        let options = options.unwrap_or_default();
        if question.trim().is_empty() || options.len() > MOST_OPTIONS {
            return ToolOutput::failure(format!(
                "The question must not be empty and can have up to {MOST_OPTIONS} options.\nExample: {EXAMPLE}"
            ));
        }
        let question = Question {
            text: question,
            options,
        };
        match context.gate.ask(&question, context.cancel) {
            Some(answer) => {
                let answer = output::without_middle(&answer, output::DEFAULT_TOKENS).text;
                ToolOutput::success(format!("The user answers: {answer}"))
            }
            None if context.cancel.is_set() => ToolOutput {
                status: ToolStatus::Interrupted,
                ..ToolOutput::failure("The user has interrupted instead of answering.")
            },
            None => ToolOutput::success(
                "Nobody is there to answer. Decide yourself, choose what can be undone, and say in your final answer \
                 what you have assumed.",
            ),
        }
    }
}

#[cfg(test)]
mod tests;
