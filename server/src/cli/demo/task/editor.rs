//! The demonstration's editor: documents, edits and diagnostics as a plain LSP client has them, nothing of our protocol.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use text::{ContentChange, Position, PositionEncoding, Text};
use url::Url;

use crate::cli::demo::client::{Client, ClientOptions};

const ENCODING: PositionEncoding = PositionEncoding::Utf8;

/// An editor with open documents.
pub(super) struct Editor {
    client: Client,
    folder: PathBuf,
    documents: BTreeMap<String, Document>,
    hunks: BTreeMap<String, Vec<Hunk>>,
    landed: Option<Landed>,
}

struct Document {
    text: Text,
    version: i32,
}

/// What an edit of the server's came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Landed {
    /// The changed files, by name.
    pub(super) files: Vec<String>,
    /// Replaced ranges in all of them.
    pub(super) edits: usize,
}

/// A change that waits to be judged.
#[derive(Clone, Debug)]
pub(super) struct Hunk {
    /// Counted from zero.
    pub(super) line: u64,
    pub(super) message: String,
}

impl Editor {
    /// Starts the server on `folder`; what it keeps goes below `whole`.
    pub(super) fn start(folder: &Path, whole: &Path) -> anyhow::Result<Self> {
        let client = Client::start(&ClientOptions {
            folder,
            state: &whole.join("state"),
            configuration: Some(&whole.join("config")),
            capabilities: json!({
                "general": { "positionEncodings": ["utf-8"] },
                "window": { "workDoneProgress": true },
                "workspace": {
                    "applyEdit": true,
                    "workspaceEdit": { "documentChanges": true, "resourceOperations": ["create", "rename", "delete"] },
                },
            }),
            settings: json!({ "model": models::catalogue::EMBEDDED, "index": { "persist": false } }),
        })?;
        Ok(Self {
            client,
            folder: folder.to_path_buf(),
            documents: BTreeMap::new(),
            hunks: BTreeMap::new(),
            landed: None,
        })
    }

    /// Opens a file.
    pub(super) fn open(&mut self, name: &str) -> anyhow::Result<()> {
        let text = fs::read_to_string(self.folder.join(name))?;
        let uri = self.uri(name)?;
        self.client.notify(
            "textDocument/didOpen",
            &json!({ "textDocument": { "uri": uri, "languageId": "rust", "version": 0, "text": text } }),
        )?;
        let document = Document {
            text: Text::from(text),
            version: 0,
        };
        self.documents.insert(name.to_owned(), document);
        Ok(())
    }

    /// The text of a document as it is now.
    pub(super) fn text(&self, name: &str) -> anyhow::Result<String> {
        Ok(self.document(name)?.text.to_string())
    }

    /// Types at the end of a document.
    pub(super) fn type_at_end(&mut self, name: &str, typed: &str) -> anyhow::Result<()> {
        let text = &self.document(name)?.text;
        let end = text.position(text.len_bytes(), ENCODING);
        self.change(name, vec![(end..end, typed.to_owned())])
    }

    /// Runs a command.
    pub(super) fn command(&mut self, name: &str, arguments: Value) -> anyhow::Result<Value> {
        let params = json!({ "command": name, "arguments": arguments });
        self.client.request("workspace/executeCommand", &params)
    }

    /// Runs the first code action at a line whose title begins so.
    pub(super) fn act(&mut self, name: &str, line: u64, title: &str) -> anyhow::Result<()> {
        let place = json!({ "line": line, "character": 0 });
        let params = json!({
            "textDocument": { "uri": self.uri(name)? },
            "range": { "start": place, "end": place },
            "context": { "diagnostics": [] },
        });
        let actions = self.client.request("textDocument/codeAction", &params)?;
        let is_meant = |action: &&Value| {
            let offered = action["title"].as_str();
            offered.is_some_and(|offered| offered.starts_with(title))
        };
        let found = actions.as_array().into_iter().flatten().find(is_meant);
        let command = found
            .map(|action| action["command"].clone())
            .with_context(|| format!("{name}:{line} has no code action `{title}`: {actions}"))?;
        self.client.request("workspace/executeCommand", &command)?;
        Ok(())
    }

    /// Waits until a task's edit has come; tells progress meanwhile.
    pub(super) fn wait_for_landing(
        &mut self,
        tell: &mut dyn FnMut(String),
    ) -> anyhow::Result<Landed> {
        while self.landed.is_none() {
            self.take_message(tell)?;
        }
        self.landed.take().context("no edit has come")
    }

    /// Waits until there are hunks in every changed file.
    pub(super) fn wait_for_hunks(&mut self) -> anyhow::Result<BTreeMap<String, Vec<Hunk>>> {
        let changed = self.documents.keys().cloned().collect::<Vec<_>>();
        while !changed.iter().all(|name| self.hunks.contains_key(name)) {
            self.take_message(&mut |_| {})?;
        }
        Ok(self.hunks.clone())
    }

    /// Waits until so many hunks are left.
    pub(super) fn wait_for_hunk_count(&mut self, count: usize) -> anyhow::Result<()> {
        while self.hunks.values().map(Vec::len).sum::<usize>() != count {
            self.take_message(&mut |_| {})?;
        }
        Ok(())
    }

    /// Where some hunk is: the file, and the line counted from zero.
    pub(super) fn any_hunk(&self) -> Option<(String, u64)> {
        let mut all = self.hunks.iter();
        all.find_map(|(name, hunks)| Some((name.clone(), hunks.first()?.line)))
    }

