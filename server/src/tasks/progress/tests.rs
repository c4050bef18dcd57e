//! Events of a thread, and what a line of progress says after each.

use agent::surface::{ItemUpdate, SurfaceItem};
use expect_test::expect;
use serde_json::json;

use super::*;

fn item(details: ItemDetails) -> SurfaceItem {
    SurfaceItem {
        id: "1".into(),
        details,
    }
}

fn tool(name: &str, arguments: Value) -> ThreadEvent {
    let details = ItemDetails::ToolCall {
        name: name.into(),
        arguments: arguments.to_string(),
        output: String::new(),
        status: None,
    };
    ThreadEvent::ItemStarted {
        item: item(details),
    }
}

fn plan(done: usize, count: usize) -> ThreadEvent {
    let step = |number: usize| PlanStep {
        step: format!("step {}", number + 1),
        status: match number {
            number if number < done => PlanStatus::Completed,
            number if number == done => PlanStatus::InProgress,
            _ => PlanStatus::Pending,
        },
    };
    let steps = (0..count).map(step).collect();
    ThreadEvent::ItemCompleted {
        item: item(ItemDetails::Plan { steps }),
    }
}

fn command(command: &str) -> ThreadEvent {
    let details = ItemDetails::Command {
        command: command.into(),
        exit_code: None,
        output: String::new(),
        status: None,
        needs: Vec::new(),
    };
    ThreadEvent::ItemUpdated {
        item_id: "1".into(),
        update: ItemUpdate::Running { details },
    }
}

#[test]
fn what_a_turn_does_reads_as_a_line() {
    let mut progress = TurnProgress::default();
    let mut lines = vec![progress.line()];
    for event in [
        ThreadEvent::TurnStarted { turn: 1 },
        tool("read_file", json!({ "path": "src/a.rs" })),
        tool("read_file", json!("broken")),
        tool("search", json!({ "pattern": "fn\n main\u{1b}[2J" })),
        plan(2, 5),
        command("\n  cargo test \\\n  --all\n"),
        command(&"long ".repeat(40)),
        plan(5, 5),
    ] {
        progress.take(&event);
        lines.push(progress.line());
    }
    expect![[r#"
        starting
        thinking
        reading src/a.rs
        reading
        searching fn main
        3/5 step 3: searching fn main
        3/5 step 3: cargo test \
        3/5 step 3: long long long long long long long long long long long long long long long long …
        long long long long long long long long long long long long long long long long …
    "#]]
    .assert_eq(&(lines.join("\n") + "\n"));
}

#[test]
fn the_percentage_never_falls_and_is_never_complete_before_the_end() {
    let mut progress = TurnProgress::default();
    assert_eq!(progress.percentage(), None);
    let mut told = Vec::new();
    for (done, count) in [(0, 2), (1, 2), (1, 10), (9, 10), (10, 10), (0, 0)] {
        progress.take(&plan(done, count));
        told.push(progress.percentage());
    }
    let expected = [0, 50, 50, 90, 99].map(Some);
    assert_eq!(told[..5], expected);
    assert_eq!(told[5], None);
}

#[test]
fn only_what_a_line_shows_is_news() {
    let mut progress = TurnProgress::default();
    assert!(progress.take(&command("make")));
    assert!(!progress.take(&command("make")));
    let notice = ThreadEvent::Notice {
        message: "hello".into(),
    };
    assert!(!progress.take(&notice));
}
