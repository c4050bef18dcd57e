//! Changes that are kept and undone.

use scripted_model::Step;
use serde_json::json;

use crate::desk::{Desk, Profile, Setting, patch};

const POEM: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";

/// A desk on which three lines were changed: 2, 4 and 7.
fn desk(profile: Profile) -> Desk {
    let files = [("poem.txt", POEM)];
    let mut desk = Desk::start(&Setting {
        profile,
        files: &files,
        ..Setting::default()
    });
    desk.open("poem.txt");
    let changes = [("two", "zwei"), ("four", "vier"), ("seven", "sieben")];
    let steps = vec![patch("poem.txt", &changes), Step::say("Done.")];
    desk.model.play("translate", steps);
    desk.start_task("translate");
    desk.settle();
    let lines: Vec<u64> = desk.shown_changes().iter().map(|it| it.1).collect();
    assert_eq!(lines, [2, 4, 7]);
    desk
}

#[test]
fn what_the_user_types_beside_a_change_stays_and_within_it_goes_with_it() {
    for profile in Profile::ALL {
        let mut desk = desk(profile);
        desk.type_before("poem.txt", "one", "typed ");
        desk.type_before("poem.txt", "vier", "within ");
        desk.type_before("poem.txt", "five", "below\n");
        desk.settle();
        desk.run_command("ropewalk.review.undoAll", json!(["everywhere"]))
            .unwrap();
        let expected = POEM
            .replace("one", "typed one")
            .replace("five", "below\nfive");
        desk.wait_until("all is undone", |desk| desk.text("poem.txt") == expected);
        desk.settle();
        assert_eq!(desk.shown_changes(), []);
        desk.assert_same_as_server("poem.txt");
    }
}

#[test]
fn the_reason_for_an_undo_is_told_with_the_next_turn() {
    let mut desk = desk(Profile::Helix);
    desk.will_press("Breaks something");
    desk.run_action("poem.txt", 3, "Undo +1 −1 and tell the agent why");
    desk.wait_until("it is undone", |desk| {
        desk.text("poem.txt").lines().nth(3) == Some("four")
    });
    desk.model.play("go on", vec![Step::say("I see.")]);
    desk.run_command("ropewalk.task.steer", json!([1, "go on"]))
        .unwrap();
    desk.wait_until("the agent was told", |desk| {
        desk.model.was_told("Breaks something")
    });
    desk.settle();
}

#[test]
fn the_next_and_the_previous_change_are_shown() {
    let mut desk = desk(Profile::Neovim);
    desk.code_actions("poem.txt", 0);
    let line = |desk: &mut Desk, command: &str| {
        let answer = desk.run_command(command, json!([])).unwrap();
        answer["line"].as_u64().unwrap()
    };
    let lines = [
        line(&mut desk, "ropewalk.review.next"),
        line(&mut desk, "ropewalk.review.next"),
        line(&mut desk, "ropewalk.review.next"),
        line(&mut desk, "ropewalk.review.next"),
        line(&mut desk, "ropewalk.review.previous"),
    ];
    assert_eq!(lines, [2, 4, 7, 2, 7]);
    assert_eq!(desk.shown.len(), 5);
}
