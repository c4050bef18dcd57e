//! Twins beside one another and over several runs: kills, resuming, weaker walls, odd places for the state.

use std::path::Path;
use std::process::Command;

use scripted_model::{Script, Server, Step};
use serde_json::json;

use crate::fixer::{self, GOAL};
use crate::home::Home;
use crate::line::Line;
use crate::process::{Finished, LIMIT, Running};
use crate::project::SHELL;
use crate::tree::tree;

fn run(home: &Home, arguments: &[&str]) -> Finished {
    Running::start(home.command(arguments)).wait()
}

fn act(command: &str) -> Step {
    Step::call("exec_command", json!({ "cmd": command }))
}

/// A task that makes a file with a command and another with a tool, then waits to be killed, and ends once it is resumed.
fn waiting() -> Script {
    Script::reacting(|request| match request.conversation.outputs().len() {
        0 => act("echo made > made; cat made"),
        1 => Step::call_text(
            "apply_patch",
            "*** Begin Patch\n*** Add File: added\n+one\n*** End Patch\n",
        ),
        2 => act("echo waits; sleep 4321"),
        3 => act("cat made added"),
        _ => Step::say("Done."),
    })
}

/// The same, killed while its command waits.
fn killed() -> (Home, Server, String) {
    killed_behind("")
}

/// The same, behind the wall of this name; the strongest without one.
fn killed_behind(wall: &str) -> (Home, Server, String) {
    let server = Server::start(waiting()).unwrap();
    let home = Home::new(&SHELL, Line::ChatCompletions, &server);
    let mut command = home.command(&["exec", "--json", "Go."]);
    command.env("ROPEWALK_WALL", wall);
    let run = Running::start(command);
    run.wait_for(|event| {
        let delta = event["update"]["delta"].as_str()?;
        delta.contains("waits").then_some(())
    })
    .unwrap();
    let thread = run.kill().thread().unwrap();
    (home, server, thread)
}

#[test]
fn a_killed_task_goes_on_where_its_twin_was() {
    let (home, server, thread) = killed();
    assert!(!home.project().join("made").exists());
    let run = home.exec(&["--resume", &thread]);
    run.assert_code(0);
    let ready = run.of_type("twin.ready");
    assert_eq!(ready[0]["is_taken_up"], true, "{}", run.stdout);
    let outputs = server.requests().last().unwrap().outputs();
    assert!(outputs[3].text.contains("made\none\n"), "{outputs:?}");
    let read = |name: &str| std::fs::read_to_string(home.project().join(name)).unwrap();
    assert_eq!([read("made"), read("added")], ["made\n", "one\n"]);
    assert_eq!(home.twins(), Vec::<String>::new());
}

#[test]
fn the_twin_of_a_killed_task_is_listed_and_can_be_applied_or_discarded() {
    for (command, is_applied) in [("apply", true), ("discard", false)] {
        let (home, _server, thread) = killed();
        let before = tree(&home.project());
        let list = run(&home, &["twins"]);
        list.assert_code(0);
        assert!(
            list.stdout.contains(&thread[..8]) && list.stdout.contains("broken off"),
            "{}",
            list.stdout
        );
        run(&home, &[command, &thread]).assert_code(0);
        assert_eq!(home.project().join("made").exists(), is_applied);
        assert_eq!(home.project().join("added").exists(), is_applied);
        assert_eq!(tree(&home.project()) == before, !is_applied);
        assert_eq!(home.twins(), Vec::<String>::new());
    }
}

/// A kill while a tool writes leaves a file under a name of ours.
#[test]
fn what_a_kill_has_left_of_a_tools_work_is_not_applied() {
    let (home, _server, thread) = killed();
    let half = ".ropewalk-0123456789abcdef.tmp";
    let twin = home.state().join("ropewalk/twins").join(&thread);
    std::fs::write(twin.join("upper/0").join(half), "half of a file").unwrap();
    run(&home, &["apply", &thread]).assert_code(0);
    assert!(home.project().join("made").exists());
    assert!(!home.project().join(half).exists());
}

