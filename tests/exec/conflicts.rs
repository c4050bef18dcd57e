//! What the user changes while a task works: it is merged, or it is told and nothing of the user's is overwritten.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use scripted_model::{Script, Server, Step};
use serde_json::json;

use crate::home::Home;
use crate::line::Line;
use crate::process::{Finished, Running};
use crate::project::SHELL;
use crate::terminal::Terminal;

/// Ten lines, of which the task changes the second and appends one.
const LINES: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";

/// A task in a project with `lines.txt` and `other.txt`; while it works, the user saves `saved` as `lines.txt`.
struct Stage {
    home: Home,
    _server: Server,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Saving {
    InPlace,
    ByRename,
}

impl Stage {
    fn new(saved: Option<&'static str>, saving: Saving) -> Self {
        let project = Arc::new(OnceLock::<PathBuf>::new());
        let known = Arc::clone(&project);
        let script = Script::reacting(move |request| {
            let file = known.get().unwrap().join("lines.txt");
            match request.conversation.outputs().len() {
                0 => Step::call(
                    "exec_command",
                    json!({"cmd": "sed -i 's/^2$/two/' lines.txt; cat lines.txt; echo made > other.txt"}),
                ),
                1 => {
                    match (saved, saving) {
                        (None, _) => std::fs::remove_file(&file).unwrap(),
                        (Some(text), Saving::InPlace) => std::fs::write(&file, text).unwrap(),
                        (Some(text), Saving::ByRename) => {
                            let new = file.with_extension("new");
                            std::fs::write(&new, text).unwrap();
                            std::fs::rename(new, &file).unwrap();
                        }
                    }
                    Step::call("exec_command", json!({"cmd": "echo 11 >> lines.txt"}))
                }
                _ => Step::say("Done."),
            }
        });
        let server = Server::start(script).unwrap();
        let home = Home::new(&SHELL, Line::ChatCompletions, &server);
        std::fs::write(home.project().join("lines.txt"), LINES).unwrap();
        project.set(home.project()).unwrap();
        Self {
            home,
            _server: server,
        }
    }

    fn run(&self, arguments: &[&str]) -> Finished {
        Running::start(self.home.command(arguments)).wait()
    }

    fn text(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.home.project().join(name)).ok()
    }
}

#[test]
fn what_both_changed_in_different_places_is_merged() {
    for saving in [Saving::InPlace, Saving::ByRename] {
        let stage = Stage::new(Some("1\n2\n3\n4\n5\nsix\n7\n8\n9\n10\n"), saving);
        let run = stage.run(&["exec", "--json", "--apply", "Go."]);
        run.assert_code(0);
        assert_eq!(
            stage.text("lines.txt").unwrap(),
            "1\ntwo\n3\n4\n5\nsix\n7\n8\n9\n10\n11\n"
        );
        assert_eq!(stage.text("other.txt").unwrap(), "made\n");
        stage.run(&["undo"]).assert_code(0);
        assert_eq!(
            stage.text("lines.txt").unwrap(),
            "1\n2\n3\n4\n5\nsix\n7\n8\n9\n10\n"
        );
        assert_eq!(stage.text("other.txt"), None);
    }
}

/// Nobody has changed it, and it is not to be changed all the same.
#[test]
fn a_read_only_file_is_told_for_what_it_is() {
    let home = Home::with_settings(&SHELL, "");
    let file = home.project().join("lines.txt");
    std::fs::write(&file, LINES).unwrap();
    let mut permissions = file.metadata().unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&file, permissions).unwrap();
    let arguments = [
        "exec",
        "--apply",
        "--model",
        "codemod",
        "run echo 11 | tee new.txt > new && mv -f new lines.txt",
    ];
    let run = Running::start(home.command(&arguments)).wait();
    run.assert_code(4);
    let told = "C lines.txt: is not changed: its permissions make it read-only; allow writing it and apply again\n\
                Nothing was applied, because of what conflicts.\n";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), LINES);
    assert!(!home.project().join("new.txt").exists());
}

