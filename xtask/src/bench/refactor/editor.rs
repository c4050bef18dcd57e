//! A plain LSP editor without a screen: open documents, the edits that the server asks for, and the files that it saves.
//!
//! Every message counts from when its last byte was read, whatever the editor was busy with.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};

use super::super::lsp::wire::{read_message, uri, write_message};

/// How long the server may be silent before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(180);

/// An editor and its server. Dropping it ends the server.
pub(super) struct Editor {
    process: Child,
    input: ChildStdin,
    messages: Receiver<(Value, Instant)>,
    last_id: i64,
    documents: BTreeMap<String, Document>,
    /// When the first edit was asked for.
    pub(super) first_edit: Option<Instant>,
}

struct Document {
    path: PathBuf,
    text: String,
    version: i32,
}

/// What the server says to the user, and when it arrived.
pub(super) struct Said {
    pub(super) words: String,
    pub(super) at: Instant,
}

impl Editor {
    /// Starts the server in `folder`.
    pub(super) fn start(mut command: Command, folder: &Path) -> anyhow::Result<Self> {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("the server could not be started")?;
        let input = process.stdin.take().context("stdin was piped")?;
        let output = process.stdout.take().context("stdout was piped")?;
        let (sender, messages) = channel();
        thread::spawn(move || {
            let mut reader = std::io::BufReader::new(output);
            while let Ok(message) = read_message(&mut reader) {
                if sender.send((message, Instant::now())).is_err() {
                    return;
                }
            }
        });
        let mut editor = Self {
            process,
            input,
            messages,
            last_id: 0,
            documents: BTreeMap::new(),
            first_edit: None,
        };
        editor.request("initialize", &initialize(folder))?;
        editor.notify("initialized", &json!({}))?;
        Ok(editor)
    }

    /// The server's process id.
    pub(super) fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Opens a file.
    pub(super) fn open(&mut self, path: &Path) -> anyhow::Result<()> {
        let text = fs::read_to_string(path)?;
        let uri = uri(path);
        let document = json!({ "uri": uri, "languageId": "rust", "version": 0, "text": text });
        self.notify("textDocument/didOpen", &json!({ "textDocument": document }))?;
        let path = path.to_path_buf();
        let version = 0;
        self.documents.insert(
            uri,
            Document {
                path,
                text,
                version,
            },
        );
        Ok(())
    }