/// Its changes are of the other folder.
#[test]
fn a_thread_whose_changes_wait_does_not_move_to_another_folder() {
    let (home, _server, thread) = killed();
    let elsewhere = home.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let resume = ["-C", elsewhere.to_str().unwrap(), "--resume", &thread];
    let refused = home.exec(&resume);
    refused.assert_code(1);
    assert!(
        refused.stderr.contains("ropewalk apply"),
        "{}",
        refused.stderr
    );
    run(&home, &["discard", &thread]).assert_code(0);
    home.exec(&resume).assert_code(0);
    assert!(!home.project().join("made").exists());
}

/// A twin whose maker was killed half way, as a kill at the wrong moment leaves it.
#[test]
fn a_twin_that_was_not_made_to_its_end_is_made_anew() {
    for half in [
        ["upper", "work"].as_slice(),
        &["upper", "work", "base", "scratch", "twin.json"],
    ] {
        let (home, _server, thread) = killed();
        let twin = home.state().join("ropewalk/twins").join(&thread);
        for name in half {
            let path = twin.join(name);
            if path.is_dir() {
                let status = Command::new("rm").arg("-rf").arg(&path).status();
                assert!(status.unwrap().success());
            } else {
                std::fs::remove_file(path).unwrap();
            }
        }
        unfill(&twin.join("twin.json"));
        let run = home.exec(&["--resume", &thread]);
        let told = format!("{half:?}: {}\n{}", run.stdout, run.stderr);
        assert!(run.status.success(), "{told}");
        assert_eq!(run.of_type("twin.ready")[0]["is_taken_up"], false, "{told}");
    }
}

/// Makes the description, where there is one, that of a twin that is just being filled.
fn unfill(description: &Path) {
    let Ok(text) = std::fs::read_to_string(description) else {
        return;
    };
    let mut about: serde_json::Value = serde_json::from_str(&text).unwrap();
    about["filled"] = serde_json::Value::Null;
    std::fs::write(description, about.to_string()).unwrap();
}

/// A fork begins with the user's files, not with those of the other thread's twin.
#[test]
fn a_fork_has_a_twin_of_its_own() {
    let (home, _server, thread) = killed();
    let fork = run(
        &home,
        &[
            "exec",
            "--json",
            "--fork",
            &format!("{thread}:0"),
            "--max-steps",
            "1",
            "Go.",
        ],
    );
    assert_eq!(
        fork.of_type("twin.ready")[0]["is_taken_up"],
        false,
        "{}",
        fork.stdout
    );
    run(&home, &["apply", &thread]).assert_code(0);
}

#[test]
fn two_tasks_on_one_folder_do_not_see_each_other() {
    let script = || {
        Script::reacting(|request| {
            let name = if request.body.to_string().contains("task-one") {
                "one"
            } else {
                "two"
            };
            match request.conversation.outputs().len() {
                0 => act(&format!(
                    "echo {name} > {name}; echo {name} > /tmp/mine; ls; ls /tmp"
                )),
                1 => act(&format!("echo {name} >> same-{name}; ls; kill -0 $PPID")),
                _ => Step::say("Done."),
            }
        })
    };
    let server = Server::start(script()).unwrap();
    let home = Home::new(&SHELL, Line::ChatCompletions, &server);
    let runs = ["task-one", "task-two"].map(|goal| home.start(&[goal]));
    for run in runs {
        run.wait().assert_code(0);
    }
    for request in server.steps() {
        let is_one = request.body.to_string().contains("task-one");
        let other = if is_one { "\ntwo\n" } else { "\none\n" };
        // What the other has applied in the end may be seen; what it is working on may not.
        let first = request.outputs().into_iter().next();
        assert!(
            first.is_none_or(|output| !output.text.contains(&format!("same-{}", other.trim())))
        );
    }
    let project = home.project();
    let exist = ["one", "two", "same-one", "same-two"].map(|name| project.join(name).exists());
    assert_eq!(exist, [true; 4]);
    assert_eq!(home.twins(), Vec::<String>::new());
}

