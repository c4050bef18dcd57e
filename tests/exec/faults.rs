//! The same repair with each fault in turn: it ends well, and nothing wrong is ever sent.

use std::time::Duration;

use scripted_model::{Fault, Refusal, Server, Upgrade};

use crate::fixer::{self, GOAL};
use crate::home::Home;
use crate::line::{KEY, Line};
use crate::project::SHELL;

/// Faults that pass.
fn passing() -> Vec<Fault> {
    let soon = Some(Duration::from_millis(20));
    vec![
        Fault::HangUp,
        Fault::NotHttp,
        Fault::Garbage,
        Fault::Refuse(Refusal::ServerError),
        Fault::Refuse(Refusal::Overloaded),
        Fault::Refuse(Refusal::RateLimited { retry_after: soon }),
        Fault::FailAfter {
            events: 3,
            refusal: Refusal::Overloaded,
        },
        Fault::CutInEvent { events: 0 },
        Fault::CutInEvent { events: 4 },
        Fault::CutAfterParts { parts: 1 },
        Fault::EndEarly { events: 3 },
        Fault::MalformedJson { events: 3 },
        Fault::LateEnd(Duration::from_millis(50)),
    ]
}

fn survives(line: Line, exchange: usize, fault: Fault) {
    let told = format!("{line:?}, {fault:?} at {exchange}");
    let server = Server::start(fixer::script(&SHELL).fault_at(exchange, fault)).unwrap();
    let home = Home::new(&SHELL, line, &server);
    let run = home.exec(&[GOAL]);
    assert_eq!(
        run.status.code(),
        Some(0),
        "{told}\n{}\n{}",
        run.stdout,
        run.stderr
    );
    assert_eq!(server.violations(), Vec::<String>::new(), "{told}");
    assert!(SHELL.is_right(&home.project()), "{told}");
    let journal = std::fs::read_to_string(home.project().join("journal")).unwrap();
    assert_eq!(journal.lines().count(), 2, "{told}: {journal}");
}

/// Which exchange goes wrong is different for each fault, and the same in each run.
fn survive_all(line: Line) {
    let mut random = fastrand::Rng::with_seed(line as u64);
    for fault in passing() {
        survives(line, random.usize(0..6), fault);
    }
}

#[test]
fn responses_survive_each_fault() {
    survive_all(Line::ResponsesHttp);
}

#[test]
fn responses_over_websocket_survive_each_fault() {
    survive_all(Line::ResponsesWebSocket);
}

#[test]
fn chat_completions_survive_each_fault() {
    survive_all(Line::ChatCompletions);
}

#[test]
fn messages_survive_each_fault() {
    survive_all(Line::Messages);
}

#[test]
fn ollama_survives_each_fault() {
    survive_all(Line::Ollama);
}

#[test]
fn several_failures_in_a_row_are_waited_out() {
    for line in [Line::ResponsesHttp, Line::Messages] {
        let mut script = fixer::script(&SHELL);
        for exchange in 1..4 {
            script = script.fault_at(exchange, Fault::Refuse(Refusal::ServerError));
        }
        let server = Server::start(script).unwrap();
        let home = Home::new(&SHELL, line, &server);
        home.exec(&[GOAL]).assert_code(0);
        assert!(SHELL.is_right(&home.project()));
    }
}

#[test]
fn connections_that_are_closed_at_once_are_opened_again() {
    let script = fixer::script(&SHELL).closing_connections([0, 1]);
    let server = Server::start(script).unwrap();
    let home = Home::new(&SHELL, Line::ChatCompletions, &server);
    home.exec(&[GOAL]).assert_code(0);
    assert!(SHELL.is_right(&home.project()));
}

#[test]
fn a_refused_websocket_falls_back_to_http() {
    let script = fixer::script(&SHELL).upgrading(Upgrade::Refused(426));
    let server = Server::start(script).unwrap();
    let home = Home::new(&SHELL, Line::ResponsesWebSocket, &server);
    home.exec(&[GOAL]).assert_code(0);
    assert!(SHELL.is_right(&home.project()));
    assert_eq!(server.violations(), Vec::<String>::new());
}

#[test]
fn a_websocket_that_is_too_old_is_replaced() {
    let server = Server::start(fixer::script(&SHELL).answers_per_socket(2)).unwrap();
    let home = Home::new(&SHELL, Line::ResponsesWebSocket, &server);
    home.exec(&[GOAL]).assert_code(0);
    assert!(SHELL.is_right(&home.project()));
    assert_eq!(server.violations(), Vec::<String>::new());
}

/// A service that falls silent is given up after the time in the settings.
#[test]
fn silence_is_given_up_and_asked_again() {
    for line in Line::ALL {
        for fault in [
            Fault::HangBeforeHeaders,
            Fault::HangAfter { events: 0 },
            Fault::HangAfter { events: 3 },
        ] {
            let server = Server::start(fixer::script(&SHELL).fault_at(1, fault.clone())).unwrap();
            let settings = format!(
                "{}[network]\nidle_seconds = 1\n",
                line.settings(&server.url())
            );
            let home = Home::with_settings(&SHELL, &settings);
            let run = home.exec(&[GOAL]);
            assert_eq!(
                run.status.code(),
                Some(0),
                "{line:?}, {fault:?}\n{}\n{}",
                run.stdout,
                run.stderr
            );
            assert!(SHELL.is_right(&home.project()));
            assert_eq!(server.violations(), Vec::<String>::new());
        }
    }
}

/// Faults that trying again does not mend end the turn with words, and the work so far is kept.
#[test]
fn what_does_not_pass_is_said_and_can_be_gone_on_from() {
    for (refusal, words) in [
        (Refusal::Unauthorized, "key"),
        (Refusal::UnknownModel, "model"),
        (Refusal::QuotaExceeded, "quota"),
    ] {
        let script = fixer::script(&SHELL).fault_at(2, Fault::Refuse(refusal.clone()));
        let server = Server::start(script).unwrap();
        let home = Home::new(&SHELL, Line::ResponsesHttp, &server);
        let run = home.exec(&[GOAL]);
        run.assert_code(1);
        let failed = run.of_type("turn.failed");
        let message = failed[0]["end"]["message"].as_str().unwrap().to_lowercase();
        assert!(message.contains(words), "{refusal:?}: {message}");
        assert!(!message.contains(KEY), "{message}");
        let thread = run.thread().unwrap();
        home.exec(&["--resume", &thread, "Go on."]).assert_code(0);
        assert!(SHELL.is_right(&home.project()), "{refusal:?}");
        assert_eq!(server.violations(), Vec::<String>::new());
    }
}
