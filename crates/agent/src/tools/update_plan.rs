//! `update_plan`: the model writes down what it is going to do and how far it is, for the person to see.

use schemars::JsonSchema;
use serde::Deserialize;

use super::function_tool::FunctionTool;
use crate::{
    ToolContext, ToolOutput,
    tool::{PlanStatus, PlanStep, Presentation, ToolEffect},
};

/// The most steps that a plan can have.
const MOST_STEPS: usize = 100;

/// The longest step, in bytes.
const LONGEST_STEP: usize = 1000;

/// The tool.
pub struct UpdatePlan;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// All steps.
    plan: Vec<Step>,
    /// Why the plan has changed.
    #[serde(rename = "explanation")]
    _explanation: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
struct Step {
    /// What is to be done, in a few words.
    step: String,
    /// How far it is.
    status: PlanStatus,
}

impl FunctionTool for UpdatePlan {
    type Arguments = Arguments;

    const NAME: &'static str = "update_plan";

    const DESCRIPTION: &'static str = "Shows the user the plan of a larger task and how far it is. Give all steps each time, in order; \
    at most one is in progress.";

    const EXAMPLE: &'static str = r#"{"plan": [{"step": "Find the cause", "status": "completed"}, {"step": "Fix it", "status": "in_progress"}]}"#;

    const EFFECT: ToolEffect = ToolEffect::Reads;

    fn answer(
        &self,
        arguments: Arguments,
        _context: &ToolContext<'_>,
    ) -> Result<ToolOutput, ToolOutput> {
        let plan = arguments.plan;
        if let Some(problem) = problem(&plan) {
            return Err(ToolOutput::failure(format!(
                "The plan was not changed: {problem}.\nExample: {}",
                Self::EXAMPLE
            )));
        }
        let steps = plan
            .into_iter()
            .map(|Step { step, status }| PlanStep { step, status });
        let plan = Presentation::Plan {
            steps: steps.collect(),
        };
        Ok(ToolOutput::success("The plan is updated.").presented(plan))
    }
}

/// What is wrong with a plan.
fn problem(plan: &[Step]) -> Option<String> {
    let in_progress = plan
        .iter()
        .filter(|step| step.status == PlanStatus::InProgress)
        .count();
    if in_progress > 1 {
        return Some(format!(
            "{in_progress} steps are in progress, at most one may be"
        ));
    }
    if plan.is_empty() || plan.len() > MOST_STEPS {
        return Some(format!(
            "it has {} steps; 1 to {MOST_STEPS} are possible",
            plan.len()
        ));
    }
    let wrong = plan
        .iter()
        .position(|step| step.step.trim().is_empty() || step.step.len() > LONGEST_STEP)?;
    Some(format!(
        "`plan[{wrong}].step` must have 1 to {LONGEST_STEP} bytes"
    ))
}

#[cfg(test)]
mod tests;