/// The same repair behind each wall that can be had here.
#[test]
fn a_repair_goes_well_behind_every_wall() {
    for wall in ["overlay", "overlay-shared-network", "copy", "none"] {
        let server = Server::start(fixer::script(&SHELL)).unwrap();
        let home = Home::new(&SHELL, Line::ChatCompletions, &server);
        let mut command = home.command(&["exec", "--json", "--yes", GOAL]);
        command.env("ROPEWALK_WALL", wall);
        let run = Running::start(command).wait();
        run.assert_code(0);
        assert!(SHELL.is_right(&home.project()), "{wall}");
        let ready = run.of_type("twin.ready");
        match wall {
            "none" => assert_eq!(run.of_type("twin.missing").len(), 1, "{}", run.stdout),
            _ => assert_eq!(ready[0]["wall"], wall, "{}", run.stdout),
        }
        assert_eq!(home.twins(), Vec::<String>::new());
    }
}

/// A twin of weaker walls than are wanted now stays as it is.
#[test]
fn a_task_does_not_go_on_behind_weaker_walls_than_are_wanted() {
    let (home, _server, thread) = killed_behind("copy");
    let mut command = home.command(&["exec", "--json", "--resume", &thread]);
    command.env("ROPEWALK_WALL", "overlay");
    let refused = Running::start(command).wait();
    refused.assert_code(1);
    assert_eq!(
        refused.stderr,
        "ropewalk: ROPEWALK_WALL asks for `overlay`, and this task would have `copy`\n"
    );
    run(&home, &["apply", &thread]).assert_code(0);
    assert!(home.project().join("made").exists());
}

/// The workspace is a mount of its own, at which git stops unless it is told not to.
#[test]
#[expect(clippy::print_stdout, reason = "a test that does not run says so")]
fn git_finds_the_repository_around_the_folder() {
    let users_home = std::env::home_dir().unwrap();
    if users_home.starts_with("/tmp") {
        println!("not run: what is below /tmp is not seen in a twin, and the home is there");
        return;
    }
    let repository = tempfile::tempdir_in(users_home).unwrap();
    let below = repository.path().join("below");
    std::fs::create_dir(&below).unwrap();
    let mut init = Command::new("git");
    init.args(["init", "-q"]).current_dir(repository.path());
    assert!(init.status().unwrap().success());
    let home = Home::with_settings(&SHELL, "");
    let mut command = home.command(&[
        "exec",
        "--model",
        "codemod",
        "run git rev-parse --show-prefix",
    ]);
    command.current_dir(&below);
    let run = Running::start(command).wait();
    run.assert_code(0);
    assert!(run.stdout.contains("below/"), "{}", run.stdout);
}

/// A state folder below the project would lie in its own overlay.
#[test]
fn the_state_folder_may_lie_in_the_project() {
    let server = Server::start(fixer::script(&SHELL)).unwrap();
    let home = Home::new(&SHELL, Line::ChatCompletions, &server);
    let mut command = home.command(&["exec", "--json", "--yes", GOAL]);
    command.env("XDG_STATE_HOME", home.project().join("state"));
    let run = Running::start(command).wait();
    run.assert_code(0);
    assert!(SHELL.is_right(&home.project()), "{}", run.stdout);
}

/// Where no twin can be kept, nothing is begun that could not be ended.
#[test]
fn without_a_place_for_twins_it_is_said_before_anything_is_done() {
    let server = Server::start(fixer::script(&SHELL)).unwrap();
    let home = Home::new(&SHELL, Line::ChatCompletions, &server);
    let state = home.path().join("blocked");
    std::fs::create_dir(&state).unwrap();
    // A file where the folder of the twins belongs.
    std::fs::create_dir_all(state.join("ropewalk/threads")).unwrap();
    std::fs::write(state.join("ropewalk/twins"), "").unwrap();
    let before = tree(&home.project());
    let mut command = home.command(&["exec", "--json", "--yes", GOAL]);
    command.env("XDG_STATE_HOME", &state);
    let run = Running::start(command).wait();
    run.assert_code(1);
    assert!(run.stderr.contains("twins"), "{}", run.stderr);
    assert_eq!(tree(&home.project()), before);
}

