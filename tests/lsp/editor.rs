//! The scripted editor: starts the real server, speaks LSP with it, and on its drop asserts that the server ended in
//! good order, that every request was answered exactly once, and that nothing was said that the test did not read.

use std::collections::{BTreeSet, VecDeque};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ExitStatus, Stdio};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::server_process::{read_messages, server_command};

/// Nothing takes this long; a test that waits longer hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What an editor is started with.
pub(crate) struct Setup {
    pub(crate) capabilities: Value,
    pub(crate) options: Value,
    pub(crate) files: Vec<(&'static str, String)>,
    /// Sent as `processId`; by default none.
    pub(crate) parent: Option<u32>,
    /// The user's `config.toml`.
    pub(crate) config: Option<String>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            capabilities: json!({ "textDocument": { "inlineCompletion": {} } }),
            options: Value::Null,
            files: Vec::new(),
            parent: None,
            config: None,
        }
    }
}

/// A client of a running server.
pub(crate) struct Editor {
    child: Child,
    stdin: Option<ChildStdin>,
    messages: Receiver<Value>,
    /// Messages that arrived while something else was waited for.
    unread: VecDeque<Value>,
    next_id: i64,
    unanswered: BTreeSet<i64>,
    /// What `workspace/configuration` is answered with.
    pub(crate) configuration: Value,
    /// What stands in every answer beside its id and its result.
    pub(crate) answer_template: Value,
    folder: TempDir,
    is_over: bool,
}

/// An answer's error code and message.
#[derive(Debug, PartialEq)]
pub(crate) struct Refusal(pub(crate) i64, pub(crate) String);

impl Editor {
    /// An editor that has initialised its server in a folder with the given files.
    pub(crate) fn start(setup: Setup) -> Self {
        let mut editor = Self::spawn(&setup);
        let answer = editor.request("initialize", editor.initialize_params(&setup));
        assert!(answer.is_ok(), "{answer:?}");
        editor.notify("initialized", json!({}));
        editor
    }

    /// The same with defaults and no files.
    pub(crate) fn plain() -> Self {
        Self::start(Setup::default())
    }

    /// A server that was started and told nothing.
    pub(crate) fn spawn(setup: &Setup) -> Self {
        Self::spawn_in(prepare_folder(setup))
    }

    /// The same in a folder that was prepared before.
    fn spawn_in(folder: TempDir) -> Self {
        let mut child = server_command(folder.path())
            .arg("lsp")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let messages = read_messages(child.stdout.take().unwrap());
        Self {
            child,
            stdin,
            messages,
            unread: VecDeque::new(),
            next_id: 0,
            unanswered: BTreeSet::new(),
            configuration: json!([null]),
            answer_template: json!({ "jsonrpc": "2.0" }),
            folder,
            is_over: false,
        }
    }

    /// Quits, and starts the server again in the same folder.
    pub(crate) fn restart(mut self, setup: &Setup) -> Self {
        assert_eq!(self.quit().code(), Some(0));
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        drop(self);
        let mut editor = Self::spawn_in(folder);
        let params = editor.initialize_params(setup);
        editor.request("initialize", params).unwrap();
        editor.notify("initialized", json!({}));
        editor
    }

    /// Kills the server, and starts another one in the same folder.
    pub(crate) fn crash(mut self, setup: &Setup) -> Self {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.is_over = true;
        self.ignore_unread();
        self.unanswered.clear();
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        drop(self);
        let mut editor = Self::spawn_in(folder);
        let params = editor.initialize_params(setup);
        editor.request("initialize", params).unwrap();
        editor.notify("initialized", json!({}));
        editor
    }

    pub(crate) fn initialize_params(&self, setup: &Setup) -> Value {
        json!({
            "processId": setup.parent,
            "rootUri": null,
            "workspaceFolders": [{ "uri": self.uri(""), "name": "workspace" }],
            "capabilities": setup.capabilities,
            "initializationOptions": setup.options,
        })
    }

