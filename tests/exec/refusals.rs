//! What `ropewalk exec` does not begin, and how it says why: once, and with what to do.

use std::process::Command;

use scripted_model::{Script, Server, Step};

use crate::home::Home;
use crate::line::Line;
use crate::process::{Finished, Running};
use crate::project::SHELL;
use crate::terminal::Terminal;

fn stage() -> (Home, Server) {
    let server = Server::start(Script::reacting(|_| Step::say("Hello."))).unwrap();
    let home = Home::new(&SHELL, Line::ChatCompletions, &server);
    (home, server)
}

fn finish(command: Command) -> Finished {
    Running::start(command).wait()
}

/// Without them, the code could go to a service that the user has not chosen, with files that they have excluded.
#[test]
fn settings_that_cannot_be_used_are_mended_first() {
    let (home, server) = stage();
    let file = home.path().join("config/ropewalk/config.toml");
    let settings = std::fs::read_to_string(&file).unwrap();
    for (broken, expected) in [
        ("model = [".to_owned(), "not valid TOML"),
        (
            format!("{settings}[agent]\nmax_steps = \"x\"\n"),
            "agent.max_steps",
        ),
        (format!("{settings}[agent]\nmax_steps = 0\n"), "at least 1"),
    ] {
        std::fs::write(&file, broken).unwrap();
        let run = home.exec(&["Hello?"]);
        run.assert_code(1);
        assert!(run.stderr.contains(expected), "{}", run.stderr);
        assert_eq!(run.stdout, "");
    }
    assert_eq!(server.requests().len(), 0);
    std::fs::write(&file, format!("unheard_of = 1\n{settings}")).unwrap();
    let run = home.exec(&["Hello?"]);
    run.assert_code(0);
    assert!(run.stderr.contains("unheard_of"), "{}", run.stderr);
}

#[test]
fn a_thread_with_nothing_unfinished_wants_a_goal() {
    let (home, server) = stage();
    home.exec(&["Hello?"]).assert_code(0);
    let run = home.exec(&["--resume", "last"]);
    run.assert_code(1);
    assert!(run.stderr.contains("say what to do next"), "{}", run.stderr);
    let requests = server.requests();
    let asked = requests.iter().filter(|request| request.exchange.is_some());
    assert_eq!(asked.count(), 1);
}

#[test]
fn a_reason_is_given_once() {
    let (home, _server) = stage();
    let run = home.exec(&["--image", "missing.png", "Hello?"]);
    run.assert_code(1);
    assert_eq!(
        run.stderr.matches("No such file").count(),
        1,
        "{}",
        run.stderr
    );
    let mut command = home.command(&["exec", "--json", "--yes", "Hello?"]);
    command.env("XDG_STATE_HOME", "/dev/null");
    let run = finish(command);
    run.assert_code(1);
    assert_eq!(
        run.stderr.matches("Not a directory").count(),
        1,
        "{}",
        run.stderr
    );
}

#[test]
fn a_key_that_is_not_typed_after_all_leaves_the_terminal_as_it_was() {
    let (home, _server) = stage();
    let mut terminal = Terminal::start(&home, "$ropewalk login openai; echo code $?; stty -a");
    terminal.wait_for("it is not shown");
    terminal.press("sk-secret");
    terminal.press("\u{3}");
    terminal.wait_for("code 130");
    assert_eq!(terminal.finish(), 0);
    assert!(!terminal.shown.contains("sk-secret"), "{}", terminal.shown);
    assert!(terminal.shown.contains(" echo "), "{}", terminal.shown);
}
