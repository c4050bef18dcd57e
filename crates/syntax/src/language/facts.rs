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
    /// The kinds of node that are names, each perhaps after the kind of its parent and a slash.
    #[serde(default)]
    pub(super) identifiers: Vec<String>,
    /// How patterns of structural search are read.
    #[serde(default)]
    pub(super) patterns: PatternFacts,
}

/// What structural search has to know of a language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PatternFacts {
    /// A letter that may begin a name and that no code has: it stands for the `$` of variables while the pattern is parsed.
    pub(super) mark: char,
    /// What may stand before the mark to make the variable another kind of name, each tried in turn.
    pub(super) sigils: Vec<String>,
    /// Where a pattern may stand, `%` being the pattern. The first is the usual one.
    pub(super) contexts: Vec<String>,
    /// Whether the comma before an empty list may go.
    pub(super) last_comma: LastComma,
}

impl Default for PatternFacts {
    fn default() -> Self {
        Self {
            mark: 'µ',
            sigils: vec![String::new()],
            contexts: vec!["%".to_owned()],
            last_comma: LastComma::Goes,
        }
    }
}

/// What becomes of the comma before a list that is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LastComma {
    /// It goes too.
    Goes,
    /// It stays: it is allowed there, and makes a tuple of what stands before it.
    Stays,
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
    /// Whether there is any such name.
    pub(super) fn are_known(&self) -> bool {
        !self.file_names.is_empty() || !self.folders.is_empty()
    }

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