    /// The workspace folder.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("workspace")
    }

    /// The folder that holds the workspace and everything that the server writes.
    pub(crate) fn home(&self) -> &Path {
        self.folder.path()
    }

    /// The URI of a file in the workspace.
    pub(crate) fn uri(&self, name: &str) -> String {
        format!("file://{}", self.root().join(name).display())
    }

    /// The server's process, and the group of everything that it starts.
    pub(crate) fn process_id(&self) -> u32 {
        self.child.id()
    }

    // Documents.

    pub(crate) fn open(&mut self, name: &str, language: &str, text: &str) {
        let uri = self.uri(name);
        self.notify(
            "textDocument/didOpen",
            json!({ "textDocument": { "uri": uri, "languageId": language, "version": 1, "text": text } }),
        );
    }

    pub(crate) fn change(&mut self, name: &str, version: i32, changes: Value) {
        let uri = self.uri(name);
        self.notify(
            "textDocument/didChange",
            json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": changes }),
        );
    }

    pub(crate) fn close(&mut self, name: &str) {
        let uri = self.uri(name);
        self.notify(
            "textDocument/didClose",
            json!({ "textDocument": { "uri": uri } }),
        );
    }

    /// The text as the server has it.
    pub(crate) fn view(&mut self, name: &str) -> String {
        let uri = self.uri(name);
        let view = self.request("ropewalk/viewDocument", json!({ "uri": uri }));
        view.unwrap()["text"].as_str().unwrap().to_string()
    }

    /// The inline completion at a place: its items.
    pub(crate) fn inline(&mut self, name: &str, line: usize, character: usize) -> Vec<Value> {
        let params = self.place(name, line, character);
        let answer = self.request("textDocument/inlineCompletion", params);
        answer.unwrap()["items"].as_array().unwrap().clone()
    }

    /// Parameters of a request about a place.
    pub(crate) fn place(&self, name: &str, line: usize, character: usize) -> Value {
        json!({
            "textDocument": { "uri": self.uri(name) },
            "position": { "line": line, "character": character },
            "context": { "triggerKind": 2 },
        })
    }

    /// Waits until the server has learned the workspace's files.
    pub(crate) fn wait_until_learned(&mut self, files: u64) {
        let started = Instant::now();
        loop {
            let status = self.request("ropewalk/status", Value::Null).unwrap();
            if status["learning"]["files"] == files && status["engine"]["state"] == "ready" {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "not learned: {status}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    // Messages.

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request and waits for its answer.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Result<Value, Refusal> {
        let id = self.send_request(method, params);
        self.answer(id)
    }

    /// Sends a request without waiting.
    pub(crate) fn send_request(&mut self, method: &str, params: Value) -> i64 {
        self.next_id += 1;
        let id = self.next_id;
        self.unanswered.insert(id);
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// Waits for the answer to a request.
    pub(crate) fn answer(&mut self, id: i64) -> Result<Value, Refusal> {
        let message =
            self.wait_for(|message| message.get("method").is_none() && message["id"] == id);
        match message.get("error") {
            None => Ok(message["result"].clone()),
            Some(error) => Err(Refusal(
                error["code"].as_i64().unwrap(),
                error["message"].as_str().unwrap().to_string(),
            )),
        }
    }

    /// Whether the answer had not arrived before the message that was read last.
    pub(crate) fn is_unanswered(&self, id: i64) -> bool {
        self.unanswered.contains(&id)
    }

    /// Waits for a notification or request of the server's.
    pub(crate) fn wait_for_method(&mut self, method: &str) -> Value {
        self.wait_for(|message| message["method"] == method)
    }

    /// Waits for an answer to a request that was written by hand.
    pub(crate) fn wait_for_id(&mut self, id: &Value) -> Value {
        self.wait_for(|message| message.get("method").is_none() && message["id"] == *id)
    }

    /// Waits for the answer that has no id, since what it answers could not be read.
    pub(crate) fn wait_for_refusal(&mut self) -> i64 {
        let message =
            self.wait_for(|message| message["id"].is_null() && message.get("error").is_some());
        message["error"]["code"].as_i64().unwrap()
    }

    /// Drops what is waiting to be read, in a test that is about something else.
    pub(crate) fn ignore_unread(&mut self) {
        while let Ok(message) = self.messages.try_recv() {
            self.accept(message);
        }
        self.unread.clear();
    }

    pub(crate) fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.send_bytes(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    /// Writes anything at all.
    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(bytes).unwrap();
        stdin.flush().unwrap();
    }

    fn wait_for(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(position) = self.unread.iter().position(&is_wanted) {
            return self.unread.remove(position).unwrap();
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let message = self
                .messages
                .recv_timeout(left)
                .unwrap_or_else(|error| panic!("{error}; unread: {:?}", self.unread));
            self.accept(message);
            if self.unread.back().is_some_and(&is_wanted) {
                return self.unread.pop_back().unwrap();
            }
        }
    }

    /// Keeps the books: answers belong to questions, and the server's questions are answered.
    fn accept(&mut self, message: Value) {
        if message.get("method").is_none() {
            if let Some(id) = message["id"].as_i64() {
                assert!(
                    self.unanswered.remove(&id),
                    "answered twice, or never asked: {message}"
                );
            }
        } else if let Some(id) = message.get("id") {
            let result = match message["method"].as_str() {
                Some("workspace/configuration") => self.configuration.clone(),
                _ => Value::Null,
            };
            let mut answer = self.answer_template.clone();
            answer["id"] = id.clone();
            answer["result"] = result;
            self.send(&answer);
        }
        self.unread.push_back(message);
    }

    // The end.

    /// Sends `shutdown` and `exit` and waits for the process's end.
    pub(crate) fn quit(&mut self) -> ExitStatus {
        assert_eq!(self.request("shutdown", Value::Null), Ok(Value::Null));
        self.notify("exit", Value::Null);
        self.wait_for_end()
    }

    /// Closes the stream to the server, as a killed editor does.
    pub(crate) fn hang_up(&mut self) -> ExitStatus {
        self.stdin = None;
        self.wait_for_end()
    }

    /// Waits for the process to end by itself.
    pub(crate) fn wait_for_end(&mut self) -> ExitStatus {
        let started = Instant::now();
        self.is_over = true;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            if PATIENCE < started.elapsed() {
                self.child.kill().unwrap();
                panic!("the server does not end");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn assert_nothing_unread(&mut self) {
        while let Ok(message) = self.messages.recv() {
            if message.get("method").is_none() || message.get("id").is_none() {
                self.accept_late(message);
            }
        }
        let unread: Vec<_> = self
            .unread
            .iter()
            .filter(|message| !is_housekeeping(message))
            .collect();
        assert!(unread.is_empty(), "left unread: {unread:?}");
        assert!(
            self.unanswered.is_empty(),
            "never answered: {:?}",
            self.unanswered
        );
    }

    /// After the end there is nobody left to answer.
    fn accept_late(&mut self, message: Value) {
        if let Some(id) = message["id"].as_i64() {
            assert!(
                self.unanswered.remove(&id),
                "answered twice, or never asked: {message}"
            );
        }
        self.unread.push_back(message);
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        if std::thread::panicking() {
            drop(self.child.kill());
            drop(self.child.wait());
            return;
        }
        if !self.is_over {
            assert_eq!(self.quit().code(), Some(0));
        }
        self.assert_nothing_unread();
    }
}

/// Questions and progress that come at any time and that most tests are not about.
fn is_housekeeping(message: &Value) -> bool {
    matches!(
        message["method"].as_str(),
        Some(
            "$/progress"
                | "window/workDoneProgress/create"
                | "workspace/configuration"
                | "client/registerCapability"
                | "ropewalk/didChangeStatus"
        )
    )
}

fn prepare_folder(setup: &Setup) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: PathBuf, text: &str| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    std::fs::create_dir(folder.path().join("workspace")).unwrap();
    for (name, text) in &setup.files {
        write(folder.path().join("workspace").join(name), text);
    }
    if let Some(config) = &setup.config {
        write(folder.path().join("config/ropewalk/config.toml"), config);
    }
    folder
}
