//! The server as tests start it: with nothing of this machine's user about it; and its messages as they come. Shared by
//! the scripted editors of `tests/lsp` and `tests/tasks`.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{self, Receiver};

use serde_json::Value;

/// The server with `folder` as its user's home.
pub(crate) fn server_command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ropewalk"));
    command
        .env("HOME", folder)
        .env("XDG_CONFIG_HOME", folder.join("config"))
        .env("XDG_STATE_HOME", folder.join("state"))
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .env("XDG_DATA_HOME", folder.join("data"))
        .env("ROPEWALK_LOG", "debug")
        .current_dir(folder);
    command
}

/// The messages of a server, read on a thread of their own; the channel closes when the server's output does.
pub(crate) fn read_messages(stdout: impl Read + Send + 'static) -> Receiver<Value> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut stdout = BufReader::new(stdout);
        while let Some(message) = read_message(&mut stdout) {
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Nothing at the end, and of a message that was cut off because the server was killed.
fn read_message(stdout: &mut impl BufRead) -> Option<Value> {
    let mut header = String::new();
    stdout
        .read_line(&mut header)
        .ok()
        .filter(|&count| 0 < count)?;
    let length = header.strip_prefix("Content-Length: ").unwrap().trim_end();
    let mut blank = String::new();
    stdout.read_line(&mut blank).unwrap();
    assert_eq!(blank, "\r\n");
    let mut body = vec![0; length.parse().unwrap()];
    stdout.read_exact(&mut body).ok()?;
    Some(serde_json::from_slice(&body).unwrap())
}
