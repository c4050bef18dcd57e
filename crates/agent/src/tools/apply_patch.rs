//! The tool `apply_patch`: changes to any number of files in one text, all made or none.
//!
//! The format is in `patch`; here is how models are told of it, how they hand it over, and what they are answered.

mod grammar;

use models::{CallForm, ModelFacts, ToolCall, ToolSpec};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Tool, ToolContext, ToolOutput,
    patch::{self, PatchError, Plan, READ_LIMIT},
    tool::ToolEffect,
};

use super::{arguments, change_files::change_files};

/// The tool's name, which is also that of the command that models believe in.
const NAME: &str = "apply_patch";

const EXAMPLE: &str =
    r#"{"input": "*** Begin Patch\n*** Add File: hello.txt\n+Hello\n*** End Patch"}"#;

/// Applies patches.
pub struct ApplyPatch;

/// The arguments for models that write JSON only.
#[derive(Deserialize, JsonSchema)]
struct Arguments {
    /// The whole patch, from `*** Begin Patch` to `*** End Patch`.
    #[serde(alias = "patch")]
    input: String,
}

impl Tool for ApplyPatch {
    fn name(&self) -> &'static str {
        NAME
    }

    fn spec(&self, facts: &ModelFacts) -> Option<ToolSpec> {
        Some(if facts.freeform_tools {
            ToolSpec::Freeform {
                name: NAME.into(),
                description: grammar::FREEFORM_DESCRIPTION.into(),
                grammar: grammar::GRAMMAR.into(),
            }
        } else {
            arguments::function::<Arguments>(NAME, grammar::FUNCTION_DESCRIPTION)
        })
    }

    fn effect(&self) -> ToolEffect {
        ToolEffect::Acts
    }

    fn run(&self, call: &ToolCall, context: &ToolContext<'_>) -> ToolOutput {
        match patch_text(call) {
            Ok(text) => apply(&text, context),
            Err(refusal) => refusal,
        }
    }
}

/// Applies a patch that came as text: a call of the tool, or a command that was nothing but a patch.
pub fn apply(text: &str, context: &ToolContext<'_>) -> ToolOutput {
    match plan(text, context) {
        Ok(plan) => change_files(&plan.changes, context, plan.summary.message(), |error| {
            refusal(error)
        }),
        Err(error) => ToolOutput::failure(refusal(&error)),
    }
}

fn plan(text: &str, context: &ToolContext<'_>) -> Result<Plan, PatchError> {
    let patch = patch::parse(text)?;
    let read = |path: &std::path::Path| context.workspace.read(path, READ_LIMIT);
    patch::plan(&patch, context.cwd, &read)
}

fn refusal(error: &dyn std::fmt::Display) -> String {
    format!("apply_patch verification failed: {error}\nNothing was changed.")
}

/// The patch in a call: as it stands, in a JSON object, or as one JSON string, whatever the call's form promises.
fn patch_text(call: &ToolCall) -> Result<String, ToolOutput> {
    let text = call.arguments.trim();
    if let Ok(text) = serde_json::from_str::<String>(text)
        && !text.trim_start().starts_with('{')
    {
        return Ok(text);
    }
    if text.starts_with(['{', '"']) {
        return arguments::parse::<Arguments>(call, EXAMPLE).map(|arguments| arguments.input);
    }
    match call.form {
        CallForm::Function if !text.starts_with("***") => {
            arguments::parse::<Arguments>(call, EXAMPLE).map(|arguments| arguments.input)
        }
        CallForm::Function | CallForm::Freeform => Ok(call.arguments.clone()),
    }
}

#[cfg(test)]
mod tests;
