//! An LSP client over stdio for measurements: starts a server, asks, and notes when each answer arrived.

use std::collections::HashMap;
use std::io::BufReader;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::wire::{read_message, write_message};

/// How long an answer may take before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(180);

/// A running server and the connection to it. Dropping it ends the server.
pub(super) struct Client {
    process: Child,
    input: Arc<Mutex<ChildStdin>>,
    answers: Receiver<Answer>,
    /// Answers that arrived while another one was waited for.
    early: HashMap<i64, Answer>,
    last_id: i64,
}

/// The answer to a request.
pub(super) struct Answer {
    id: i64,
    /// When its last byte was read.
    pub(super) arrived: Instant,
    /// The `result`, or the `error` if there is one.
    pub(super) result: Result<Value, Value>,
}

impl Client {
    /// Starts a server.
    pub(super) fn start(mut command: Command) -> anyhow::Result<Self> {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{} could not be started", command.get_program().display()))?;
        let input = process.stdin.take().expect("stdin was piped");
        let output = process.stdout.take().expect("stdout was piped");
        let input = Arc::new(Mutex::new(input));
        let (sender, answers) = channel();
        let replies = Arc::clone(&input);
        thread::spawn(move || {
            let mut reader = BufReader::new(output);
            while let Ok(message) = read_message(&mut reader) {
                let arrived = Instant::now();
                if let Some(reply) = reply_to(&message) {
                    let mut replies = replies.lock().expect("no writer panics");
                    let _ = write_message(&mut *replies, &reply);
                } else if let Some(answer) = answer_in(&message, arrived)
                    && sender.send(answer).is_err()
                {
                    return;
                }
            }
        });
        Ok(Self {
            process,
            input,
            answers,
            early: HashMap::new(),
            last_id: 0,
        })
    }

    /// The server's process id.
    pub(super) fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Sends a request without waiting and returns its id.
    pub(super) fn send(&mut self, method: &str, params: &Value) -> anyhow::Result<i64> {
        self.last_id += 1;
        let id = self.last_id;
        self.write(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))?;
        Ok(id)
    }

    /// Sends a notification.
    pub(super) fn notify(&mut self, method: &str, params: &Value) -> anyhow::Result<()> {
        self.write(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
    }

    /// Waits for the answer to a request.
    pub(super) fn answer(&mut self, id: i64) -> anyhow::Result<Answer> {
        loop {
            if let Some(answer) = self.early.remove(&id) {
                return Ok(answer);
            }
            let Ok(answer) = self.answers.recv_timeout(PATIENCE) else {
                bail!("the server gave no answer within {PATIENCE:?}, or ended");
            };
            self.early.insert(answer.id, answer);
        }
    }

    /// Sends a request and waits for its answer.
    pub(super) fn request(&mut self, method: &str, params: &Value) -> anyhow::Result<Answer> {
        let id = self.send(method, params)?;
        self.answer(id)
    }

    /// Opens a document, version 0.
    pub(super) fn open(&mut self, uri: &str, text: &str) -> anyhow::Result<()> {
        let document = json!({ "uri": uri, "languageId": "rust", "version": 0, "text": text });
        self.notify("textDocument/didOpen", &json!({ "textDocument": document }))
    }

    fn write(&self, message: &Value) -> anyhow::Result<()> {
        let mut input = self.input.lock().expect("no writer panics");
        write_message(&mut *input, message).context("the server reads no more")
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The answer to what the server asks of its client: the settings are empty, everything else is agreed to.
fn reply_to(message: &Value) -> Option<Value> {
    let method = message["method"].as_str()?;
    let id = message.get("id")?;
    let result = if method == "workspace/configuration" {
        let items = message["params"]["items"].as_array().map_or(0, Vec::len);
        json!(vec![Value::Null; items])
    } else {
        Value::Null
    };
    Some(json!({ "jsonrpc": "2.0", "id": id, "result": result }))
}

fn answer_in(message: &Value, arrived: Instant) -> Option<Answer> {
    let id = message.get("id")?.as_i64()?;
    let result = match message.get("error") {
        Some(error) => Err(error.clone()),
        None => Ok(message["result"].clone()),
    };
    Some(Answer {
        id,
        arrived,
        result,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `cat` sends every frame back: a request comes back as if the server had asked us.
    #[test]
    fn frames_travel_whole_and_requests_of_the_server_are_answered() {
        let mut client = Client::start(Command::new("cat")).unwrap();
        let id = client
            .send("workspace/configuration", &json!({ "items": [1, 2, "é𝒳"] }))
            .unwrap();
        let answer = client.answer(id).unwrap();
        assert_eq!(answer.result, Ok(json!([null, null, null])));
    }

    #[test]
    fn a_server_that_ends_is_an_error() {
        let mut client = Client::start(Command::new("true")).unwrap();
        let result = client
            .send("initialize", &Value::Null)
            .and_then(|id| client.answer(id));
        assert!(result.is_err());
    }
}
