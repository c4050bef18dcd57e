//! The list of languages: one line for each, its folder in `grammars/` and its grammar.
//!
//! To add a language: its folder, its line here, its dependency. `language.rs` reads the facts,
//! `queries.rs` the queries; the tests check that folders and lines agree.

use tree_sitter_language::LanguageFn;

/// What is compiled in of one language.
pub(crate) struct Entry {
    /// The name of its folder.
    pub(crate) folder: &'static str,
    /// The entry point of its grammar.
    pub(crate) grammar: LanguageFn,
    /// `language.toml`.
    pub(crate) facts: &'static str,
    /// `scopes.scm`.
    pub(crate) scopes: &'static str,
    /// `symbols.scm`.
    pub(crate) symbols: &'static str,
    /// `text.scm`.
    pub(crate) text: &'static str,
}

macro_rules! file {
    ($folder:literal, $name:literal) => {
        include_str!(concat!("../../../grammars/", $folder, "/", $name))
    };
}

macro_rules! entry {
    ($folder:literal, $grammar:path) => {
        Entry {
            folder: $folder,
            grammar: $grammar,
            facts: file!($folder, "language.toml"),
            scopes: file!($folder, "scopes.scm"),
            symbols: file!($folder, "symbols.scm"),
            text: file!($folder, "text.scm"),
        }
    };
    // A language that is another one with more to it: its symbols are added to the other's.
    ($folder:literal, $grammar:path, $base:literal) => {
        Entry {
            folder: $folder,
            grammar: $grammar,
            facts: file!($folder, "language.toml"),
            scopes: file!($base, "scopes.scm"),
            symbols: concat!(file!($base, "symbols.scm"), file!($folder, "symbols.scm")),
            text: file!($base, "text.scm"),
        }
    };
}

macro_rules! registry {
    ($($folder:literal $(over $base:literal)? => $grammar:path,)*) => {
        /// Every language, in the order of their folders' names.
        pub(crate) static REGISTRY: &[Entry] = &[$(entry!($folder, $grammar $(, $base)?)),*];
    };
}

registry! {
    "bash" => tree_sitter_bash::LANGUAGE,
    "c" => tree_sitter_c::LANGUAGE,
    "cpp" => tree_sitter_cpp::LANGUAGE,
    "csharp" => tree_sitter_c_sharp::LANGUAGE,
    "css" => tree_sitter_css::LANGUAGE,
    "go" => tree_sitter_go::LANGUAGE,
    "html" => tree_sitter_html::LANGUAGE,
    "java" => tree_sitter_java::LANGUAGE,
    "javascript" => tree_sitter_javascript::LANGUAGE,
    "json" => tree_sitter_json::LANGUAGE,
    "kotlin" => tree_sitter_kotlin_ng::LANGUAGE,
    "lua" => tree_sitter_lua::LANGUAGE,
    "markdown" => tree_sitter_md::LANGUAGE,
    "php" => tree_sitter_php::LANGUAGE_PHP,
    "python" => tree_sitter_python::LANGUAGE,
    "ruby" => tree_sitter_ruby::LANGUAGE,
    "rust" => tree_sitter_rust::LANGUAGE,
    "scala" => tree_sitter_scala::LANGUAGE,
    "swift" => tree_sitter_swift::LANGUAGE,
    "toml" => tree_sitter_toml_ng::LANGUAGE,
    "tsx" over "typescript" => tree_sitter_typescript::LANGUAGE_TSX,
    "typescript" => tree_sitter_typescript::LANGUAGE_TYPESCRIPT,
    "yaml" => tree_sitter_yaml::LANGUAGE,
    "zig" => tree_sitter_zig::LANGUAGE,
}
