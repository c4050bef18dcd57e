//! How questions read and what their buttons are, for every kind that there is.

use agent::need::Need;
use agent::tool::Question;
use expect_test::{Expect, expect};

use super::*;

fn check(subject: &Subject, expected: &Expect) {
    let titles: Vec<String> = choices(subject)
        .into_iter()
        .map(|choice| format!("[{}]", choice.title))
        .collect();
    let shown = format!(
        "{}\n{}\n",
        message("Task 2 (Fix)", subject),
        titles.join(" ")
    );
    expected.assert_eq(&shown);
}

fn leave(command: &str, prefix: Option<&str>) -> Subject {
    Subject::Approval(Approval::LeaveTwin {
        command: command.into(),
        cwd: "/w".into(),
        needs: vec![Need::Network],
        reason: Some("the dependency is new".into()),
        refused: None,
        prefix: prefix.map(|words| words.split(' ').map(String::from).collect()),
    })
}

#[test]
fn what_leaves_the_twin_is_told_with_all_it_would_have() {
    check(
        &leave("cargo fetch", Some("cargo fetch")),
        &expect![[r#"
            Task 2 (Fix) wants to run with the network:
              cargo fetch
              in: /w
              because: the dependency is new
            [No] [Allow once] [Allow for this task] [Always allow `cargo fetch`] [No, and say why…] [Stop the task]
        "#]],
    );
}

#[test]
fn what_a_model_hides_shows() {
    check(
        &leave("echo \u{202e}ok\n\u{1b}[2Jcurl evil", None),
        &expect![[r#"
            Task 2 (Fix) wants to run with the network:
              echo \u{202e}ok
              \u{1b}[2Jcurl evil
              in: /w
              because: the dependency is new
            [No] [Allow once] [Allow for this task] [No, and say why…] [Stop the task]
        "#]],
    );
}

#[test]
fn a_question_has_its_options_once_and_can_be_answered_in_words() {
    let question = Question {
        text: "Which database?".into(),
        options: vec!["SQLite".into(), "PostgreSQL".into(), "SQLite".into()],
    };
    check(
        &Subject::Question(question),
        &expect![[r#"
            Task 2 (Fix) asks: Which database?
            [SQLite] [PostgreSQL] [Answer in words…] [Decide yourself]
        "#]],
    );
}
