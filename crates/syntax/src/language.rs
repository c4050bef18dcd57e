//! `Language`, the handle on a language: how it is found, and the facts about it.
//!
//! The facts come from `grammars/<language>/language.toml` and are read once, at the first question.
//! Grammar and queries are for `parse.rs` and `tree.rs` alone.

mod facts;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;
use std::sync::LazyLock;

use crate::parse::Mask;
use crate::queries::Queries;
use crate::registry::REGISTRY;

pub use facts::BlockComment;
use facts::Facts;
pub(crate) use facts::LastComma;

/// One of the languages with a grammar. Cheap to copy and to compare.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Language {
    /// Its place in the registry.
    index: usize,
}

impl Language {
    /// Every language, in the order of their folders' names.
    pub fn all() -> impl Iterator<Item = Language> {
        (0..REGISTRY.len()).map(|index| Language { index })
    }

    /// The language that an editor calls `id`: an identifier of LSP (3.18, `TextDocumentItem`) or what
    /// editors send in its place, such as `sh` for `shellscript`.
    pub fn from_id(id: &str) -> Option<Language> {
        Language::all().find(|language| language.facts().ids.iter().any(|known| known == id))
    }

    /// The language of a file with this path, by its name or else its extension. The file is not read.
    pub fn for_path(path: &Path) -> Option<Language> {
        let file_name = path.file_name()?.to_str()?;
        if let Some(language) =
            Language::all().find(|language| contains(&language.facts().file_names, file_name))
        {
            return Some(language);
        }
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        Language::all().find(|language| contains(&language.facts().extensions, &extension))
    }

    /// The name for people, such as `C++`.
    pub fn name(self) -> &'static str {
        &self.facts().name
    }

    /// The identifier LSP has for it, such as `cpp`.
    pub fn id(self) -> &'static str {
        &self.facts().ids[0]
    }

    /// What starts a comment that ends with its line.
    pub fn line_comment(self) -> Option<&'static str> {
        self.facts().line_comment.as_deref()
    }

    /// What encloses a comment of any length.
    pub fn block_comment(self) -> Option<&'static BlockComment> {
        self.facts().block_comment.as_ref()
    }

    /// Whether a file with this path holds tests, by its name or a folder on its path. Give the path
    /// within the workspace, lest a folder above it is taken for one of tests.
    pub fn is_test_file(self, path: &Path) -> bool {
        self.facts().tests.contain(path)
    }

    /// Whether there is a way to name files of tests in it: true of languages that programs are written in.
    pub fn has_tests(self) -> bool {
        self.facts().tests.are_known()
    }

    /// Whether it has names that can be told from other text, so that [`crate::SyntaxTree::identifiers`] finds any.
    pub fn has_identifiers(self) -> bool {
        !self.facts().identifiers.is_empty()
    }

    /// The kinds of node that are names, as `kind` or `parent/kind`.
    pub(crate) fn identifier_kinds(self) -> &'static [String] {
        &self.facts().identifiers
    }

    /// What stands for the `$` of a pattern's variables.
    pub(crate) fn variable_mark(self) -> char {
        self.facts().patterns.mark
    }

    /// What may stand before the mark, each tried in turn.
    pub(crate) fn variable_sigils(self) -> &'static [String] {
        &self.facts().patterns.sigils
    }

    /// Where a pattern may stand, `%` being the pattern.
    pub(crate) fn pattern_contexts(self) -> &'static [String] {
        &self.facts().patterns.contexts
    }

    /// What becomes of the comma before a list that is empty.
    pub(crate) fn last_comma(self) -> LastComma {
        self.facts().patterns.last_comma
    }

    /// The grammar, for a parser or a query.
    pub(crate) fn grammar(self) -> tree_sitter::Language {
        REGISTRY[self.index].grammar.into()
    }

    /// What must be hidden from the scanner of the grammar.
    pub(crate) fn mask(self) -> Option<Mask> {
        self.facts().mask
    }

    /// The queries, each compiled at its first use.
    pub(crate) fn queries(self) -> &'static Queries {
        static QUERIES: LazyLock<Vec<Queries>> =
            LazyLock::new(|| REGISTRY.iter().map(Queries::new).collect());
        &QUERIES[self.index]
    }

    fn facts(self) -> &'static Facts {
        static FACTS: LazyLock<Vec<Facts>> = LazyLock::new(|| {
            let read = |entry: &crate::registry::Entry| {
                Facts::read(entry.facts)
                    .expect("the facts are compiled in, and a test reads every one of them")
            };
            REGISTRY.iter().map(read).collect()
        });
        &FACTS[self.index]
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Language({})", REGISTRY[self.index].folder)
    }
}

fn contains(names: &[String], wanted: &str) -> bool {
    names.iter().any(|name| name == wanted)
}
