//! A tool whose arguments are one struct: what is the same for all such tools is written here, once.
//!
//! Implemented by nearly every tool of this folder; a [`FunctionTool`] is a [`Tool`].

use models::{ModelFacts, ToolCall, ToolSpec};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::arguments;
use crate::{
    Tool, ToolContext, ToolOutput,
    tool::{Presentation, ToolEffect},
};

/// A tool that models call with a JSON object.
pub(crate) trait FunctionTool: Send + Sync {
    /// What the object holds; its documentation is the model's.
    type Arguments: DeserializeOwned + JsonSchema;

    /// As [`Tool::name`].
    const NAME: &'static str;

    /// What the model is told: what it does and when to use it.
    const DESCRIPTION: &'static str;

    /// A correct call's arguments as JSON text, for the answer to wrong ones.
    const EXAMPLE: &'static str;

    /// As [`Tool::effect`].
    const EFFECT: ToolEffect;

    /// Whether it is for a model with these facts.
    fn is_for(&self, facts: &ModelFacts) -> bool {
        let _ = facts;
        true
    }

    /// As [`Tool::announce`].
    fn announce(&self, arguments: Self::Arguments) -> Option<Presentation> {
        let _ = arguments;
        None
    }

    /// As [`Tool::left_running`].
    fn left_running(&self) -> Vec<String> {
        Vec::new()
    }

    /// As [`Tool::run`], for arguments that could be read.
    ///
    /// # Errors
    /// An answer too: the one that ended the work early.
    fn answer(
        &self,
        arguments: Self::Arguments,
        context: &ToolContext<'_>,
    ) -> Result<ToolOutput, ToolOutput>;
}

impl<T: FunctionTool> Tool for T {
    fn name(&self) -> &'static str {
        T::NAME
    }

    fn spec(&self, facts: &ModelFacts) -> Option<ToolSpec> {
        self.is_for(facts)
            .then(|| arguments::function::<T::Arguments>(T::NAME, T::DESCRIPTION))
    }

    fn effect(&self) -> ToolEffect {
        T::EFFECT
    }

    fn announce(&self, call: &ToolCall) -> Option<Presentation> {
        let arguments = arguments::parse(call, T::EXAMPLE).ok()?;
        FunctionTool::announce(self, arguments)
    }

    fn left_running(&self) -> Vec<String> {
        FunctionTool::left_running(self)
    }

    fn run(&self, call: &ToolCall, context: &ToolContext<'_>) -> ToolOutput {
        let answer = arguments::parse(call, T::EXAMPLE)
            .and_then(|arguments| self.answer(arguments, context));
        answer.unwrap_or_else(|answer| answer)
    }
}