    /// Writes all documents.
    pub(super) fn save_all(&mut self) -> anyhow::Result<()> {
        for (name, document) in &self.documents {
            fs::write(self.folder.join(name), document.text.to_string())?;
        }
        for name in self.documents.keys().cloned().collect::<Vec<_>>() {
            let params = json!({ "textDocument": { "uri": self.uri(&name)? } });
            self.client.notify("textDocument/didSave", &params)?;
        }
        Ok(())
    }

    /// The server's resident memory, where the system tells.
    pub(super) fn memory_megabytes(&self) -> Option<f64> {
        self.client.memory_megabytes()
    }

    /// Ends the server in good order.
    pub(super) fn stop(self) -> anyhow::Result<()> {
        self.client.stop()
    }

    fn take_message(&mut self, tell: &mut dyn FnMut(String)) -> anyhow::Result<()> {
        let message = self.client.next()?;
        match message["method"].as_str().unwrap_or_default() {
            "workspace/applyEdit" => {
                self.apply(&message["params"]["edit"])?;
                self.client.answer(&message, json!({ "applied": true }))
            }
            "textDocument/publishDiagnostics" => self.take_diagnostics(&message["params"]),
            "$/progress" => {
                tell_progress(&message["params"]["value"], tell);
                Ok(())
            }
            "window/showMessage" => {
                tell(
                    message["params"]["message"]
                        .as_str()
                        .unwrap_or_default()
                        .to_owned(),
                );
                Ok(())
            }
            _ if message.get("id").is_some() => self.client.answer(&message, Value::Null),
            _ => Ok(()),
        }
    }

    fn apply(&mut self, edit: &Value) -> anyhow::Result<()> {
        let mut landed = Landed::default();
        for change in edit["documentChanges"].as_array().into_iter().flatten() {
            let Some(edits) = change["edits"].as_array() else {
                bail!("an edit that this demonstration does not expect: {change}");
            };
            let name = self.name(&change["textDocument"]["uri"])?;
            if !self.documents.contains_key(&name) {
                self.open(&name)?;
            }
            // From the last to the first, so that the ranges still to come keep their places.
            let mut edits: Vec<_> = edits
                .iter()
                .map(replacement)
                .collect::<anyhow::Result<_>>()?;
            edits.sort_by_key(|(range, _)| {
                std::cmp::Reverse((range.start.line, range.start.character))
            });
            landed.edits += edits.len();
            landed.files.push(name.clone());
            self.change(&name, edits)?;
        }
        self.landed = Some(landed);
        Ok(())
    }

    fn change(
        &mut self,
        name: &str,
        edits: Vec<(std::ops::Range<Position>, String)>,
    ) -> anyhow::Result<()> {
        let uri = self.uri(name)?;
        let document = self
            .documents
            .get_mut(name)
            .with_context(|| format!("{name} is not open"))?;
        let mut changes = Vec::new();
        for (range, inserted) in edits {
            changes.push(json!({ "range": lsp_range(&range), "text": inserted }));
            let change = ContentChange {
                range: Some(range),
                text: inserted,
            };
            document.text.apply_changes(&[change], ENCODING);
        }
        document.version += 1;
        let params = json!({
            "textDocument": { "uri": uri, "version": document.version },
            "contentChanges": changes,
        });
        self.client.notify("textDocument/didChange", &params)
    }

    fn take_diagnostics(&mut self, params: &Value) -> anyhow::Result<()> {
        let name = self.name(&params["uri"])?;
        let hunks = params["diagnostics"].as_array().into_iter().flatten();
        let hunks = hunks.map(|diagnostic| Hunk {
            line: diagnostic["range"]["start"]["line"]
                .as_u64()
                .unwrap_or_default(),
            message: diagnostic["message"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        });
        self.hunks.insert(name, hunks.collect());
        Ok(())
    }

    fn document(&self, name: &str) -> anyhow::Result<&Document> {
        let document = self.documents.get(name);
        document.with_context(|| format!("{name} is not open"))
    }

    fn uri(&self, name: &str) -> anyhow::Result<Url> {
        let path = self.folder.join(name);
        Url::from_file_path(&path)
            .map_err(|()| anyhow::anyhow!("{} is no absolute path", path.display()))
    }

    fn name(&self, uri: &Value) -> anyhow::Result<String> {
        let path = Url::parse(uri.as_str().unwrap_or_default())?.to_file_path();
        let path = path.map_err(|()| anyhow::anyhow!("{uri} is no file"))?;
        let name = path
            .strip_prefix(&self.folder)
            .with_context(|| format!("{uri} is outside of the project"))?;
        Ok(name.display().to_string())
    }
}

fn replacement(edit: &Value) -> anyhow::Result<(std::ops::Range<Position>, String)> {
    let place = |end: &str| -> anyhow::Result<Position> {
        let number = |name: &str| -> anyhow::Result<u32> {
            let number = edit["range"][end][name]
                .as_u64()
                .context("an edit without a place")?;
            Ok(u32::try_from(number)?)
        };
        Ok(Position::new(number("line")?, number("character")?))
    };
    let text = edit["newText"].as_str().context("an edit without text")?;
    Ok((place("start")?..place("end")?, text.to_owned()))
}

fn lsp_range(range: &std::ops::Range<Position>) -> Value {
    let place = |place: Position| json!({ "line": place.line, "character": place.character });
    json!({ "start": place(range.start), "end": place(range.end) })
}

fn tell_progress(value: &Value, tell: &mut dyn FnMut(String)) {
    let title = value["title"].as_str();
    let message = value["message"].as_str();
    let words: Vec<&str> = title.into_iter().chain(message).collect();
    if !words.is_empty() {
        tell(words.join(": "));
    }
}
