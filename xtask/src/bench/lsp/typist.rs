//! Types into an open document through a client, as a person does: character by character, and asks for suggestions.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::corpus::Random;
use super::client::Client;
use super::peer::Peer;

/// A document that is open in a server, and where the next character goes.
pub(super) struct Typist<'a> {
    peer: &'a Peer,
    client: &'a mut Client,
    model: &'a str,
    uri: String,
    version: usize,
    /// The lines of the text as opened. Each line that was typed is as it was before, so they stay true.
    lines: Vec<String>,
    random: Random,
}

/// Where characters are typed that nothing is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Places {
    /// Line after line.
    One,
    /// A line here, a line there, anywhere in the file.
    AllOver,
}

/// What became of one request for a suggestion.
pub(super) struct Stop {
    /// From before the edit was written to the answer's last byte.
    pub(super) latency: Duration,
    /// Whether anything was offered.
    pub(super) offered: bool,
}

impl<'a> Typist<'a> {
    /// Opens a document of ASCII text.
    pub(super) fn open(
        peer: &'a Peer,
        client: &'a mut Client,
        model: &'a str,
        uri: String,
        text: &str,
    ) -> anyhow::Result<Self> {
        client.open(&uri, text)?;
        let lines = text.lines().map(str::to_owned).collect();
        Ok(Self {
            peer,
            client,
            model,
            uri,
            version: 0,
            lines,
            random: Random(0x5851_f42d_4c95_7f2d),
        })
    }

    /// Types the given number of single characters without asking for anything.
    pub(super) fn type_blindly(&mut self, characters: usize, places: Places) -> anyhow::Result<()> {
        const ON_ONE_LINE: usize = 40;
        let mut line = self.random.below(self.lines.len());
        for count in 1..=characters {
            let column = self.lines[line].len();
            if count % ON_ONE_LINE > 0 {
                self.replace(line, column, column, "x")?;
                self.lines[line].push('x');
            } else {
                self.replace(line, column, column, "\n")?;
                self.lines.insert(line + 1, String::new());
                line += 1;
                if places == Places::AllOver {
                    line = self.random.below(self.lines.len());
                }
            }
        }
        Ok(())
    }

    /// Asks for a suggestion at the end of some line and waits for the answer.
    pub(super) fn ask_anywhere(&mut self) -> anyhow::Result<bool> {
        let line = self.random.below(self.lines.len());
        self.ask(line, self.lines[line].len())
    }

    /// Picks a line, takes its end away and types it again, asking after each character, at most 10 a line.
    pub(super) fn retype_a_line(&mut self) -> anyhow::Result<Vec<Stop>> {
        let line = self.pick_line();
        let text = self.lines[line].clone();
        let start = text.len() - text.trim_start().len() + 1;
        self.replace(line, start, text.len(), "")?;
        let end = text.len().min(start + 10);
        let mut stops = Vec::new();
        for column in start..end {
            let before = Instant::now();
            self.replace(line, column, column, &text[column..=column])?;
            let (arrived, offered) = self.ask_at(line, column + 1)?;
            stops.push(Stop {
                latency: arrived - before,
                offered,
            });
        }
        self.replace(line, end, end, &text[end..])?;
        Ok(stops)
    }

    /// A line with something to type in it.
    fn pick_line(&mut self) -> usize {
        for _ in 0..10_000 {
            let line = self.random.below(self.lines.len());
            if self.lines[line].trim().len() >= 12 {
                return line;
            }
        }
        0
    }

    fn replace(&mut self, line: usize, from: usize, to: usize, text: &str) -> anyhow::Result<()> {
        self.version += 1;
        let position = |character| json!({ "line": line, "character": character });
        let change =
            json!({ "range": { "start": position(from), "end": position(to) }, "text": text });
        let document = json!({ "uri": self.uri, "version": self.version });
        let params = json!({ "textDocument": document, "contentChanges": [change] });
        self.client.notify("textDocument/didChange", &params)
    }

    fn ask(&mut self, line: usize, column: usize) -> anyhow::Result<bool> {
        Ok(self.ask_at(line, column)?.1)
    }

    fn ask_at(&mut self, line: usize, column: usize) -> anyhow::Result<(Instant, bool)> {
        let (method, params) =
            self.peer
                .suggestion(&self.uri, self.version, line, column, self.model);
        let answer = self.client.request(method, &params)?;
        Ok((
            answer.arrived,
            answer.result.is_ok_and(|result| offers(&result)),
        ))
    }
}

/// Whether any of the known kinds of answers holds a suggestion.
fn offers(result: &Value) -> bool {
    let lists = [result, &result["items"], &result["completions"]];
    lists
        .into_iter()
        .any(|list| list.as_array().is_some_and(|list| !list.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_offers_something_when_any_list_in_it_does() {
        assert!(offers(&json!([{ "insertText": "x" }])));
        assert!(offers(&json!({ "items": [{}] })));
        assert!(offers(&json!({ "completions": [{}] })));
        for nothing in [
            json!(null),
            json!([]),
            json!({ "items": [] }),
            json!({ "isIncomplete": true }),
        ] {
            assert!(!offers(&nothing), "{nothing}");
        }
    }
}
