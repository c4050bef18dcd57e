//! The scripted model by hand: serves a script from a JSON file until it is stopped.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for the terminal, not a library"
)]

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use scripted_model::{Script, ScriptedConversation, Server, Step};

const USAGE: &str = "\
usage: scripted-model SCRIPT.json [PORT]

Answers the n-th request with the n-th step and repeats the last. The script is an array of steps:
  [{\"parts\": [{\"say\": \"Hello.\"}, {\"call\": {\"name\": \"read_file\", \"arguments\": {\"json\": {\"path\": \"a\"}}}}],
    \"pace\": {\"delay_ms\": 20}, \"fault\": {\"cut_in_event\": {\"events\": 3}}}]
Or an array of conversations that may run side by side: [{\"when\": \"words of the user\", \"steps\": [...]}]";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let script = arguments.next().ok_or_else(|| USAGE.to_owned());
    let port = arguments.next().map_or(Ok(0), |port| port.parse());
    let port = port.map_err(|error| format!("the port: {error}\n\n{USAGE}"));
    match script.and_then(|script| serve(&script, port?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn serve(path: &str, port: u16) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let script = match serde_json::from_str::<Vec<ScriptedConversation>>(&text) {
        Ok(conversations) if !conversations.is_empty() => Script::conversations(conversations),
        _ => one_after_the_other(path, &text)?,
    };
    let server = Server::start_at(port, script).map_err(|error| format!("port {port}: {error}"))?;
    println!("{}", server.url());
    let mut told = 0;
    loop {
        server.wait_until(Duration::from_secs(60), |requests| requests.len() > told);
        for request in server.requests().drain(told..) {
            println!("{} {} {}", request.method, request.path, request.body);
            told += 1;
        }
        for violation in server.violations() {
            eprintln!("{violation}");
        }
    }
}

fn one_after_the_other(path: &str, text: &str) -> Result<Script, String> {
    let steps: Vec<Step> =
        serde_json::from_str(text).map_err(|error| format!("{path}: {error}\n\n{USAGE}"))?;
    if steps.is_empty() {
        return Err(format!("{path}: there is no step in it\n\n{USAGE}"));
    }
    let next = AtomicUsize::new(0);
    Ok(Script::reacting(move |_| {
        let place = next.fetch_add(1, Ordering::Relaxed);
        steps[place.min(steps.len() - 1)].clone()
    }))
}
