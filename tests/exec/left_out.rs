//! What a task writes that is no part of its changes: it is told, and what nobody else has is kept.

use std::path::Path;

use scripted_model::{Script, Server, Step};
use serde_json::json;

use crate::home::Home;
use crate::line::Line;
use crate::process::{Finished, Running};
use crate::project::SHELL;

fn home(command: &str) -> (Home, Server) {
    let act = Step::call("exec_command", json!({ "cmd": command }));
    let server = Server::start(Script::new([act, Step::say("Done.")])).unwrap();
    let home = Home::new(&SHELL, Line::ChatCompletions, &server);
    std::fs::create_dir(home.project().join(".git")).unwrap();
    (home, server)
}

fn run(home: &Home, arguments: &[&str]) -> Finished {
    Running::start(home.command(arguments)).wait()
}

/// 1100 MiB, of which nothing is written to the disk.
const TOO_LARGE: &str = "truncate -s 1100M large.bin";

#[test]
fn what_is_too_large_to_propose_waits_in_the_twin() {
    for (command, applied) in [
        (TOO_LARGE.to_owned(), 0),
        (format!("{TOO_LARGE}; echo small > small"), 1),
    ] {
        let (home, _server) = home(&command);
        let run = home.exec(&["Go."]);
        run.assert_code(0);
        assert_eq!(run.of_type("proposal.applied").len(), applied);
        assert_eq!(home.project().join("small").exists(), applied == 1);
        assert!(!home.project().join("large.bin").exists());
        let left_out = &run.of_type("proposal.made")[0]["left_out"][0];
        let reason = left_out["reason"].as_str().unwrap();
        let (_, place) = reason.split_once("lie in ").unwrap();
        assert_eq!(
            std::fs::metadata(Path::new(place)).unwrap().len(),
            1100 << 20
        );
        assert_eq!(run.of_type("proposal.kept")[0]["because"], "left_out");
        assert_kept_until_it_is_discarded(&home);
    }
}

fn assert_kept_until_it_is_discarded(home: &Home) {
    let apply = run(home, &["apply"]);
    apply.assert_code(0);
    assert!(apply.stderr.contains("large.bin"), "{}", apply.stderr);
    run(home, &["diff"]).assert_code(0);
    assert_eq!(home.twins().len(), 1);
    run(home, &["discard"]).assert_code(0);
    assert_eq!(home.twins(), Vec::<String>::new());
}

#[test]
fn build_output_is_left_out_also_when_the_task_removes_the_ignore_list() {
    let (home, _server) =
        home("rm .gitignore; mkdir -p out; echo built > out/built; echo x > made");
    std::fs::write(home.project().join(".gitignore"), "out/\n").unwrap();
    home.exec(&["Go."]).assert_code(0);
    let exist = [".gitignore", "out", "made"].map(|name| home.project().join(name).exists());
    assert_eq!(exist, [false, false, true]);
}

#[test]
fn a_file_of_the_users_that_the_task_begins_to_ignore_is_changed_all_the_same() {
    let (home, _server) =
        home("printf '*.txt\\n' > .gitignore; echo new >> old.txt; echo x > made.txt");
    std::fs::write(home.project().join("old.txt"), "old\n").unwrap();
    home.exec(&["Go."]).assert_code(0);
    let old = std::fs::read_to_string(home.project().join("old.txt")).unwrap();
    assert_eq!(old, "old\nnew\n");
    assert!(!home.project().join("made.txt").exists());
}

#[test]
fn listing_twins_leaves_them_as_they_are() {
    let (home, _server) = home("echo x > made");
    run(&home, &["exec", "--json", "Go."]).assert_code(0);
    for _ in 0..2 {
        let list = run(&home, &["twins"]);
        assert!(list.stdout.contains("  kept  "), "{}", list.stdout);
        assert!(list.stdout.contains("1 file"), "{}", list.stdout);
    }
}

/// The user saves the file while the task works; nobody has kept what the task started from.
#[test]
fn what_no_patch_can_hold_is_named() {
    let project = std::sync::Arc::new(std::sync::OnceLock::<std::path::PathBuf>::new());
    let known = std::sync::Arc::clone(&project);
    let script = Script::reacting(move |request| {
        let file = known.get().unwrap().join("saved");
        match request.conversation.outputs().len() {
            0 => Step::call("exec_command", json!({"cmd": "cat saved"})),
            1 => {
                std::fs::write(file, "by the user\n").unwrap();
                Step::call(
                    "exec_command",
                    json!({"cmd": "echo x >> saved; echo x > made"}),
                )
            }
            _ => Step::say("Done."),
        }
    });
    let server = Server::start(script).unwrap();
    let home = Home::new(&SHELL, Line::ChatCompletions, &server);
    std::fs::write(home.project().join("saved"), "before\n").unwrap();
    project.set(home.project()).unwrap();
    let patch = home.path().join("patch");
    let run = run(&home, &["exec", "--diff", patch.to_str().unwrap(), "Go."]);
    run.assert_code(0);
    assert!(
        run.stderr.contains("Not in the patch: saved"),
        "{}",
        run.stderr
    );
    let patch = std::fs::read_to_string(patch).unwrap();
    assert!(
        patch.contains("+++ b/made") && !patch.contains("+++ b/saved"),
        "{patch}"
    );
}