#[test]
fn what_both_changed_in_one_place_is_told_and_nothing_is_applied() {
    let theirs = "1\nTWO\n3\n4\n5\n6\n7\n8\n9\n10\n";
    for saving in [Saving::InPlace, Saving::ByRename] {
        let stage = Stage::new(Some(theirs), saving);
        let run = stage.run(&["exec", "--json", "--yes", "Go."]);
        run.assert_code(4);
        let refused = run.of_type("proposal.refused");
        let conflicts = refused[0]["conflicts"].as_array().unwrap();
        assert_eq!(conflicts.len(), 1, "{refused:?}");
        assert!(
            conflicts[0]["path"]
                .as_str()
                .unwrap()
                .ends_with("lines.txt")
        );
        assert_eq!(run.of_type("proposal.kept").len(), 1);
        assert_eq!(stage.text("lines.txt").unwrap(), theirs);
        assert_eq!(stage.text("other.txt"), None);

        // Once the user has made room, it applies.
        std::fs::write(stage.home.project().join("lines.txt"), LINES).unwrap();
        stage.run(&["apply"]).assert_code(0);
        assert!(stage.text("lines.txt").unwrap().contains("two"));
        assert_eq!(stage.text("other.txt").unwrap(), "made\n");
    }
}

#[test]
fn what_was_changed_since_it_was_applied_stays_when_the_rest_is_undone() {
    let stage = Stage::new(Some(LINES), Saving::InPlace);
    stage
        .run(&["exec", "--json", "--apply", "Go."])
        .assert_code(0);
    std::fs::write(stage.home.project().join("other.txt"), "mine\n").unwrap();
    let undo = stage.run(&["undo"]);
    undo.assert_code(1);
    assert!(
        undo.stdout.contains(
            "C other.txt: was made by the change, and was changed by you since; it stays as it is"
        ),
        "{}",
        undo.stdout
    );
    assert_eq!(stage.text("lines.txt").unwrap(), LINES);
    assert_eq!(stage.text("other.txt").unwrap(), "mine\n");
}

#[test]
fn a_file_that_the_user_removed_meanwhile_is_not_made_again() {
    let stage = Stage::new(None, Saving::InPlace);
    let run = stage.run(&["exec", "--json", "--apply", "Go."]);
    run.assert_code(4);
    assert_eq!(stage.text("lines.txt"), None);
    assert_eq!(stage.text("other.txt"), None);
}

#[test]
fn the_rest_can_be_applied_without_what_conflicts() {
    let theirs = "1\nTWO\n3\n4\n5\n6\n7\n8\n9\n10\n";
    let stage = Stage::new(Some(theirs), Saving::InPlace);
    let mut terminal = Terminal::start(&stage.home, "NO_COLOR=1 $ropewalk exec 'Go.'");
    terminal.wait_for("Apply to your files?");
    terminal.enter("y");
    let both_sides = [
        "C lines.txt: was changed by you in the same lines while the task worked",
        "  <<<<<<< yours",
        "  TWO",
        "  =======",
        "  two",
        "  >>>>>>> proposed",
        "Nothing is applied yet.",
    ];
    terminal.wait_for(&both_sides.join("\n"));
    terminal.wait_for("[a]pply the rest");
    assert_eq!(stage.text("other.txt"), None);
    terminal.enter("a");
    assert_eq!(terminal.finish(), 0, "{}", terminal.shown);
    assert_eq!(stage.text("lines.txt").unwrap(), theirs);
    assert_eq!(stage.text("other.txt").unwrap(), "made\n");
    assert_eq!(stage.home.twins().len(), 1, "what conflicts is kept");
    let diff = stage.run(&["diff"]);
    assert!(diff.stdout.contains("+two"), "{}", diff.stdout);
}
