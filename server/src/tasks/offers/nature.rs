//! What kind of text a document is, as far as it decides which tasks make sense.

use syntax::Language;

/// What editors call texts that are no program and have no grammar here.
const PROSE: &[&str] = &[
    "",
    "asciidoc",
    "bibtex",
    "csv",
    "diff",
    "git-commit",
    "gitcommit",
    "help",
    "latex",
    "log",
    "mail",
    "org",
    "plaintext",
    "rst",
    "restructuredtext",
    "tex",
    "text",
    "txt",
];

/// Kinds of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nature {
    /// It runs, so that it can be tested and documented.
    Program,
    /// It is read by programs.
    Data,
    /// It is read by people.
    Prose,
}

impl Nature {
    /// The nature of a document in `language`, which the editor calls `id`. What is in an unknown language is taken for a program.
    pub(super) fn of(language: Option<Language>, id: &str) -> Self {
        match language {
            Some(language) if language.id() == "markdown" => Self::Prose,
            Some(language) if language.has_tests() => Self::Program,
            Some(_) => Self::Data,
            None if PROSE.contains(&id) => Self::Prose,
            None => Self::Program,
        }
    }
}
