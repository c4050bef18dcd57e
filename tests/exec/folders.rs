//! The folder of a thread that is taken up again from elsewhere.

use std::path::Path;

use scripted_model::{Script, Server, Step};
use serde_json::json;

use crate::home::Home;
use crate::line::Line;
use crate::process::{Finished, Running};
use crate::project::SHELL;

/// A thread that has had one turn in the home's project, and a folder beside it.
struct Stage {
    home: Home,
    server: Server,
    thread: String,
}

impl Stage {
    fn new() -> Self {
        let server = Server::start(Script::reacting(|request| {
            match request.conversation.outputs().len() {
                0 if !request.body.to_string().contains("Again") => Step::say("Hello."),
                0 => Step::call("exec_command", json!({"cmd": "pwd; touch made"})),
                _ => Step::say("Done."),
            }
        }))
        .unwrap();
        let home = Home::new(&SHELL, Line::ChatCompletions, &server);
        std::fs::create_dir(home.path().join("elsewhere")).unwrap();
        let thread = home.exec(&["Hello?"]).thread().unwrap();
        Self {
            home,
            server,
            thread,
        }
    }

    fn exec_in(&self, folder: &Path, arguments: &[&str]) -> Finished {
        let all = [&["exec", "--json", "--yes"], arguments].concat();
        let mut command = self.home.command(&all);
        command.current_dir(folder);
        Running::start(command).wait()
    }

    /// Where the command of the last run was run, as the model was told.
    fn ran_in(&self) -> String {
        self.server.requests().last().unwrap().outputs()[0]
            .text
            .clone()
    }
}

fn name(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_thread_goes_on_in_its_own_folder() {
    for (option, suffix) in [("--resume", ""), ("--fork", ":1")] {
        let stage = Stage::new();
        let (project, elsewhere) = (stage.home.project(), stage.home.path().join("elsewhere"));
        let thread = format!("{}{suffix}", stage.thread);
        let run = stage.exec_in(&elsewhere, &[option, &thread, "Again."]);
        run.assert_code(0);
        assert!(run.stderr.contains(name(&project)), "{}", run.stderr);
        assert!(stage.ran_in().contains(&format!("{}\n", name(&project))));
        assert!(project.join("made").exists());
        assert!(!elsewhere.join("made").exists());
    }
}

#[test]
fn a_thread_moves_to_the_folder_that_is_asked_for_and_stays_there() {
    let stage = Stage::new();
    let elsewhere = stage.home.path().join("elsewhere");
    let resume = ["-C", name(&elsewhere), "--resume", &stage.thread, "Again."];
    stage.exec_in(&stage.home.project(), &resume).assert_code(0);
    assert!(stage.ran_in().contains(&format!("{}\n", name(&elsewhere))));
    assert!(elsewhere.join("made").exists());
    assert!(!stage.home.project().join("made").exists());
    // The model is told, and next time it is the thread's own folder.
    let body = stage.server.requests().last().unwrap().body.to_string();
    assert!(body.contains(name(&elsewhere)));
    let again = ["--resume", &stage.thread, "Thank you."];
    let run = stage.exec_in(&stage.home.project(), &again);
    run.assert_code(0);
    assert!(run.stderr.contains(name(&elsewhere)), "{}", run.stderr);
}

#[test]
fn a_thread_whose_folder_is_gone_says_so_and_can_be_moved() {
    let stage = Stage::new();
    let elsewhere = stage.home.path().join("elsewhere");
    std::fs::remove_dir_all(stage.home.project()).unwrap();
    let requests = stage.server.requests().len();
    let run = stage.exec_in(&elsewhere, &["--resume", &stage.thread, "Again."]);
    run.assert_code(1);
    assert!(run.stderr.contains("--directory"), "{}", run.stderr);
    assert_eq!(stage.server.requests().len(), requests);
    let resume = ["-C", name(&elsewhere), "--resume", &stage.thread, "Again."];
    stage.exec_in(&elsewhere, &resume).assert_code(0);
    assert!(elsewhere.join("made").exists());
}
