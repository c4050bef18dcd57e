//! `ask_user`: the model asks the person something that only the person knows.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{function_tool::FunctionTool, output};
use crate::{
    ToolContext, ToolOutput,
    tool::{Question, ToolEffect, ToolStatus},
};

/// The most options that a question can have.
const MOST_OPTIONS: usize = 10;

/// The tool.
pub struct AskUser;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// One question, with what the user needs to answer it.
    question: String,
    /// Answers to choose from; the user can give another.
    options: Option<Vec<String>>,
}

impl FunctionTool for AskUser {
    type Arguments = Arguments;

    const NAME: &'static str = "ask_user";

    const DESCRIPTION: &'static str = "Asks the user a question and waits for the answer. Only for what you can neither find out nor \
    decide yourself.";

    const EXAMPLE: &'static str = r#"{"question": "Which database shall the tests use?", "options": ["SQLite", "PostgreSQL"]}"#;

    const EFFECT: ToolEffect = ToolEffect::Acts;

    fn answer(
        &self,
        arguments: Arguments,
        context: &ToolContext<'_>,
    ) -> Result<ToolOutput, ToolOutput> {
        let options = arguments.options.unwrap_or_default();
        if arguments.question.trim().is_empty() || options.len() > MOST_OPTIONS {
            return Err(ToolOutput::failure(format!(
                "The question must not be empty and can have up to {MOST_OPTIONS} options.\nExample: {}",
                Self::EXAMPLE
            )));
        }
        let question = Question {
            text: arguments.question,
            options,
        };
        Ok(match context.gate.ask(&question, context.cancel) {
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
        })
    }
}

#[cfg(test)]
mod tests;
