//! The person at the keyboard: types a scene key by key, looks at each suggestion, accepts the right ones.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::json;
use url::Url;

use crate::cli::terminal::{Style, Terminal};

use super::script::Scene;
use crate::cli::demo::client::Client;

/// What is counted over all scenes.
#[derive(Default)]
pub(super) struct Tally {
    /// Characters written, line breaks included, indentation not: the editor does that.
    pub(super) characters: usize,
    /// Keys pressed for them.
    pub(super) keys: usize,
    /// Suggestions that were shown; one that shrinks as it is typed through counts once.
    pub(super) shown: usize,
    pub(super) accepted: usize,
    /// From sending a change to having the answer, in milliseconds.
    pub(super) latencies: Vec<f64>,
}

impl Tally {
    /// The latency that `share` of all requests kept, in milliseconds.
    pub(super) fn percentile(&mut self, share: f64) -> f64 {
        self.latencies.sort_by(f64::total_cmp);
        let last = self.latencies.len().saturating_sub(1);
        let place = (last as f64 * share).round() as usize;
        self.latencies.get(place).copied().unwrap_or_default()
    }
}

/// A person with an editor.
pub(super) struct Typist<'a> {
    pub(super) terminal: &'a mut Terminal,
    pub(super) client: &'a mut Client,
    pub(super) tally: &'a mut Tally,
    pub(super) key_pause: Duration,
    pub(super) look_pause: Duration,
}

/// The document as the editor has it.
struct Buffer {
    uri: Url,
    version: i32,
    line: usize,
    /// The cursor's column in bytes.
    column: usize,
}

impl Typist<'_> {
    /// Types the scene's lines into its file.
    pub(super) fn play(&mut self, project: &Path, scene: &Scene) -> anyhow::Result<()> {
        let path = project.join(scene.file);
        let text = std::fs::read_to_string(&path)?;
        let line = text
            .lines()
            .position(|line| line.starts_with(scene.before))
            .with_context(|| format!("{} lacks the place of its scene", scene.file))?;
        let mut buffer = Buffer {
            uri: Url::from_file_path(&path)
                .map_err(|()| anyhow::anyhow!("{} is no absolute path", path.display()))?,
            version: 1,
            line,
            column: 0,
        };
        self.open(&buffer, &text)?;
        for line in scene.lines.lines() {
            self.open_line(&mut buffer)?;
            self.type_line(&mut buffer, line)?;
            buffer.line += 1;
            buffer.column = 0;
        }
        Ok(())
    }

    fn type_line(&mut self, buffer: &mut Buffer, line: &str) -> anyhow::Result<()> {
        let indent = line.len() - line.trim_start().len();
        if 0 < indent {
            self.insert(buffer, &line[..indent])?;
        }
        let mut drawn = line[..indent].to_string();
        let mut last_offer = String::new();
        // The line break at the end of the line is a key as well.
        self.tally.characters += line[indent..].chars().count() + 1;
        self.tally.keys += 1;
        while buffer.column < line.len() {
            let rest = &line[buffer.column..];
            let offer = self.ask(buffer)?;
            self.note_offer(&offer, &last_offer);
            self.draw(&drawn, &offer);
            if !offer.is_empty() && rest.starts_with(&offer) {
                std::thread::sleep(self.look_pause);
                self.insert(buffer, &offer)?;
                drawn.push_str(&self.accepted_text(&offer));
                self.tally.accepted += 1;
                last_offer.clear();
            } else {
                let key: String = rest.chars().take(1).collect();
                self.insert(buffer, &key)?;
                drawn.push_str(&key);
                last_offer = offer.strip_prefix(&key).unwrap_or_default().to_string();
            }
            self.tally.keys += 1;
            std::thread::sleep(self.key_pause);
        }
        self.draw(&drawn, "");
        if !self.terminal.can_redraw() {
            self.terminal.print(&drawn);
        }
        self.terminal.line("");
        Ok(())
    }

    /// What is offered right after the cursor, as the user would see it: the ghost text of the current line only.
    fn ask(&mut self, buffer: &Buffer) -> anyhow::Result<String> {
        let started = Instant::now();
        let answer = self.client.request(
            "textDocument/inlineCompletion",
            &json!({
                "textDocument": { "uri": buffer.uri },
                "position": { "line": buffer.line, "character": buffer.column },
                "context": { "triggerKind": 2 },
            }),
        )?;
        self.tally
            .latencies
            .push(started.elapsed().as_secs_f64() * 1e3);
        let item = &answer["items"][0];
        let text = item["insertText"].as_str().unwrap_or_default();
        let typed = item["range"]["start"]["character"]
            .as_u64()
            .map_or(0, |start| buffer.column.saturating_sub(start as usize));
        Ok(text.get(typed..).unwrap_or_default().to_string())
    }

    fn note_offer(&mut self, offer: &str, last_offer: &str) {
        if !offer.is_empty() && offer != last_offer {
            self.tally.shown += 1;
        }
    }

    fn draw(&mut self, drawn: &str, offer: &str) {
        if self.terminal.can_redraw() {
            let first_line = offer.lines().next().unwrap_or_default();
            let ghost = self.terminal.style(Style::Ghost, first_line);
            self.terminal.print(&format!("\r\u{1b}[K{drawn}{ghost}"));
        }
    }

    fn accepted_text(&self, offer: &str) -> String {
        if self.terminal.can_redraw() {
            self.terminal.style(Style::Good, offer)
        } else {
            format!("⟦{offer}⟧")
        }
    }

    /// Makes an empty line above the one that the cursor is at the start of, and goes there.
    fn open_line(&mut self, buffer: &mut Buffer) -> anyhow::Result<()> {
        let line = buffer.line;
        self.insert(buffer, "\n")?;
        buffer.line = line;
        buffer.column = 0;
        Ok(())
    }

    /// Inserts at the cursor and moves it behind what was inserted.
    fn insert(&mut self, buffer: &mut Buffer, text: &str) -> anyhow::Result<()> {
        buffer.version += 1;
        let cursor = json!({ "line": buffer.line, "character": buffer.column });
        self.client.notify(
            "textDocument/didChange",
            &json!({
                "textDocument": { "uri": buffer.uri, "version": buffer.version },
                "contentChanges": [{ "range": { "start": cursor, "end": cursor }, "text": text }],
            }),
        )?;
        let breaks = text.matches('\n').count();
        buffer.line += breaks;
        buffer.column = match text.rfind('\n') {
            Some(last) => text.len() - last - 1,
            None => buffer.column + text.len(),
        };
        Ok(())
    }

    fn open(&mut self, buffer: &Buffer, text: &str) -> anyhow::Result<()> {
        self.client.notify(
            "textDocument/didOpen",
            &json!({ "textDocument": {
                "uri": buffer.uri, "languageId": "rust", "version": buffer.version, "text": text,
            } }),
        )
    }
}
