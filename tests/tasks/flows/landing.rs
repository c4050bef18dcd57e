//! Changes that land while the user works.

use scripted_model::Step;
use serde_json::json;

use crate::desk::{Desk, Manners, Profile, Setting, patch};

const POEM: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n";

fn desk(profile: Profile, settings: &str) -> Desk {
    let files = [("poem.txt", POEM)];
    let mut desk = Desk::start(&Setting {
        profile,
        files: &files,
        settings,
        ..Setting::default()
    });
    desk.open("poem.txt");
    desk
}

fn play(desk: &Desk, when: &str, replacements: &[(&str, &str)]) {
    let steps = vec![patch("poem.txt", replacements), Step::say("Done.")];
    desk.model.play(when, steps);
}

#[test]
fn two_tasks_land_in_a_file_in_which_the_user_types() {
    for profile in Profile::ALL {
        let mut desk = desk(profile, "");
        play(&desk, "mend the second", &[("two", "zwei")]);
        play(&desk, "mend the seventh", &[("seven", "sieben")]);
        for words in ["mend the second", "mend the seventh"] {
            desk.model.hold(words);
            desk.start_task(words);
        }
        desk.type_before("poem.txt", "one\n", "zero\n");
        desk.type_before("poem.txt", "zero", "start ");
        desk.model.let_go("mend the second");
        for letter in "naïve 🦀".chars() {
            desk.type_before("poem.txt", "\nfive", &letter.to_string());
            desk.pump(std::time::Duration::from_millis(10));
        }
        desk.model.let_go("mend the seventh");
        desk.type_before("poem.txt", "nine", "end: ");
        desk.settle();
        let expected =
            "start zero\none\nzwei\nthree\nfournaïve 🦀\nfive\nsix\nsieben\neight\nend: nine\n";
        assert_eq!(
            desk.text("poem.txt"),
            expected,
            "{profile:?}\n{}",
            desk.account()
        );
        assert_eq!(desk.disk("poem.txt").as_deref(), Some(POEM));
        desk.assert_same_as_server("poem.txt");
        assert_eq!(desk.shown_changes().len(), 2);
    }
}

#[test]
fn the_editors_undo_takes_a_landing_back_in_one_step() {
    for profile in Profile::ALL {
        let mut desk = desk(profile, "");
        play(&desk, "mend", &[("two", "zwei"), ("seven", "sieben")]);
        desk.start_task("mend");
        desk.settle();
        assert_eq!(desk.shown_changes().len(), 2);
        assert!(desk.undo("poem.txt"));
        assert_eq!(desk.text("poem.txt"), POEM);
        desk.wait_until("no change is shown", |desk| desk.shown_changes().is_empty());
        desk.settle();
        desk.assert_same_as_server("poem.txt");
        assert!(!desk.undo("poem.txt"));
    }
}

#[test]
fn a_preview_changes_nothing_until_it_is_wanted() {
    for profile in Profile::ALL {
        let mut desk = desk(profile, "[tasks]\nlanding = \"preview\"\n");
        play(&desk, "mend", &[("two", "zwei")]);
        let task = desk.start_task("mend");
        desk.wait_for_state(task, "proposed");
        assert_eq!(desk.text("poem.txt"), POEM);
        desk.wait_until("the difference is shown", |desk| !desk.shown.is_empty());
        let shown = std::fs::read_to_string(desk.shown.last().unwrap()).unwrap();
        assert!(shown.contains("-two") && shown.contains("+zwei"), "{shown}");
        desk.run_command("ropewalk.task.apply", json!([task]))
            .unwrap();
        desk.settle();
        assert_eq!(desk.text("poem.txt"), POEM.replace("two", "zwei"));
        assert_eq!(desk.shown_changes().len(), 1);
        desk.read_all_messages();
    }
}

#[test]
fn a_preview_that_is_not_wanted_leaves_nothing() {
    let mut desk = desk(Profile::VsCode, "[tasks]\nlanding = \"preview\"\n");
    play(&desk, "mend", &[("two", "zwei")]);
    let task = desk.start_task("mend");
    desk.wait_for_state(task, "proposed");
    desk.run_command("ropewalk.task.discard", json!([task]))
        .unwrap();
    desk.wait_until("the twin is gone", |desk| desk.twins().is_empty());
    assert_eq!((desk.text("poem.txt"), desk.edits.len()), (POEM, 0));
    desk.read_all_messages();
}

