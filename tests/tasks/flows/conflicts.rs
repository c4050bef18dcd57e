//! The user and a task have changed the same.

use scripted_model::Step;
use serde_json::json;

use crate::desk::{Desk, Profile, Setting, patch};

const POEM: &str = "one\ntwo\nthree\nfour\nfive\nsix\n";

/// A desk on which the user has changed line 2, and a task lines 2 and 5.
fn desk(profile: Profile) -> Desk {
    let files = [("poem.txt", POEM)];
    let mut desk = Desk::start(&Setting {
        profile,
        files: &files,
        ..Setting::default()
    });
    desk.open("poem.txt");
    let changes = [("two", "zwei"), ("five", "fünf")];
    desk.model.play(
        "translate",
        vec![patch("poem.txt", &changes), Step::say("Done.")],
    );
    desk.model.hold("translate");
    desk.start_task("translate");
    desk.wait_until("the model is asked", |desk| {
        desk.model.was_told("translate")
    });
    desk.overwrite("poem.txt", "two", "deux");
    desk.model.let_go("translate");
    desk.settle();
    assert_eq!(desk.text("poem.txt"), "one\ndeux\nthree\nfour\nfünf\nsix\n");
    desk.read_message("conflict");
    desk
}

#[test]
fn the_users_text_stays_and_a_conflict_is_shown_that_is_decided_by_code_action() {
    let decisions = [
        (
            "ropewalk.conflict.task",
            "one\nzwei\nthree\nfour\nfünf\nsix\n",
        ),
        (
            "ropewalk.conflict.mine",
            "one\ndeux\nthree\nfour\nfünf\nsix\n",
        ),
        (
            "ropewalk.conflict.both",
            "one\ndeux\nzwei\nthree\nfour\nfünf\nsix\n",
        ),
    ];
    for profile in Profile::ALL {
        for (command, expected) in decisions {
            let mut desk = desk(profile);
            desk.wait_until("the conflict is shown", |desk| conflicts(desk) == [1]);
            let actions = desk.code_actions("poem.txt", 1);
            let commands = actions.iter().map(|action| &action["command"]);
            let chosen = commands.clone().find(|it| it["command"] == command);
            let chosen = chosen
                .unwrap_or_else(|| panic!("{command}: {actions:#?}"))
                .clone();
            desk.run_command(command, chosen["arguments"].clone())
                .unwrap();
            desk.wait_until("it is decided", |desk| desk.text("poem.txt") == expected);
            desk.wait_until("no conflict is shown", |desk| conflicts(desk).is_empty());
            desk.settle();
            desk.assert_same_as_server("poem.txt");
            desk.read_all_messages();
        }
    }
}

#[test]
fn a_conflict_moves_with_the_text_around_it() {
    let mut desk = desk(Profile::Rich);
    desk.type_before("poem.txt", "one", "zero\nhalf\n");
    desk.wait_until("the conflict is shown there", |desk| conflicts(desk) == [3]);
    let list = desk.run_command("ropewalk.conflicts", json!([])).unwrap();
    assert!(list.to_string().contains("poem.txt"), "{list}");
    desk.read_all_messages();
}

/// The lines of the conflicts that are shown, counted from 0.
fn conflicts(desk: &Desk) -> Vec<u64> {
    let all = desk.diagnostics.values().flatten();
    let conflicts = all.filter(|it| it["code"] == "conflict");
    conflicts
        .map(|it| it["range"]["start"]["line"].as_u64().unwrap())
        .collect()
}
