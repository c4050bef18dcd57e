//! The server's process and the stream to it.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ExitStatus, Stdio};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::PATIENCE;
use crate::server_process::{read_messages, server_command};

/// A running server. It does not outlive its owner.
pub(super) struct Connection {
    child: Child,
    stdin: ChildStdin,
    messages: Receiver<Value>,
}

impl Connection {
    pub(super) fn start(home: &Path, environment: &[(&str, &str)]) -> Self {
        let mut child = server_command(home)
            .arg("lsp")
            .envs(environment.iter().copied())
            // The build that runs these tests is not the project's.
            .env_remove("CARGO_TARGET_DIR")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        Self {
            stdin: child.stdin.take().unwrap(),
            messages: read_messages(child.stdout.take().unwrap()),
            child,
        }
    }

    pub(super) fn send(&mut self, message: &Value) {
        let body = message.to_string();
        let framed = format!("Content-Length: {}\r\n\r\n{body}", body.len());
        self.stdin.write_all(framed.as_bytes()).unwrap();
        self.stdin.flush().unwrap();
    }

    /// The next message, if one comes within `limit`.
    pub(super) fn receive(&self, limit: Duration) -> Option<Value> {
        self.messages.recv_timeout(limit).ok()
    }

    /// Everything until the stream's end.
    pub(super) fn rest(&self) -> Vec<Value> {
        self.messages.iter().collect()
    }

    /// `kill -9`, with everything that had been sent thrown away unread.
    pub(super) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(super) fn wait_for_end(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "the server does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The processes that were started with `home` in their environment, as `/proc` tells; nothing where there is no such folder.
pub(super) fn processes_of(home: &Path) -> Vec<String> {
    let home = home.to_str().unwrap().as_bytes();
    let is_ours = |folder: &Path| {
        let environment = std::fs::read(folder.join("environ")).unwrap_or_default();
        environment.windows(home.len()).any(|part| part == home)
    };
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ours = entries
        .map(|entry| entry.path())
        .filter(|path| is_ours(path));
    let name = |path: std::path::PathBuf| {
        let words = std::fs::read(path.join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&words).replace('\0', " ")
    };
    ours.map(name).collect()
}