#[test]
fn what_lands_in_auto_mode_is_kept() {
    for profile in Profile::ALL {
        let mut desk = desk(profile, "[tasks]\nlanding = \"auto\"\n");
        play(&desk, "mend", &[("two", "zwei")]);
        desk.start_task("mend");
        desk.settle();
        assert_eq!(desk.text("poem.txt"), POEM.replace("two", "zwei"));
        assert_eq!(desk.shown_changes(), []);
    }
}

#[test]
fn a_turn_is_taken_back_from_its_checkpoint_without_what_the_user_typed_since() {
    for profile in Profile::ALL {
        let mut desk = desk(profile, "");
        desk.type_before("poem.txt", "one", "unsaved: ");
        play(&desk, "mend", &[("two", "zwei")]);
        desk.start_task("mend");
        desk.settle();
        desk.type_before("poem.txt", "eight", "typed since: ");
        desk.run_command("ropewalk.checkpoint.restore", json!(["last"]))
            .unwrap();
        let expected =
            "unsaved: one\ntwo\nthree\nfour\nfive\nsix\nseven\ntyped since: eight\nnine\n";
        desk.wait_until("the turn is taken back", |desk| {
            desk.text("poem.txt") == expected
        });
        desk.settle();
        desk.assert_same_as_server("poem.txt");
        assert_eq!(desk.shown_changes(), []);
        desk.read_all_messages();
    }
}

/// What a client that does not do what it was asked makes of a landing: nothing is lost, and the user is told.
fn land_badly(profile: Profile, manners: Manners) -> Desk {
    let mut desk = desk(profile, "");
    desk.manners = manners;
    play(&desk, "mend", &[("two", "zwei"), ("seven", "sieben")]);
    desk.type_before("poem.txt", "one", "typed ");
    let task = desk.start_task("mend");
    desk.wait_until("the edit is asked for", |desk| !desk.edits.is_empty());
    desk.wait_until("the landing is over", |desk| {
        desk.task_state(task) != "landing"
    });
    desk.assert_same_as_server("poem.txt");
    assert!(desk.text("poem.txt").contains("typed one"));
    desk
}

#[test]
fn an_edit_that_is_only_said_to_be_applied_can_be_applied_later() {
    for profile in Profile::ALL {
        for manners in [Manners::Lies, Manners::Declines] {
            let mut desk = land_badly(profile, manners);
            assert_eq!(desk.task_state(1), "proposed", "{}", desk.account());
            desk.manners = Manners::Good;
            desk.run_command("ropewalk.task.apply", json!([1])).unwrap();
            desk.settle();
            let landed = POEM.replace("two", "zwei").replace("seven", "sieben");
            assert_eq!(desk.text("poem.txt"), format!("typed {landed}"));
            assert_eq!(desk.shown_changes().len(), 2);
            desk.read_all_messages();
        }
    }
}

#[test]
fn of_an_edit_that_is_half_applied_every_change_is_judged_and_the_rest_is_told_of() {
    let mut desk = land_badly(Profile::Neovim, Manners::Halves);
    desk.settle();
    let text = desk.text("poem.txt").to_owned();
    assert!(text.contains("zwei") != text.contains("sieben"), "{text}");
    let said = desk.read_all_messages().join("\n");
    assert!(said.contains("poem.txt"), "{said}");
    desk.manners = Manners::Good;
    desk.run_command("ropewalk.review.undoAll", json!(["everywhere"]))
        .ok();
    desk.wait_until("nothing of it is left", |desk| {
        desk.text("poem.txt") == format!("typed {POEM}")
    });
    desk.read_all_messages();
}

#[test]
fn an_edit_that_is_applied_late_and_after_more_typing_is_taken_for_what_it_is() {
    for profile in Profile::ALL {
        let mut desk = desk(profile, "");
        desk.manners = Manners::Holds;
        play(&desk, "mend", &[("two", "zwei")]);
        let task = desk.start_task("mend");
        desk.wait_until("the edit is asked for", |desk| !desk.held_edits.is_empty());
        desk.type_before("poem.txt", "eight", "typed ");
        desk.manners = Manners::Good;
        desk.apply_held_edits();
        desk.wait_until("the landing is over", |desk| {
            desk.task_state(task) != "landing"
        });
        desk.settle();
        let expected = POEM.replace("two", "zwei").replace("eight", "typed eight");
        assert_eq!(
            desk.text("poem.txt"),
            expected,
            "{profile:?}\n{}",
            desk.account()
        );
        assert_eq!(desk.shown_changes().len(), 1);
        desk.read_all_messages();
    }
}
