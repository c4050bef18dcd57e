//! An open document as the desk's editor has it: plain text, a version, and what undo brings back.

use std::ops::Range;

use serde_json::{Value, json};

use super::positions::{Encoding, offset, position};

/// An open document.
#[derive(Clone, Debug)]
pub(crate) struct Buffer {
    pub(crate) text: String,
    pub(crate) version: i64,
    /// Texts that undo brings back, the next one last.
    pub(crate) undo: Vec<String>,
}

/// A replacement, in bytes of the text before all replacements of its step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Replacement {
    pub(crate) range: Range<usize>,
    pub(crate) text: String,
}

impl Buffer {
    pub(crate) fn new(text: String, version: i64) -> Self {
        Self {
            text,
            version,
            undo: Vec::new(),
        }
    }

    /// Makes replacements as one step of undo, and gives the `contentChanges` that tell of them: from the last to the first,
    /// so that each range is right at its turn.
    pub(crate) fn replace(
        &mut self,
        replacements: Vec<Replacement>,
        encoding: Encoding,
    ) -> Vec<Value> {
        self.undo.push(self.text.clone());
        self.replace_silently(replacements, encoding)
    }

    fn replace_silently(
        &mut self,
        mut replacements: Vec<Replacement>,
        encoding: Encoding,
    ) -> Vec<Value> {
        // A stable sort: insertions at one place stay in their order.
        replacements.sort_by_key(|it| (it.range.start, it.range.end));
        for pair in replacements.windows(2) {
            assert!(
                pair[0].range.end <= pair[1].range.start,
                "edits overlap: {pair:?}"
            );
        }
        self.version += 1;
        let replacements = replacements.into_iter().rev();
        let tell = |it: Replacement| {
            let start = position(&self.text, it.range.start, encoding);
            let end = position(&self.text, it.range.end, encoding);
            self.text.replace_range(it.range, &it.text);
            json!({ "range": { "start": start, "end": end }, "text": it.text })
        };
        replacements.map(tell).collect()
    }

    /// Takes the last step back, and gives the change that tells of it; nothing when there is no step.
    pub(crate) fn undo(&mut self, encoding: Encoding) -> Option<Vec<Value>> {
        let text = self.undo.pop()?;
        let replacement = difference(&self.text, &text);
        Some(self.replace_silently(vec![replacement], encoding))
    }

    /// The replacements that text edits of the server mean.
    pub(crate) fn replacements(&self, edits: &[Value], encoding: Encoding) -> Vec<Replacement> {
        let replacement = |edit: &Value| {
            let start = offset(&self.text, &edit["range"]["start"], encoding);
            let end = offset(&self.text, &edit["range"]["end"], encoding);
            Replacement {
                range: start..end,
                text: edit["newText"].as_str().unwrap().to_owned(),
            }
        };
        edits.iter().map(replacement).collect()
    }
}

/// What lies between the common beginning and the common end of two texts.
pub(crate) fn difference(before: &str, after: &str) -> Replacement {
    let same = |(a, b): &(char, char)| a == b;
    let pairs = before.chars().zip(after.chars()).take_while(same);
    let mut start: usize = pairs.map(|(character, _)| character.len_utf8()).sum();
    // A position between the two characters of a line break does not exist.
    if before[..start].ends_with('\r') {
        start -= 1;
    }
    let (rest_before, rest_after) = (&before[start..], &after[start..]);
    let pairs = rest_before.chars().rev().zip(rest_after.chars().rev());
    let mut end: usize = pairs
        .take_while(same)
        .map(|(character, _)| character.len_utf8())
        .sum();
    if rest_before[rest_before.len() - end..].starts_with('\n') {
        end -= 1;
    }
    Replacement {
        range: start..before.len() - end,
        text: rest_after[..rest_after.len() - end].to_owned(),
    }
}
