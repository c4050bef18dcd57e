//! The agent repairs a project, on each line and in each language.

use scripted_model::{Kind, SeenRequest, Server, Transport, Wire};
use serde_json::Value;

use crate::fixer::{self, DONE, GOAL};
use crate::home::Home;
use crate::line::{KEY, Line};
use crate::project::{JAVASCRIPT, PYTHON, Project, RUST, SHELL};
use crate::thread_log;

fn repair(project: &'static Project, line: Line) {
    if !project.can_run() {
        return;
    }
    let server = Server::start(fixer::script(project).key(KEY)).unwrap();
    let home = Home::new(project, line, &server);
    let run = home.exec(&[GOAL]);
    run.assert_code(0);
    assert_eq!(server.violations(), Vec::<String>::new(), "{line:?}");
    assert!(project.is_right(&home.project()), "{line:?}");
    assert_eq!(run.of_type("turn.completed").len(), 1, "{}", run.stdout);
    assert!(run.stdout.contains(DONE), "{}", run.stdout);
    let steps = server.steps();
    let called = |name: &str| {
        steps
            .last()
            .unwrap()
            .outputs()
            .iter()
            .filter(|output| output.name == name)
            .count()
    };
    let counts = [
        called("read_file"),
        called("apply_patch"),
        called("exec_command"),
    ];
    assert_eq!(counts, [1, 2, 2], "{line:?}");
    uses_one_connection(&server, line);
    let transport = if line == Line::ResponsesWebSocket {
        Transport::WebSocket
    } else {
        Transport::Http
    };
    assert!(
        steps.iter().all(|step| step.transport == transport),
        "{line:?}"
    );
    replays(&home, &steps, line);
}

/// One connection serves the session. Whether a server on this machine has loaded the model is asked over HTTP, which a
/// WebSocket cannot carry.
fn uses_one_connection(server: &Server, line: Line) {
    let requests = server.requests();
    let is_question = |request: &SeenRequest| {
        line == Line::ResponsesWebSocket && request.header("upgrade").is_none()
    };
    let mut connections: Vec<(usize, &str)> = requests
        .iter()
        .filter(|request| request.transport == Transport::WebSocket || !is_question(request))
        .map(|request| (request.connection, request.path.as_str()))
        .collect();
    connections.dedup_by_key(|(connection, _)| *connection);
    assert_eq!(connections.len(), 1, "{line:?}: {connections:?}");
    if line != Line::ResponsesWebSocket {
        assert_eq!(server.accepts(), 1, "{line:?}");
    }
}

/// The log gives the requests that were sent, byte for byte.
fn replays(home: &Home, steps: &[SeenRequest], line: Line) {
    let replayed = thread_log::bodies(&thread_log::entries(home));
    assert_eq!(replayed.len(), steps.len(), "{line:?}");
    if line == Line::ResponsesWebSocket {
        return; // Only what is new travels there.
    }
    for (replayed, step) in replayed.iter().zip(steps) {
        assert!(
            step.raw.ends_with(replayed),
            "{line:?}: request {}",
            step.number
        );
    }
}

#[test]
fn a_rust_project_is_repaired_on_every_line() {
    Line::ALL.into_iter().for_each(|line| repair(&RUST, line));
}

#[test]
fn a_python_project_is_repaired_on_every_line() {
    Line::ALL.into_iter().for_each(|line| repair(&PYTHON, line));
}

#[test]
fn a_javascript_project_is_repaired_on_every_line() {
    Line::ALL
        .into_iter()
        .for_each(|line| repair(&JAVASCRIPT, line));
}

#[test]
fn a_shell_project_is_repaired_on_every_line() {
    Line::ALL.into_iter().for_each(|line| repair(&SHELL, line));
}

#[test]
fn over_a_websocket_only_new_items_travel() {
    let server = Server::start(fixer::script(&SHELL)).unwrap();
    let home = Home::new(&SHELL, Line::ResponsesWebSocket, &server);
    home.exec(&[GOAL]).assert_code(0);
    let requests = server.requests();
    assert!(requests.iter().any(|request| request.kind == Kind::Prewarm));
    for pair in server.steps().windows(2) {
        assert!(
            pair[1].body["previous_response_id"].is_string(),
            "request {}",
            pair[1].number
        );
        let new = pair[1].body["input"].as_array().unwrap();
        assert!(
            new.iter()
                .all(|item| item["type"].as_str().unwrap().ends_with("_output")),
            "{new:?}"
        );
    }
}

/// Each request begins with what the one before said, so that the service finds it in its cache.
#[test]
fn conversations_only_grow() {
    for line in [
        Line::ResponsesHttp,
        Line::ChatCompletions,
        Line::Messages,
        Line::Ollama,
    ] {
        let server = Server::start(fixer::script(&SHELL)).unwrap();
        let home = Home::new(&SHELL, line, &server);
        home.exec(&[GOAL]).assert_code(0);
        for pair in server.steps().windows(2) {
            let (before, before_rest) = split(&pair[0], line);
            let (after, after_rest) = split(&pair[1], line);
            assert!(
                after.starts_with(&before),
                "{line:?}: request {}",
                pair[1].number
            );
            assert_eq!(
                before_rest, after_rest,
                "{line:?}: request {}",
                pair[1].number
            );
        }
    }
}

/// The conversation as it was sent, and everything else.
fn split(request: &SeenRequest, line: Line) -> (Vec<Value>, Value) {
    let field = if line.wire() == Wire::Responses {
        "input"
    } else {
        "messages"
    };
    let mut rest = request.body.clone();
    let conversation = rest.as_object_mut().unwrap().remove(field).unwrap();
    (conversation.as_array().unwrap().clone(), rest)
}
