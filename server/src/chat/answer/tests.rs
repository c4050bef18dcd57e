//! What a turn tells, as Markdown.

use agent::surface::TurnFailure;
use agent::tool::{PlanStatus, ToolStatus};
use expect_test::expect;
use models::Usage;

use super::*;

fn started(id: &str, details: ItemDetails) -> ThreadEvent {
    let item = SurfaceItem {
        id: id.into(),
        details,
    };
    ThreadEvent::ItemStarted { item }
}

fn completed(id: &str, details: ItemDetails) -> ThreadEvent {
    let item = SurfaceItem {
        id: id.into(),
        details,
    };
    ThreadEvent::ItemCompleted { item }
}

fn message(text: &str) -> ItemDetails {
    ItemDetails::Message { text: text.into() }
}

fn delta(id: &str, text: &str) -> ThreadEvent {
    ThreadEvent::ItemUpdated {
        item_id: id.into(),
        update: ItemUpdate::Text { delta: text.into() },
    }
}

fn command(command: &str, exit_code: Option<i32>, status: Option<ToolStatus>) -> ItemDetails {
    ItemDetails::Command {
        command: command.into(),
        exit_code,
        output: "much output".into(),
        status,
        needs: Vec::new(),
    }
}

fn summary(end: TurnEnd) -> TurnSummary {
    TurnSummary {
        turn: 3,
        end,
        steps: 2,
        usage: Usage::default(),
        thread_usage: Usage::default(),
        cost: None,
        thread_cost: None,
        milliseconds: 1234,
    }
}

fn told(events: &[ThreadEvent]) -> Answer {
    let mut answer = Answer::default();
    for event in events {
        answer.apply(event, &Links::default());
    }
    answer
}

#[test]
fn a_turn_is_told_with_its_calls_in_a_line_each() {
    let steps = vec![PlanStep {
        step: "Look".into(),
        status: PlanStatus::Completed,
    }];
    let answer = told(&[
        ThreadEvent::ThreadStarted {
            thread_id: "0193".into(),
            provider: "house".into(),
            model: "m".into(),
            turns: 0,
        },
        started("message-1", message("")),
        delta("message-1", "I lo"),
        delta("message-1", "ok.\n"),
        completed("message-1", message("I look.")),
        completed("plan-1", ItemDetails::Plan { steps }),
        started("c1", command("cargo test", None, None)),
        completed(
            "c1",
            command("cargo `test`", Some(0), Some(ToolStatus::Succeeded)),
        ),
        started("c2", command("false", Some(1), Some(ToolStatus::Succeeded))),
        started("c3", command("rm -rf x", None, Some(ToolStatus::Declined))),
        started("c4", command("sleep 9", None, None)),
        ThreadEvent::Notice {
            message: "The service asks to wait.\nTwice.".into(),
        },
        started("message-2", message("void")),
        ThreadEvent::ItemDiscarded {
            item_id: "message-2".into(),
        },
        ThreadEvent::TurnCompleted(summary(TurnEnd::Completed)),
    ]);
    expect![[r#"
        *Thread 0193, house/m*

        I look.

        - [x] Look

        - ran `` cargo `test` `` ✓
        - ran `false` (exit code 1) ✗
        - not run: `rm -rf x` ✗ declined
        - running `sleep 9` …

        > The service asks to wait.
        > Twice.

        *Turn 3: 2 steps, 1.2 s.*"#]]
    .assert_eq(&answer.render());
}

#[test]
fn a_turn_that_fails_says_why_and_one_that_is_stopped_says_so() {
    let failed = told(&[ThreadEvent::TurnFailed(summary(TurnEnd::Failed {
        failure: TurnFailure::EmptyAnswer,
        message: "The model said nothing, twice.".into(),
    }))]);
    assert_eq!(
        failed.render(),
        "> The model said nothing, twice.\n\n*Turn 3: 2 steps, 1.2 s.*"
    );
    let stopped = told(&[ThreadEvent::TurnInterrupted(summary(TurnEnd::Interrupted))]);
    assert_eq!(stopped.render(), "> Stopped.\n\n*Turn 3: 2 steps, 1.2 s.*");
}

#[test]
fn before_anything_is_said_there_is_a_sign_and_a_question_is_shown_while_it_waits() {
    let mut answer = Answer::default();
    assert_eq!(answer.render(), "…");
    answer.set_waiting(Some("Task 1 wants to run:\n  cargo".into()));
    assert_eq!(answer.render(), "> Task 1 wants to run:\n>   cargo\n\n…");
    answer.set_waiting(None);
    answer.note("No key.");
    answer.end_without_turn();
    assert_eq!(answer.render(), "> No key.");
}
