//! Types into the engine as an editor would report it: every edit of a document is a change the
//! engine learns.

use std::path::{Path, PathBuf};

use text::{ChangeSet, Text};

use crate::engine::Engine;

/// A document being edited.
#[derive(Debug)]
pub(super) struct Typist {
    path: PathBuf,
    pub(super) text: Text,
}

impl Typist {
    /// Opens a document with these lines.
    pub(super) fn open(engine: &mut Engine, path: &Path, lines: &[&str]) -> Self {
        let text = Text::from(joined(lines));
        engine.open(path, &text);
        Self {
            path: path.to_path_buf(),
            text,
        }
    }

    /// Removes lines.
    pub(super) fn remove_lines(&mut self, engine: &mut Engine, first: usize, count: usize) {
        let range = self.text.line_start(first)..self.text.line_start(first + count);
        self.replace(engine, range, "");
    }

    /// Inserts whole lines before a line.
    pub(super) fn insert_lines(&mut self, engine: &mut Engine, first: usize, lines: &[&str]) {
        let start = self.text.line_start(first);
        self.replace(engine, start..start, &joined(lines));
    }

    /// Inserts text at a byte offset.
    pub(super) fn insert(&mut self, engine: &mut Engine, offset: usize, text: &str) {
        self.replace(engine, offset..offset, text);
    }

    fn replace(&mut self, engine: &mut Engine, range: std::ops::Range<usize>, with: &str) {
        if range.is_empty() && with.is_empty() {
            return;
        }
        let changes = ChangeSet::replacement(self.text.len_bytes(), range.clone(), with);
        let old = self.text.clone();
        self.text.replace(range, with);
        engine.change(&self.path, &old, &self.text, &changes);
    }
}

fn joined(lines: &[&str]) -> String {
    lines.iter().flat_map(|line| [*line, "\n"]).collect()
}
