//! Inline edits: a selection rewritten in place by one answer of the model.

use std::fs;

use scripted_model::{Fault, Refusal, Step};
use serde_json::{Value, json};

use crate::desk::{Desk, Profile, Setting};

const SUMS: &str = "def add(left, right):\n    return left - right\n";
const ADDED: &str = "def add(left, right):\n    return left + right\n";
const ANSWER: &str = "Here it is:\n```python\nreturn left + right\n```\nIt adds now.";

fn desk(profile: Profile) -> Desk {
    let mut desk = Desk::start(&Setting {
        profile,
        files: &[("calc.py", SUMS)],
        ..Setting::default()
    });
    desk.model.play("make it add", vec![Step::say(ANSWER)]);
    desk.open("calc.py");
    desk
}

fn edit_second_line(desk: &mut Desk) -> Value {
    let place = json!({ "uri": "calc.py", "lines": [2, 2] });
    desk.run_command("ropewalk.inlineEdit", json!(["make it add", place]))
        .unwrap()
}

fn is_over(desk: &Desk) -> bool {
    desk.progress.iter().all(|progress| progress.is_over)
}

#[test]
fn the_selection_is_replaced_in_one_step_and_can_be_judged() {
    for profile in Profile::ALL {
        let mut desk = desk(profile);
        assert_eq!(edit_second_line(&mut desk), json!({ "inlineEdit": 1 }));
        desk.wait_until("the edit is there", |desk| desk.text("calc.py") == ADDED);
        desk.wait_until("it is over", |desk| is_over(desk));
        assert_eq!(desk.edits.len(), 1);
        desk.wait_until("it can be judged", |desk| {
            let listed = desk.listed_changes();
            !listed.is_empty() && listed == desk.shown_changes()
        });
        let changes = desk.listed_changes();
        let [(path, 2, words)] = &*changes else {
            panic!("{changes:?}");
        };
        assert_eq!(*path, desk.path("calc.py"));
        assert!(words.contains("make it add"), "{words}");
        assert_eq!(desk.disk("calc.py").as_deref(), Some(SUMS));
        assert!(desk.undo("calc.py"));
        assert_eq!(desk.text("calc.py"), SUMS);
        desk.assert_same_as_server("calc.py");
    }
}

#[test]
fn an_inline_edit_is_undone_as_a_change_of_an_agent() {
    let mut desk = desk(Profile::Neovim);
    edit_second_line(&mut desk);
    desk.wait_until("it can be judged", |desk| {
        let listed = desk.listed_changes();
        !listed.is_empty() && listed == desk.shown_changes()
    });
    desk.run_action("calc.py", 1, "Undo");
    desk.wait_until("it is undone", |desk| desk.text("calc.py") == SUMS);
    desk.assert_same_as_server("calc.py");
}

#[test]
fn typing_elsewhere_meanwhile_stays() {
    for profile in Profile::ALL {
        let mut desk = desk(profile);
        desk.model.hold("make it add");
        edit_second_line(&mut desk);
        desk.type_at("calc.py", 0, "# 😀 a sum\r\n");
        let end = desk.text("calc.py").len();
        desk.type_at("calc.py", end, "# the end\n");
        desk.model.let_go("make it add");
        let wanted = format!("# 😀 a sum\r\n{}# the end\n", ADDED);
        let same = |text: &str| text.replace("\r\n", "\n") == wanted.replace("\r\n", "\n");
        desk.wait_until("the edit is there", |desk| same(desk.text("calc.py")));
        desk.wait_until("it is over", |desk| is_over(desk));
        desk.assert_same_as_server("calc.py");
    }
}

#[test]
fn typing_in_the_selection_wins_and_the_answer_is_shown() {
    for profile in Profile::ALL {
        let mut desk = desk(profile);
        desk.model.hold("make it add");
        edit_second_line(&mut desk);
        desk.overwrite("calc.py", "left -", "left *");
        let typed = desk.text("calc.py").to_owned();
        desk.model.let_go("make it add");
        desk.read_message("typed in the selection");
        desk.wait_until("the answer is shown", |desk| !desk.shown.is_empty());
        let shown = fs::read_to_string(&desk.shown[0]).unwrap();
        assert!(shown.contains("return left + right"), "{shown}");
        assert_eq!(desk.text("calc.py"), typed);
        assert_eq!(desk.edits.len(), 0);
        assert!(is_over(&desk));
    }
}

