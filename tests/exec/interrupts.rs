//! Ctrl-C, in the middle of an answer and in the middle of a command.

use std::time::Duration;

use scripted_model::{Script, Server, Step};
use serde_json::json;

use crate::fixer::{self, GOAL};
use crate::home::Home;
use crate::line::Line;
use crate::process::{Finished, LIMIT, Running};
use crate::project::SHELL;
use crate::thread_log;

/// The run has ended as an interrupted one, and its thread goes on.
fn goes_on(home: &Home, server: &Server, run: &Finished, line: Line) {
    assert_eq!(
        run.status.code(),
        Some(130),
        "{line:?}\n{}\n{}",
        run.stdout,
        run.stderr
    );
    assert_eq!(run.of_type("turn.interrupted").len(), 1, "{}", run.stdout);
    let thread = run.thread().unwrap();
    home.exec(&["--resume", &thread, "Go on, please."])
        .assert_code(0);
    assert!(SHELL.is_right(&home.project()), "{line:?}");
    assert_eq!(server.violations(), Vec::<String>::new(), "{line:?}");
    thread_log::bodies(&thread_log::entries(home));
}

#[test]
fn an_interrupted_answer_ends_at_once_and_the_thread_goes_on() {
    for line in Line::ALL {
        let script = Script::reacting(|request| {
            let step = fixer::next(&SHELL, &request.conversation);
            match request.exchange {
                Some(2) => Step::say("word ".repeat(5000)).slowly(Duration::from_millis(10)),
                _ => step,
            }
        });
        let server = Server::start(script).unwrap();
        let home = Home::new(&SHELL, line, &server);
        let run = home.start(&[GOAL]);
        assert!(server.wait_until(LIMIT, |requests| {
            requests.iter().any(|request| request.exchange == Some(2))
        }));
        run.wait_for(|event| (event["update"]["kind"] == "text").then_some(()))
            .unwrap();
        run.signal("INT");
        let run = run.wait();
        goes_on(&home, &server, &run, line);
    }
}

#[test]
fn an_interrupted_command_is_ended_with_all_that_it_started() {
    for line in [Line::ResponsesHttp, Line::Messages] {
        let script = Script::reacting(|request| {
            let has_slept = request
                .outputs()
                .iter()
                .any(|output| output.arguments.contains("sleep"));
            if has_slept {
                fixer::next(&SHELL, &request.conversation)
            } else {
                let command = "echo asleep; sleep 4321 & sleep 4321; wait";
                Step::call(
                    "exec_command",
                    json!({"cmd": command, "yield_time_ms": 600_000}),
                )
                .and_call("read_file", json!({"path": "value.txt"}))
            }
        });
        let server = Server::start(script).unwrap();
        let home = Home::new(&SHELL, line, &server);
        let run = home.start(&[GOAL]);
        wait_for_output(&run, "asleep");
        run.signal("INT");
        let run = run.wait();
        goes_on(&home, &server, &run, line);
        assert_eq!(sleepers(&home), Vec::<String>::new(), "{line:?}");
    }
}

fn wait_for_output(run: &Running, text: &str) {
    run.wait_for(|event| {
        let delta = event["update"]["delta"].as_str()?;
        (event["update"]["kind"] == "output" && delta.contains(text)).then_some(())
    })
    .unwrap();
}

/// The commands that still run in the home's project.
fn sleepers(home: &Home) -> Vec<String> {
    let mut found = Vec::new();
    for process in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let folder = std::fs::read_link(process.path().join("cwd"));
        if folder.is_ok_and(|folder| folder.starts_with(home.project())) {
            let command = std::fs::read_to_string(process.path().join("cmdline"));
            found.push(command.unwrap_or_default());
        }
    }
    found
}
