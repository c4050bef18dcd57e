//! Files of every kind: not open, created, deleted, binary, with odd line breaks, in a second folder, in none.

use std::fs;

use scripted_model::Step;
use serde_json::json;

use crate::desk::{Desk, Profile, Setting, add_file, delete_file, patch};

fn desk(profile: Profile, files: &[(&str, &str)]) -> Desk {
    Desk::start(&Setting {
        profile,
        files,
        ..Setting::default()
    })
}

/// Runs a task that does `step`.
fn run(desk: &mut Desk, step: Step) {
    desk.model.play("do it", vec![step, Step::say("Done.")]);
    desk.start_task("do it");
    desk.settle();
}

#[test]
fn line_breaks_stay_as_they_are() {
    for profile in Profile::ALL {
        let text = "one\r\ntwo\r\nthree\r\n";
        let mut desk = desk(profile, &[("dos.txt", text)]);
        desk.open("dos.txt");
        run(&mut desk, patch("dos.txt", &[("two", "zwei\nzweieinhalb")]));
        let expected = "one\r\nzwei\r\nzweieinhalb\r\nthree\r\n";
        assert_eq!(desk.text("dos.txt"), expected, "{profile:?}");
        desk.run_action("dos.txt", 1, "Undo");
        desk.wait_until("it is undone", |desk| desk.text("dos.txt") == text);
        desk.assert_same_as_server("dos.txt");
    }
}

#[test]
fn characters_of_all_widths_are_counted_rightly() {
    for profile in Profile::ALL {
        let text = "🦀 crab 🦀 é end\nplain\nlast 🧑‍🚀 without break";
        let mut desk = desk(profile, &[("wide.txt", text)]);
        desk.open("wide.txt");
        let changes = [
            ("🦀 crab 🦀 é end", "🦀 crab 🐙 é end"),
            ("last 🧑‍🚀 without break", "last 🧑‍🚀 and more"),
        ];
        run(&mut desk, patch("wide.txt", &changes));
        let expected = "🦀 crab 🐙 é end\nplain\nlast 🧑‍🚀 and more";
        assert_eq!(desk.text("wide.txt").trim_end(), expected, "{profile:?}");
        desk.run_command("ropewalk.review.undoAll", json!(["everywhere"]))
            .unwrap();
        desk.wait_until("all is undone", |desk| desk.text("wide.txt") == text);
        desk.assert_same_as_server("wide.txt");
    }
}

#[test]
fn unsaved_text_is_what_the_task_works_on() {
    for profile in Profile::ALL {
        let mut desk = desk(profile, &[("a.txt", "saved\n")]);
        desk.open("a.txt");
        desk.overwrite("a.txt", "saved", "typed\nbut not saved");
        run(
            &mut desk,
            patch("a.txt", &[("but not saved", "and changed")]),
        );
        assert_eq!(
            desk.text("a.txt"),
            "typed\nand changed\n",
            "{}",
            desk.account()
        );
        assert_eq!(desk.disk("a.txt").as_deref(), Some("saved\n"));
        desk.run_action("a.txt", 1, "Undo");
        desk.wait_until("it is undone", |desk| {
            desk.text("a.txt") == "typed\nbut not saved\n"
        });
    }
}

#[test]
fn a_file_that_is_not_open_is_changed_through_the_editor_and_undone_too() {
    for profile in Profile::ALL {
        let mut desk = desk(profile, &[("a.txt", "one\ntwo\n"), ("b.txt", "open\n")]);
        desk.open("b.txt");
        run(&mut desk, patch("a.txt", &[("two", "zwei")]));
        assert!(desk.is_open("a.txt"), "{}", desk.account());
        assert_eq!(desk.text("a.txt"), "one\nzwei\n");
        assert_eq!(desk.disk("a.txt").as_deref(), Some("one\ntwo\n"));
        desk.run_command("ropewalk.review.undoAll", json!(["everywhere"]))
            .unwrap();
        desk.wait_until("it is undone", |desk| desk.text("a.txt") == "one\ntwo\n");
        desk.settle();
        desk.assert_all_same_as_server();
    }
}

#[test]
fn a_created_file_goes_with_its_undo_unless_the_user_has_typed_into_it() {
    for profile in Profile::ALL {
        for typed in ["", "mine\n"] {
            let mut desk = desk(profile, &[("a.txt", "one\n")]);
            desk.open("a.txt");
            run(&mut desk, add_file("deep/new.txt", "made\nby the task\n"));
            assert_eq!(
                desk.text("deep/new.txt"),
                "made\nby the task\n",
                "{}",
                desk.account()
            );
            desk.assert_all_same_as_server();
            if !typed.is_empty() {
                desk.type_at("deep/new.txt", 0, typed);
            }
            desk.run_command("ropewalk.review.undoAll", json!(["everywhere"]))
                .unwrap();
            desk.wait_until("no change waits", |desk| desk.listed_changes().is_empty());
            if typed.is_empty() {
                assert_eq!(
                    desk.disk("deep/new.txt"),
                    None,
                    "{profile:?}\n{}",
                    desk.account()
                );
            } else {
                assert!(desk.text("deep/new.txt").contains("mine\n"), "{profile:?}");
            }
            desk.read_all_messages();
        }
    }
}

