//! The facts about a language as `language.toml` states them, and the patterns for test files.
//!
//! Read by `language.rs`, which answers the questions.

use std::path::Path;

use serde::Deserialize;

use crate::parse::Mask;

/// One `language.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Facts {
    /// The name for people.
    pub(super) name: String,
    /// What editors call it; first the identifier of LSP.
    pub(super) ids: Vec<String>,
    /// File extensions without the dot, in lower case.
    pub(super) extensions: Vec<String>,
    /// Whole file names, where the extension does not tell.
    #[serde(default)]
    pub(super) file_names: Vec<String>,
    /// What starts a comment that ends with its line.
    pub(super) line_comment: Option<String>,
    /// What encloses a comment.
    pub(super) block_comment: Option<BlockComment>,
    /// What must be hidden from the scanner of the grammar.
    pub(super) mask: Option<Mask>,
    /// Where tests are.
    #[serde(default)]
    pub(super) tests: TestFiles,
}

/// What encloses a comment of any length.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockComment {
    /// What starts it, such as `/*`.
    pub open: String,
    /// What ends it, such as `*/`.
    pub close: String,
}

/// How to tell a file of tests by its path. A `*` stands for any run of characters in a name.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TestFiles {
    /// Patterns for the file's name.
    #[serde(default)]
    pub(super) file_names: Vec<String>,
    /// Patterns for the name of any folder on its path.
    #[serde(default)]
    pub(super) folders: Vec<String>,
}

impl Facts {
    /// Reads one `language.toml`.
    pub(super) fn read(source: &str) -> Result<Facts, toml::de::Error> {
        toml::from_str(source)
    }
}

impl TestFiles {
    /// Whether a file with this path is one of tests.
    pub(super) fn contain(&self, path: &Path) -> bool {
        let mut names = path
            .components()
            .rev()
            .filter_map(|component| component.as_os_str().to_str());
        let Some(file_name) = names.next() else {
            return false;
        };
        self.file_names
            .iter()
            .any(|pattern| matches_pattern(pattern, file_name))
            || names.any(|folder| {
                self.folders
                    .iter()
                    .any(|pattern| matches_pattern(pattern, folder))
            })
    }
}

/// Whether all of `name` fits `pattern`, in which `*` stands for any run of characters.
fn matches_pattern(pattern: &str, name: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(rest) = name.strip_prefix(before) else {
        return false;
    };
    let mut starts = rest
        .char_indices()
        .map(|(start, _)| start)
        .chain([rest.len()]);
    starts.any(|start| matches_pattern(after, &rest[start..]))
}
