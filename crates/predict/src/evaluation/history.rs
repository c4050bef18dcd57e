//! A repository's history as the replay needs it: commits with the tree before them and the lines
//! they change.

use std::{collections::HashMap, path::PathBuf, sync::Arc};

/// Commits to replay, and the texts they speak of.
#[derive(Clone, Debug, Default)]
pub struct Repository {
    /// What the report calls it.
    pub name: String,
    /// Most recent first.
    pub commits: Vec<Commit>,
    /// Texts by any id that the commits use.
    pub texts: HashMap<String, Arc<str>>,
}

/// One commit.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    /// The source files before it.
    pub tree: Vec<TreeFile>,
    /// What it did to them, in path order.
    pub edits: Vec<Edit>,
}

/// A file of a tree.
#[derive(Clone, Debug)]
pub struct TreeFile {
    /// Its path in the repository.
    pub path: PathBuf,
    /// The id of its text.
    pub text: String,
}

/// How a commit changed one file.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The path after the commit.
    pub path: PathBuf,
    /// The path before it; nothing for a new file.
    pub old_path: Option<PathBuf>,
    /// The id of the text before it; nothing for a new file.
    pub old_text: Option<String>,
    /// The id of the text after it.
    pub new_text: String,
    /// The changed lines, in order.
    pub hunks: Vec<Hunk>,
}

/// Lines that were replaced by others. Numbers count from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// The first line that was removed; where nothing was, the line before which lines were added.
    pub old_start: usize,
    /// How many were removed.
    pub old_count: usize,
    /// The first line that was added; where nothing was, the line before which lines were removed.
    pub new_start: usize,
    /// How many were added.
    pub new_count: usize,
}

impl Repository {
    /// A text, or nothing where the id is unknown.
    pub(super) fn text(&self, id: &str) -> &str {
        self.texts.get(id).map_or("", |text| text)
    }
}