#[test]
fn a_cancelled_edit_leaves_nothing() {
    let mut desk = desk(Profile::Helix);
    desk.model.hold("make it add");
    edit_second_line(&mut desk);
    desk.wait_until("progress is shown", |desk| !desk.progress.is_empty());
    desk.wait_until("the model is asked", |desk| {
        desk.model.was_told("make it add")
    });
    assert!(desk.progress[0].is_cancellable);
    let token = desk.progress[0].token.clone();
    desk.notify("window/workDoneProgress/cancel", json!({ "token": token }));
    desk.wait_until("it is over", |desk| is_over(desk));
    desk.model.let_go("make it add");
    let refusal = desk.run_command("ropewalk.inlineEdit.stop", json!([1]));
    assert!(refusal.is_err());
    assert_eq!(desk.text("calc.py"), SUMS);
    assert_eq!(desk.edits.len(), 0);
    assert_eq!(desk.listed_changes(), []);
    desk.read_all_messages();
}

#[test]
fn a_model_that_refuses_is_reported_and_changes_nothing() {
    let mut desk = desk(Profile::VsCode);
    desk.model.play(
        "make it add",
        vec![Step::fault(Fault::Refuse(Refusal::Unauthorized))],
    );
    edit_second_line(&mut desk);
    desk.read_message("was not applied");
    assert_eq!(desk.text("calc.py"), SUMS);
    assert_eq!(desk.edits.len(), 0);
}

#[test]
fn an_answer_without_news_is_said_to_be_so() {
    let mut desk = desk(Profile::Neovim);
    let answers = [
        (
            "keep it",
            "```\n    return left - right\n```",
            "nothing to change",
        ),
        ("say nothing", "```\n```", "is empty"),
    ];
    for (words, answer, message) in answers {
        desk.model.play(words, vec![Step::say(answer)]);
        let place = json!({ "uri": "calc.py", "lines": [2, 2] });
        desk.run_command("ropewalk.inlineEdit", json!([words, place]))
            .unwrap();
        desk.read_message(message);
    }
    assert_eq!(desk.text("calc.py"), SUMS);
}

#[test]
fn a_comment_says_what_to_do_and_goes() {
    let mut desk = desk(Profile::Helix);
    desk.type_before("calc.py", "def", "# rw: make it add\n");
    desk.model.play(
        "make it add",
        vec![Step::say(format!("```python\n{ADDED}```"))],
    );
    desk.run_action("calc.py", 0, "Edit inline: make it add");
    desk.wait_until("the edit is there", |desk| desk.text("calc.py") == ADDED);
    desk.wait_until("it is over", |desk| is_over(desk));
    desk.assert_same_as_server("calc.py");
}

#[test]
fn without_words_the_user_is_told_how_to_give_them() {
    let mut desk = desk(Profile::Neovim);
    let refusal = desk.run_command(
        "ropewalk.inlineEdit",
        json!([{ "uri": "calc.py", "lines": [2, 2] }]),
    );
    let refusal = refusal.unwrap_err();
    assert!(
        refusal.1.contains("say what is to become of the selection"),
        "{refusal:?}"
    );
    assert_eq!(
        desk.action_titles("calc.py", 1)
            .iter()
            .find(|title| title.starts_with("Edit inline")),
        None
    );
}

#[test]
fn clients_that_show_it_see_it_grow() {
    let mut desk = desk(Profile::Rich);
    edit_second_line(&mut desk);
    desk.wait_until("it is applied", |desk| {
        desk.inline_edits
            .last()
            .is_some_and(|edit| edit["state"] == "applied")
    });
    let applying = desk
        .inline_edits
        .iter()
        .find(|edit| edit["state"] == "applying")
        .unwrap();
    let range = json!({
        "start": { "line": 1, "character": 0 },
        "end": { "line": 1, "character": 23 },
    });
    assert_eq!(applying["text"], "    return left + right");
    assert_eq!(applying["range"], range);
    assert_eq!(desk.inline_edits[0]["state"], "writing");
    assert_eq!(desk.text("calc.py"), ADDED);
}