#[test]
fn a_rename_without_a_model_goes_through_a_twin() {
    let home = Home::with_settings(&SHELL, "model = \"codemod\"\n");
    std::fs::write(
        home.project().join("a.py"),
        "def old_name():\n    pass\n\n\nold_name()\n",
    )
    .unwrap();
    let run = home.exec(&["rename old_name to new_name"]);
    run.assert_code(0);
    let text = std::fs::read_to_string(home.project().join("a.py")).unwrap();
    assert_eq!(text, "def new_name():\n    pass\n\n\nnew_name()\n");
    assert_eq!(run.of_type("proposal.applied").len(), 1, "{}", run.stdout);
}

/// What a command writes where git ignores it is not part of the changes, what a tool is told to write there is.
#[test]
fn ignored_files_are_left_out_unless_a_tool_wrote_them() {
    let server = Server::start(Script::new([
        act("mkdir -p build && echo by-command > build/output && echo x > kept"),
        Step::call_text(
            "apply_patch",
            "*** Begin Patch\n*** Add File: build/by-tool\n+one\n*** End Patch\n",
        ),
        Step::say("Done."),
    ]))
    .unwrap();
    let home = Home::new(&SHELL, Line::ChatCompletions, &server);
    git_init(&home.project());
    std::fs::write(home.project().join(".gitignore"), "build/\n").unwrap();
    home.exec(&["Go."]).assert_code(0);
    let exist =
        ["build/output", "build/by-tool", "kept"].map(|name| home.project().join(name).exists());
    assert_eq!(exist, [false, true, true]);
}

/// Secrets are not there for commands, what is written in their place is told and left out, and `.git` cannot be changed.
#[test]
fn secrets_and_protected_folders_stay_out_of_it() {
    let server = Server::start(Script::new([
        act("cat .env; echo stolen > .env; echo '[alias]' >> .git/config; touch .git/hooks/pre-commit; echo x > fine"),
        Step::say("Done."),
    ]))
    .unwrap();
    let home = Home::new(&SHELL, Line::ChatCompletions, &server);
    let project = home.project();
    git_init(&project);
    std::fs::write(project.join(".env"), "PASSWORD=abc123\n").unwrap();
    let before = tree(&project);
    let run = home.exec(&["Go."]);
    run.assert_code(0);
    let output = server.requests().last().unwrap().outputs()[0].text.clone();
    assert!(!output.contains("abc123"), "{output}");
    let mut after = tree(&project);
    assert!(after.remove(Path::new("fine")).is_some());
    assert_eq!(after, before);
    let left_out = run.of_type("proposal.made")[0]["left_out"].to_string();
    assert!(left_out.contains(".env"), "{left_out}");
}

fn git_init(folder: &Path) {
    let status = Command::new("git")
        .current_dir(folder)
        .args(["init", "-q"])
        .status();
    assert!(status.unwrap().success());
}

/// The folder is the user's own again at once when a run has ended: nothing is left mounted, running or locked.
#[test]
fn an_interrupted_task_keeps_its_twin() {
    let server = Server::start(waiting()).unwrap();
    let home = Home::new(&SHELL, Line::ChatCompletions, &server);
    let running = Running::start(home.command(&["exec", "--json", "Go."]));
    assert!(server.wait_until(LIMIT, |requests| {
        requests.iter().any(|request| request.exchange == Some(2))
    }));
    running
        .wait_for(|event| {
            let delta = event["update"]["delta"].as_str()?;
            delta.contains("waits").then_some(())
        })
        .unwrap();
    running.signal("INT");
    let run = running.wait();
    assert_eq!(run.status.code(), Some(130), "{}", run.stderr);
    assert_eq!(run.of_type("proposal.kept")[0]["because"], "interrupted");
    let thread = run.thread().unwrap();
    let again = home.exec(&["--resume", &thread, "Go on."]);
    again.assert_code(0);
    assert_eq!(again.of_type("twin.ready")[0]["is_taken_up"], true);
    assert!(home.project().join("made").exists());
}
