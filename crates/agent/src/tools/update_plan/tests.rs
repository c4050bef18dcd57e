//! Plans that are taken and plans that are not.

use expect_test::{Expect, expect};

use super::{FunctionTool, UpdatePlan};
use crate::{
    tool::{PlanStatus, PlanStep, Presentation, ToolStatus},
    tools::test_support::Bench,
};

fn refuses(arguments: &str, expected: Expect) {
    let bench = Bench::new(&[]);
    let output = bench.call(&UpdatePlan, arguments);
    assert_eq!(
        (output.status, &output.presentation),
        (ToolStatus::Failed, &None)
    );
    expected.assert_eq(bench.text(&output).lines().next().unwrap());
}

#[test]
fn a_plan_is_presented() {
    let bench = Bench::new(&[]);
    let output = bench.call(&UpdatePlan, UpdatePlan::EXAMPLE);
    let step = |step: &str, status| PlanStep {
        step: step.into(),
        status,
    };
    let steps = vec![
        step("Find the cause", PlanStatus::Completed),
        step("Fix it", PlanStatus::InProgress),
    ];
    assert_eq!(output.presentation, Some(Presentation::Plan { steps }));
    assert_eq!(output.status, ToolStatus::Succeeded);
}

#[test]
fn a_wrong_plan_is_refused() {
    refuses(
        r#"{"plan": []}"#,
        expect!["The plan was not changed: it has 0 steps; 1 to 100 are possible."],
    );
    refuses(
        r#"{"plan": [{"step": "a", "status": "in_progress"}, {"step": "b", "status": "in_progress"}]}"#,
        expect!["The plan was not changed: 2 steps are in progress, at most one may be."],
    );
    refuses(
        r#"{"plan": [{"step": " ", "status": "pending"}]}"#,
        expect!["The plan was not changed: `plan[0].step` must have 1 to 1000 bytes."],
    );
    refuses(
        r#"{"plan": [{"step": "a", "status": "done"}]}"#,
        expect![
            "The arguments of update_plan could not be read: `plan[0].status`: unknown variant `done`, expected one of `pending`, `in_progress`, `completed`."
        ],
    );
}
