//! A task that is longer than the model's window: the history is compacted, several times, and the task still ends well.

use scripted_model::{Conversation, Kind, Script, SeenItem, SeenRole, Server, Step};
use serde_json::json;

use crate::fixer::{self, GOAL};
use crate::home::Home;
use crate::line::Line;
use crate::process::Finished;
use crate::project::SHELL;

/// Files that the model reads before it repairs anything; together they fill several windows.
const FILES: usize = 30;

/// Bytes of such a file.
const FILE_BYTES: usize = 9_000;

/// The model's window in tokens.
const WINDOW: u64 = 32_000;

fn name(number: usize) -> String {
    format!("notes/part-{number:02}.txt")
}

/// The number of the last file that the conversation tells of, in whatever form.
fn last_read(conversation: &Conversation) -> usize {
    let mut told = String::new();
    for item in &conversation.items {
        match item {
            SeenItem::Message { text, .. } | SeenItem::Reasoning { text } => told.push_str(text),
            SeenItem::Call { arguments, .. } => told.push_str(arguments),
            SeenItem::Compaction { note } => told.push_str(note),
            SeenItem::Output { .. } | SeenItem::Other { .. } => {}
        }
    }
    (1..=FILES)
        .rev()
        .find(|number| told.contains(&name(*number)))
        .unwrap_or(0)
}

fn next(conversation: &Conversation) -> Step {
    let last = last_read(conversation);
    if fixer::is_asked_for_summary(conversation) {
        return Step::say(format!("The last file that I have read is {}.", name(last)));
    }
    if last < FILES {
        return Step::call("read_file", json!({"path": name(last + 1)}));
    }
    fixer::next(&SHELL, conversation)
}

struct Session {
    run: Finished,
    server: Server,
    home: Home,
}

fn work(line: Line, settings: &str) -> Session {
    let script = Script::reacting(|request| next(&request.conversation)).window(WINDOW);
    let server = Server::start(script).unwrap();
    let settings = format!("{}{settings}", line.settings(&server.url()));
    let home = Home::with_settings(&SHELL, &settings);
    std::fs::create_dir(home.project().join("notes")).unwrap();
    for number in 1..=FILES {
        let text = format!("{}\n", "all work and no play ".repeat(4)).repeat(FILE_BYTES / 85);
        std::fs::write(home.project().join(name(number)), text).unwrap();
    }
    let run = home.exec(&[GOAL]);
    Session { run, server, home }
}

fn finishes(line: Line, settings: &str, form: &str) -> Session {
    let settings = format!("{settings}[models.m]\ncontext_window = {WINDOW}\n");
    let session = work(line, &settings);
    session.run.assert_code(0);
    assert!(SHELL.is_right(&session.home.project()), "{line:?}");
    assert_eq!(
        session.server.violations(),
        Vec::<String>::new(),
        "{line:?}"
    );
    let forms = forms(&session.run);
    assert!(forms.len() >= 3, "{line:?}: {forms:?}");
    assert!(forms.iter().all(|told| told == form), "{line:?}: {forms:?}");
    keeps_goal(&session.server, line);
    session
}

/// How each compaction was done.
fn forms(run: &Finished) -> Vec<String> {
    let completed = run.of_type("item.completed");
    let items = completed.iter().map(|event| &event["item"]);
    let compactions = items.filter(|item| item["kind"] == "compaction");
    compactions
        .map(|item| item["form"].as_str().unwrap().to_owned())
        .collect()
}

/// In every window the model knows what the user wants.
fn keeps_goal(server: &Server, line: Line) {
    for step in server.steps() {
        let said = step.conversation.said_by(SeenRole::User);
        assert!(
            said.iter().any(|text| text.contains(GOAL)),
            "{line:?}: request {}",
            step.number
        );
    }
}

#[test]
fn several_windows_with_a_summary_finish_the_task() {
    for line in [
        Line::ChatCompletions,
        Line::Messages,
        Line::Ollama,
        Line::ResponsesHttp,
    ] {
        finishes(line, "", "summary");
    }
}

#[test]
fn several_windows_over_a_websocket_finish_the_task() {
    finishes(Line::ResponsesWebSocket, "", "summary");
}

#[test]
fn several_windows_that_the_service_compacts_finish_the_task() {
    let session = finishes(Line::ResponsesHttp, "remote_compaction = true\n", "remote");
    let requests = session.server.requests();
    let compactions = requests
        .iter()
        .filter(|request| request.kind == Kind::Compaction);
    assert!(compactions.count() >= 3);
}

/// The window is smaller than the program believes: it learns so from the service's refusal, and compacts.
#[test]
fn a_window_that_is_smaller_than_believed_is_no_end() {
    for line in [
        Line::ResponsesHttp,
        Line::ChatCompletions,
        Line::Messages,
        Line::Ollama,
    ] {
        let session = work(line, "[models.m]\ncontext_window = 64000\n");
        session.run.assert_code(0);
        assert!(SHELL.is_right(&session.home.project()), "{line:?}");
        assert_eq!(
            session.server.violations(),
            Vec::<String>::new(),
            "{line:?}"
        );
        assert!(!forms(&session.run).is_empty());
    }
}
