//! Changes that are judged: kept and undone one by one, across restarts, by a commit, with a reason.

use std::path::Path;
use std::process::Command;

use scripted_model::Step;
use serde_json::json;

use crate::desk::{Desk, Profile, Setting, add_file, delete_file, patch};

const LINES: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n";
const CHANGED: &str = "one\nTWO\nthree\nfour\nfive\nSIX\nseven\n";

/// A desk at which a task has replaced two lines of `a.txt`, which is open.
fn desk_with_changes(profile: Profile) -> Desk {
    let mut desk = Desk::start(&Setting {
        profile,
        files: &[("a.txt", LINES), ("b.txt", "gone\n")],
        ..Setting::default()
    });
    let change = patch("a.txt", &[("two", "TWO"), ("six", "SIX")]);
    desk.model.play("shout", vec![change, Step::say("Done.")]);
    desk.open("a.txt");
    desk.start_task("shout");
    desk.settle();
    assert_eq!(desk.text("a.txt"), CHANGED, "{}", desk.account());
    desk
}

fn lines(desk: &Desk) -> Vec<u64> {
    let changes = desk.shown_changes();
    changes.into_iter().map(|(_, line, _)| line).collect()
}

#[test]
fn changes_are_kept_and_undone_one_by_one_while_the_user_types() {
    for profile in Profile::ALL {
        let mut desk = desk_with_changes(profile);
        assert_eq!(lines(&desk), [2, 6]);
        desk.type_before("a.txt", "one", "zero\n");
        desk.settle();
        assert_eq!(lines(&desk), [3, 7], "{}", desk.account());
        desk.run_action("a.txt", 2, "Undo");
        desk.wait_until("it is undone", |desk| !desk.text("a.txt").contains("TWO"));
        desk.settle();
        assert_eq!(
            desk.text("a.txt"),
            format!("zero\n{CHANGED}").replace("TWO", "two")
        );
        assert_eq!(lines(&desk), [7]);
        desk.run_action("a.txt", 6, "Keep");
        desk.settle();
        assert_eq!(desk.shown_changes(), []);
        assert_eq!(
            desk.text("a.txt"),
            format!("zero\n{CHANGED}").replace("TWO", "two")
        );
        desk.assert_same_as_server("a.txt");
    }
}

#[test]
fn undoing_everywhere_brings_files_back_and_takes_new_ones_away() {
    for profile in Profile::ALL {
        let mut desk = Desk::start(&Setting {
            profile,
            files: &[("a.txt", LINES), ("b.txt", "gone\n")],
            ..Setting::default()
        });
        let steps = vec![
            patch("a.txt", &[("two", "TWO")]),
            add_file("new.txt", "new\n"),
            delete_file("b.txt"),
            Step::say("Done."),
        ];
        desk.model.play("all of it", steps);
        desk.open("a.txt");
        desk.start_task("all of it");
        desk.settle();
        assert_eq!(desk.listed_changes().len(), 3, "{}", desk.account());
        desk.run_command("ropewalk.review.undoAll", json!(["everywhere"]))
            .unwrap();
        desk.wait_until("nothing waits", |desk| desk.listed_changes().is_empty());
        desk.settle();
        assert_eq!(desk.text("a.txt"), LINES, "{}", desk.account());
        let new = desk.path("new.txt");
        desk.wait_until("the new file is gone", |_| !new.exists());
        let old = match desk.is_open("b.txt") {
            true => desk.text("b.txt").to_owned(),
            false => desk.disk("b.txt").unwrap_or_default(),
        };
        assert_eq!(old, "gone\n", "{}", desk.account());
    }
}

#[test]
fn a_change_in_a_closed_file_is_undone_when_another_program_has_just_written_there() {
    for profile in [Profile::Helix, Profile::VsCode] {
        let mut desk = desk_with_changes(profile);
        desk.save("a.txt");
        desk.close("a.txt");
        desk.settle();
        desk.write_outside("a.txt", &format!("zero\n{CHANGED}"));
        desk.run_command("ropewalk.review.undoAll", json!(["everywhere"]))
            .unwrap();
        desk.wait_until("nothing waits", |desk| desk.listed_changes().is_empty());
        desk.settle();
        assert_eq!(desk.text("a.txt"), format!("zero\n{LINES}"));
        desk.assert_same_as_server("a.txt");
    }
}

#[test]
fn what_is_not_judged_is_still_there_after_a_restart() {
    let mut desk = desk_with_changes(Profile::Neovim);
    desk.save("a.txt");
    desk.restart();
    desk.settle();
    assert_eq!(lines(&desk), [2, 6], "{}", desk.account());
    desk.run_action("a.txt", 1, "Undo");
    desk.wait_until("it is undone", |desk| !desk.text("a.txt").contains("TWO"));
    desk.settle();
    assert_eq!(desk.text("a.txt"), CHANGED.replace("TWO", "two"));
}

#[test]
fn what_was_not_saved_when_the_editor_ended_can_be_had_again() {
    let mut desk = desk_with_changes(Profile::Neovim);
    desk.buffers.clear();
    desk.will_press("Apply again");
    desk.restart();
    desk.open("a.txt");
    desk.wait_until("it is there again", |desk| desk.text("a.txt") == CHANGED);
    desk.settle();
    assert_eq!(lines(&desk), [2, 6], "{}", desk.account());
    desk.read_all_messages();
}

#[test]
fn a_commit_judges_what_is_in_it() {
    let mut desk = desk_with_changes(Profile::Neovim);
    let file = desk.path("a.txt");
    let folder = file.parent().unwrap();
    desk.save("a.txt");
    git(folder, &["init", "-q"]);
    git(folder, &["add", "a.txt"]);
    git(folder, &["commit", "-qm", "a"]);
    desk.save("a.txt");
    desk.wait_until("nothing waits", |desk| desk.listed_changes().is_empty());
    desk.settle();
    assert_eq!(desk.text("a.txt"), CHANGED);
}

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(identity).args(arguments);
    assert!(git.output().unwrap().status.success(), "{arguments:?}");
}

#[test]
fn the_reason_for_an_undo_reaches_the_agent_with_the_next_turn() {
    let mut desk = desk_with_changes(Profile::Neovim);
    desk.will_press("Not asked for");
    desk.run_action("a.txt", 1, "Undo +1 −1 and tell");
    desk.wait_until("it is undone", |desk| !desk.text("a.txt").contains("TWO"));
    desk.settle();
    assert!(!desk.model.was_told("Not asked for"));
    desk.model.play("go on", vec![Step::say("I see.")]);
    desk.run_command("ropewalk.task.steer", json!([1, "go on"]))
        .unwrap();
    desk.wait_until("the agent is told", |desk| {
        desk.model.was_told("a.txt:2 (+1 −1): Not asked for")
    });
    desk.settle();
}
