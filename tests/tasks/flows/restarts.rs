//! Servers that end, by order or by force, and start again under the same editor.

use std::fs;
use std::path::Path;

use scripted_model::Step;
use serde_json::json;

use crate::desk::{Desk, Manners, Profile, Setting, patch};

const POEM: &str = "one\ntwo\nthree\nfour\nfive\n";

fn desk(profile: Profile) -> Desk {
    let files = [("poem.txt", POEM)];
    let mut desk = Desk::start(&Setting {
        profile,
        files: &files,
        ..Setting::default()
    });
    desk.open("poem.txt");
    let step = patch("poem.txt", &[("two", "zwei"), ("four", "vier")]);
    desk.model.play("translate", vec![step, Step::say("Done.")]);
    desk
}

/// Ends the server by order or by force.
type End = fn(&mut Desk);
const ENDS: [End; 2] = [Desk::restart, Desk::kill_and_restart];

#[test]
fn changes_that_wait_for_judgement_still_do() {
    for profile in Profile::ALL {
        for end in ENDS {
            let mut desk = desk(profile);
            desk.start_task("translate");
            desk.settle();
            let shown = desk.shown_changes();
            let stored = desk.state_folder().join("ledger");
            desk.wait_until("the changes are on disk", |_| holds(&stored, "vier"));
            end(&mut desk);
            desk.wait_until("the changes are shown again", |desk| {
                desk.shown_changes() == shown
            });
            desk.run_action("poem.txt", 1, "Undo");
            let undone = POEM.replace("four", "vier");
            desk.wait_until("it is undone", |desk| desk.text("poem.txt") == undone);
            assert_eq!(desk.questions, []);
        }
    }
}

#[test]
fn a_proposal_that_was_not_taken_is_still_there() {
    for end in ENDS {
        let mut desk = desk(Profile::Helix);
        desk.manners = Manners::Declines;
        let task = desk.start_task("translate");
        desk.wait_for_state(task, "proposed");
        desk.read_all_messages();
        end(&mut desk);
        desk.manners = Manners::Good;
        desk.wait_until("the task is listed again", |desk| !desk.tasks().is_empty());
        let task = desk.tasks()[0]["task"].as_u64().unwrap();
        desk.run_command("ropewalk.task.apply", json!([task]))
            .unwrap();
        desk.settle();
        let expected = POEM.replace("two", "zwei").replace("four", "vier");
        assert_eq!(desk.text("poem.txt"), expected, "{}", desk.account());
        desk.read_all_messages();
    }
}

#[test]
fn a_task_whose_server_is_killed_can_be_gone_on_with() {
    let mut desk = desk(Profile::Neovim);
    desk.model.hold("translate");
    desk.start_task("translate");
    desk.wait_until("the model is asked", |desk| {
        desk.model.was_told("translate")
    });
    desk.type_before("poem.txt", "one", "typed ");
    desk.kill_and_restart();
    desk.model.let_go("translate");
    desk.wait_until("the task is listed again", |desk| !desk.tasks().is_empty());
    let task = desk.tasks()[0].clone();
    if task["state"] != "running" {
        desk.run_command("ropewalk.task.retry", json!([task["task"]]))
            .unwrap();
    }
    desk.settle();
    let expected = POEM.replace("two", "zwei").replace("four", "vier");
    assert_eq!(
        desk.text("poem.txt"),
        format!("typed {expected}"),
        "{}",
        desk.account()
    );
    desk.read_all_messages();
}

/// Whether a file below a folder has these words in it.
fn holds(folder: &Path, words: &str) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths = entries.map(|entry| entry.path());
    paths.any(|path| match path.is_dir() {
        true => holds(&path, words),
        false => fs::read_to_string(&path).is_ok_and(|text| text.contains(words)),
    })
}