    /// Sends a request and waits for its answer; does meanwhile what the server asks for.
    pub(super) fn request(&mut self, method: &str, params: &Value) -> anyhow::Result<Value> {
        self.last_id += 1;
        let id = self.last_id;
        self.write(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))?;
        loop {
            let (message, at) = self.next()?;
            let is_answer = message.get("method").is_none() && message["id"] == id;
            if !is_answer {
                self.take(&message, at)?;
            } else if let Some(error) = message.get("error") {
                bail!("{method} was refused: {error}");
            } else {
                return Ok(message["result"].clone());
            }
        }
    }

    /// Runs a command of the server's.
    pub(super) fn command(&mut self, name: &str, arguments: &Value) -> anyhow::Result<Value> {
        let params = json!({ "command": name, "arguments": arguments });
        self.request("workspace/executeCommand", &params)
    }

    /// Does what the server asks for until it says something to the user.
    pub(super) fn wait_for_words(&mut self) -> anyhow::Result<Said> {
        loop {
            let (message, at) = self.next()?;
            self.take(&message, at)?;
            if message["method"] == "window/showMessage" {
                let words = message["params"]["message"].as_str().unwrap_or_default();
                let words = words.to_owned();
                return Ok(Said { words, at });
            }
        }
    }

    /// Writes all documents to their files.
    pub(super) fn save_all(&mut self) -> anyhow::Result<()> {
        for document in self.documents.values() {
            fs::write(&document.path, &document.text)?;
        }
        let uris: Vec<String> = self.documents.keys().cloned().collect();
        for uri in uris {
            let params = json!({ "textDocument": { "uri": uri } });
            self.notify("textDocument/didSave", &params)?;
        }
        Ok(())
    }

    fn take(&mut self, message: &Value, at: Instant) -> anyhow::Result<()> {
        let params = &message["params"];
        let answer = match message["method"].as_str() {
            Some("workspace/applyEdit") => {
                self.first_edit.get_or_insert(at);
                self.apply(&params["edit"])?;
                json!({ "applied": true })
            }
            Some("window/showMessageRequest") => {
                bail!(
                    "the server asks, and nobody is there: {}",
                    params["message"]
                )
            }
            _ => Value::Null,
        };
        match message.get("id") {
            Some(id) if message.get("method").is_some() => {
                self.write(&json!({ "jsonrpc": "2.0", "id": id, "result": answer }))
            }
            _ => Ok(()),
        }
    }

    fn apply(&mut self, edit: &Value) -> anyhow::Result<()> {
        for change in edit["documentChanges"].as_array().into_iter().flatten() {
            let uri = change["textDocument"]["uri"].as_str();
            let uri = uri.with_context(|| format!("a rewrite only edits: {change}"))?;
            let document = self.documents.get_mut(uri);
            let document =
                document.with_context(|| format!("{uri} is not open, and files abound"))?;
            let version = &change["textDocument"]["version"];
            ensure!(
                *version == document.version,
                "{uri} has version {}, and the edit is for {version}",
                document.version
            );
            let edits = change["edits"].as_array();
            let changes = document.apply(edits.context("it has edits")?)?;
            let params = json!({
                "textDocument": { "uri": uri, "version": document.version },
                "contentChanges": changes,
            });
            self.notify("textDocument/didChange", &params)?;
        }
        Ok(())
    }

    fn notify(&mut self, method: &str, params: &Value) -> anyhow::Result<()> {
        self.write(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
    }

    fn write(&mut self, message: &Value) -> anyhow::Result<()> {
        write_message(&mut self.input, message).context("the server reads no more")
    }

    fn next(&self) -> anyhow::Result<(Value, Instant)> {
        let message = self.messages.recv_timeout(PATIENCE);
        message.with_context(|| format!("the server said nothing for {PATIENCE:?}, or ended"))
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Document {
    /// Replaces from the last place to the first, so that those still to come stay where they are; gives what `didChange` tells.
    fn apply(&mut self, edits: &[Value]) -> anyhow::Result<Vec<Value>> {
        let starts = line_starts(&self.text);
        let mut replacements = Vec::new();
        for edit in edits {
            let range =
                offset(&starts, &edit["range"]["start"])?..offset(&starts, &edit["range"]["end"])?;
            replacements.push((range, edit));
        }
        replacements.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        let mut changes = Vec::new();
        for (range, edit) in replacements {
            let inserted = edit["newText"].as_str().context("an edit has a text")?;
            ensure!(
                self.text.get(range.clone()).is_some(),
                "an edit is out of its document: {edit}"
            );
            self.text.replace_range(range, inserted);
            changes.push(json!({ "range": edit["range"], "text": inserted }));
        }
        self.version += 1;
        Ok(changes)
    }
}

/// Where each line begins, in bytes.
fn line_starts(text: &str) -> Vec<usize> {
    let breaks = text.match_indices('\n').map(|(place, _)| place + 1);
    std::iter::once(0).chain(breaks).collect()
}

/// A position in UTF-8, as was agreed upon, in bytes from the beginning.
fn offset(starts: &[usize], position: &Value) -> anyhow::Result<usize> {
    let number = |name: &str| position[name].as_u64().context("a position has numbers");
    let line = usize::try_from(number("line")?)?;
    let start = starts.get(line).context("a position is in a line")?;
    Ok(start + usize::try_from(number("character")?)?)
}

fn initialize(folder: &Path) -> Value {
    let root = uri(folder);
    json!({
        "processId": std::process::id(),
        "clientInfo": { "name": "bench", "version": "1" },
        "rootUri": root,
        "workspaceFolders": [{ "uri": root, "name": "bench" }],
        "capabilities": {
            "general": { "positionEncodings": ["utf-8"] },
            "textDocument": { "publishDiagnostics": {} },
            "window": { "workDoneProgress": true },
            "workspace": {
                "applyEdit": true,
                "workspaceEdit": { "documentChanges": true, "resourceOperations": ["create", "rename", "delete"] },
                "workspaceFolders": true,
            },
        },
        "initializationOptions": { "model": "codemod" },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_of_one_document_meet_the_places_that_were_meant() {
        let mut document = Document {
            path: PathBuf::new(),
            text: "é one\ntwo two\n".into(),
            version: 3,
        };
        let edit = |line: u64, from: u64, to: u64, text: &str| {
            let place = |character: u64| json!({ "line": line, "character": character });
            json!({ "range": { "start": place(from), "end": place(to) }, "newText": text })
        };
        let edits = [
            edit(0, 3, 6, "1"),
            edit(1, 0, 3, "zwei\n"),
            edit(1, 4, 7, "2"),
        ];
        let changes = document.apply(&edits).unwrap();
        assert_eq!(
            (document.text.as_str(), document.version),
            ("é 1\nzwei\n 2\n", 4)
        );
        let texts: Vec<_> = changes.iter().map(|change| &change["text"]).collect();
        assert_eq!(texts, ["2", "zwei\n", "1"]);
        assert!(document.apply(&[edit(9, 0, 0, "")]).is_err());
        assert!(document.apply(&[edit(0, 0, 99, "")]).is_err());
    }
}