#[test]
fn a_deleted_file_comes_back_with_its_undo() {
    for profile in Profile::ALL {
        let mut desk = desk(
            profile,
            &[("a.txt", "one\n"), ("gone.txt", "text\nof it\n")],
        );
        desk.open("a.txt");
        run(&mut desk, delete_file("gone.txt"));
        assert_eq!(desk.disk("gone.txt"), None, "{}", desk.account());
        desk.run_command("ropewalk.review.undoAll", json!(["everywhere"]))
            .unwrap();
        desk.wait_until("no change waits", |desk| desk.listed_changes().is_empty());
        let back = match desk.is_open("gone.txt") {
            true => desk.text("gone.txt").to_owned(),
            false => desk.disk("gone.txt").unwrap(),
        };
        assert_eq!(back, "text\nof it\n", "{profile:?}\n{}", desk.account());
        desk.read_all_messages();
    }
}

#[test]
fn a_file_that_the_user_deletes_meanwhile_is_not_brought_back_and_that_is_told() {
    for profile in Profile::ALL {
        let mut desk = desk(profile, &[("a.txt", "one\n"), ("gone.txt", "text\n")]);
        desk.open("a.txt");
        let step = patch("gone.txt", &[("text", "Text")]);
        desk.model.play("do it", vec![step, Step::say("Done.")]);
        desk.model.hold_after("do it", 1);
        desk.start_task("do it");
        desk.wait_until("the file is patched", |desk| desk.model.was_told("Success"));
        fs::remove_file(desk.path("gone.txt")).unwrap();
        desk.model.let_go("do it");
        desk.settle();
        let said = desk.read_all_messages().join("\n");
        assert!(
            said.contains("conflict") || said.contains("gone.txt"),
            "{said}"
        );
        assert_eq!(desk.disk("gone.txt"), None);
    }
}

#[test]
fn a_binary_file_is_written_on_disk_and_comes_back_from_the_checkpoint() {
    let mut desk = desk(Profile::Neovim, &[("a.txt", "one\n")]);
    desk.open("a.txt");
    let make = "printf '\\000\\001\\377' > image.bin";
    run(
        &mut desk,
        Step::call("exec_command", json!({ "cmd": make })),
    );
    let bytes = fs::read(desk.path("image.bin")).unwrap();
    assert_eq!(bytes, [0, 1, 255], "{}", desk.account());
    desk.run_command("ropewalk.checkpoint.restore", json!(["last"]))
        .unwrap();
    desk.wait_until("it is gone", |desk| !desk.path("image.bin").exists());
    desk.settle();
    desk.read_all_messages();
}

#[test]
fn two_folders_are_one_workspace() {
    for profile in Profile::ALL {
        let mut desk = Desk::start(&Setting {
            profile,
            files: &[("a.txt", "one\n")],
            second_folder: Some(&[("b.txt", "two\n")]),
            ..Setting::default()
        });
        desk.open("a.txt");
        let second = desk.second_path("b.txt");
        desk.open(&second);
        let first = desk.path("a.txt").to_str().unwrap().to_owned();
        desk.model.play(
            "do it",
            vec![
                patch(&first, &[("one", "eins")]),
                patch(&second, &[("two", "zwei")]),
                Step::say("Done."),
            ],
        );
        desk.start_task("do it");
        desk.settle();
        assert_eq!(
            (desk.text("a.txt"), desk.text(&second)),
            ("eins\n", "zwei\n"),
            "{}",
            desk.account()
        );
        desk.assert_all_same_as_server();
    }
}

#[test]
fn without_a_folder_a_task_says_what_is_missing() {
    let mut desk = Desk::start(&Setting {
        files: &[("a.txt", "one\n")],
        has_folders: false,
        ..Setting::default()
    });
    desk.open("a.txt");
    desk.model.play("do it", vec![Step::say("Done.")]);
    let answer = desk.run_command("ropewalk.task", json!(["do it"]));
    let told = match answer {
        Err(refusal) => refusal.1,
        Ok(_) => {
            desk.settle();
            desk.read_all_messages().join("\n")
        }
    };
    assert!(told.to_lowercase().contains("folder"), "{told}");
    assert_eq!(desk.text("a.txt"), "one\n");
}
