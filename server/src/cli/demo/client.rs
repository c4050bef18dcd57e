//! The demonstrations' line to the server: a small LSP client that runs this binary as its server.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use protocol::{EngineState, Message, StatusReport, StatusRequest};
use serde_json::{Value, json};
use url::Url;

/// How long learning a small project may take before the demonstration gives up.
const LEARNING_LIMIT: Duration = Duration::from_secs(30);

/// A running server and the streams to it.
pub(super) struct Client {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    next_id: u64,
    /// What arrived while an answer was waited for.
    unread: VecDeque<Value>,
}

/// What a demonstration starts its server with.
pub(super) struct ClientOptions<'a> {
    /// The workspace, absolute.
    pub(super) folder: &'a Path,
    /// Where the server keeps its log and all else.
    pub(super) state: &'a Path,
    /// The folder of the user's settings; their own without it.
    pub(super) configuration: Option<&'a Path>,
    /// What the editor can do.
    pub(super) capabilities: Value,
    /// Settings.
    pub(super) settings: Value,
}

impl Client {
    /// Starts the server and waits until it is initialised.
    pub(super) fn start(options: &ClientOptions<'_>) -> anyhow::Result<Self> {
        let mut client = Self::spawn(options)?;
        let folder = Url::from_directory_path(options.folder)
            .map_err(|()| anyhow::anyhow!("{} is no absolute path", options.folder.display()))?;
        client.request(
            "initialize",
            &json!({
                "processId": std::process::id(),
                "rootUri": folder,
                "workspaceFolders": [{ "uri": folder, "name": "demo" }],
                "capabilities": options.capabilities,
                "initializationOptions": options.settings,
            }),
        )?;
        client.notify("initialized", &json!({}))?;
        Ok(client)
    }

    fn spawn(options: &ClientOptions<'_>) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("the path of this program cannot be told")?;
        let mut command = Command::new(program);
        command.arg("lsp").env("XDG_STATE_HOME", options.state);
        if let Some(configuration) = options.configuration {
            command.env("XDG_CONFIG_HOME", configuration);
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the server cannot be started")?;
        let stdin = child.stdin.take().context("the server has no stdin")?;
        let stdout = child.stdout.take().context("the server has no stdout")?;
        Ok(Self {
            child,
            stdin,
            stdout: BufReader::new(stdout),
            next_id: 0,
            unread: VecDeque::new(),
        })
    }

    /// Waits until the server has read the whole project.
    pub(super) fn wait_until_learned(&mut self) -> anyhow::Result<()> {
        let started = Instant::now();
        loop {
            let status = self.status()?;
            if status.engine.state == EngineState::Ready && 0 < status.learning.files {
                return Ok(());
            }
            if LEARNING_LIMIT < started.elapsed() {
                bail!("the server does not finish learning: {}", status.message);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Asks how things stand.
    pub(super) fn status(&mut self) -> anyhow::Result<StatusReport> {
        let status = self.request(StatusRequest::METHOD, &Value::Null)?;
        Ok(serde_json::from_value(status)?)
    }

    /// Sends a request and waits for its answer; what else arrives meanwhile waits for [`Client::next`].
    pub(super) fn request(&mut self, method: &str, params: &Value) -> anyhow::Result<Value> {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))?;
        loop {
            let mut message = self.receive()?;
            if message["id"] != id || message.get("method").is_some() {
                self.unread.push_back(message);
                continue;
            }
            if let Some(error) = message.get("error") {
                bail!("{method} failed: {error}");
            }
            return Ok(message["result"].take());
        }
    }

    /// The next thing that the server says by itself; waits for it.
    pub(super) fn next(&mut self) -> anyhow::Result<Value> {
        match self.unread.pop_front() {
            Some(message) => Ok(message),
            None => self.receive(),
        }
    }

    /// Answers a request of the server's.
    pub(super) fn answer(&mut self, request: &Value, result: Value) -> anyhow::Result<()> {
        self.send(&json!({ "jsonrpc": "2.0", "id": request["id"], "result": result }))
    }

    /// Sends a notification.
    pub(super) fn notify(&mut self, method: &str, params: &Value) -> anyhow::Result<()> {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
    }

    /// The server's resident memory, where the system tells.
    pub(super) fn memory_megabytes(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes / 1024.0)
    }

    /// Ends the server in good order.
    pub(super) fn stop(mut self) -> anyhow::Result<()> {
        self.request("shutdown", &Value::Null)?;
        self.notify("exit", &Value::Null)?;
        self.child.wait()?;
        Ok(())
    }

    fn send(&mut self, message: &Value) -> anyhow::Result<()> {
        let body = message.to_string();
        write!(self.stdin, "Content-Length: {}\r\n\r\n{body}", body.len())
            .context("the server ended early; its log says why (`ropewalk doctor` shows where)")
    }

    fn receive(&mut self) -> anyhow::Result<Value> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.stdout.read_line(&mut line)? == 0 {
                bail!("the server ended early; its log says why (`ropewalk doctor` shows where)");
            }
            if line.trim_end().is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("Content-Length:") {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        self.stdout.read_exact(&mut body)?;
        Ok(serde_json::from_slice(&body)?)
    }
}

impl Drop for Client {
    /// After an error the server must not outlive the demonstration.
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
