//! Questions with an answer, without anybody to answer, and interrupted.

use super::{AskUser, FunctionTool};
use crate::{
    tool::{Question, ToolStatus},
    tools::test_support::Bench,
};

#[test]
fn the_answer_comes_back() {
    let mut bench = Bench::new(&[]);
    bench.gate.answer = Some("SQLite".into());
    let output = bench.call(&AskUser, AskUser::EXAMPLE);
    assert_eq!(bench.text(&output), "The user answers: SQLite");
    let question = Question {
        text: "Which database shall the tests use?".into(),
        options: vec!["SQLite".into(), "PostgreSQL".into()],
    };
    assert_eq!(*bench.gate.questions.lock().unwrap(), [question]);
}

#[test]
fn without_an_answer_the_model_decides_unless_it_was_interrupted() {
    let bench = Bench::new(&[]);
    let output = bench.call(&AskUser, r#"{"question": "Why?"}"#);
    assert!(
        bench
            .text(&output)
            .starts_with("Nobody is there to answer.")
    );
    assert_eq!(output.status, ToolStatus::Succeeded);
    bench.cancel.set();
    let output = bench.call(&AskUser, r#"{"question": "Why?"}"#);
    assert_eq!(output.status, ToolStatus::Interrupted);
}

#[test]
fn an_empty_question_is_not_asked() {
    let bench = Bench::new(&[]);
    assert_eq!(
        bench.call(&AskUser, r#"{"question": " "}"#).status,
        ToolStatus::Failed
    );
    assert!(bench.gate.questions.lock().unwrap().is_empty());
}
