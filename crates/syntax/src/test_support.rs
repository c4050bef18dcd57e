//! What the tests share: seeded randomness, the samples of the languages, and trees as text.

use std::path::{Path, PathBuf};

use text::{ChangeSet, Text};

use crate::registry::REGISTRY;
use crate::{Cancel, Language, ParseLimits, QueryLimits, SyntaxTree, parse};

/// A small generator (xorshift64*, Vigna 2016): the same seed makes the same test on every machine.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `limit`, which is not 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 11) as usize % limit
    }

    pub(crate) fn pick<'item, Item: ?Sized>(&mut self, items: &[&'item Item]) -> &'item Item {
        items[self.below(items.len())]
    }

    /// A piece of `text` at character boundaries, of at most `longest` bytes or so.
    pub(crate) fn piece<'text>(&mut self, text: &'text str, longest: usize) -> &'text str {
        let start = text.floor_char_boundary(self.below(text.len() + 1));
        let end = (start + self.below(longest + 1)).min(text.len());
        &text[start..text.floor_char_boundary(end).max(start)]
    }
}

/// What confuses parsers and their scanners: openers, closers, breaks, marks, and odd characters.
pub(crate) const SPLINTERS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
    "</",
    "/>",
    "\"",
    "'",
    "`",
    "\"\"\"",
    "'''",
    "/*",
    "*/",
    "//",
    "#",
    "--",
    "--[[",
    "]]",
    "[==[",
    "<!--",
    "-->",
    "${",
    "#{",
    "\\(",
    "\\",
    "$",
    "@",
    "%",
    "&",
    "|",
    ";",
    ":",
    ",",
    ".",
    "=",
    "=>",
    "->",
    "!",
    "?",
    "~",
    "^",
    "*",
    "_",
    "-",
    "+",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "    ",
    "\n    ",
    "\n\t",
    "\n- ",
    "\n> ",
    "\n* ",
    "\n1. ",
    "\n```",
    "\n~~~",
    "\n# ",
    "\n---\n",
    "|\n",
    ">-\n",
    "<<EOF\n",
    "<<~X\n",
    "EOF\n",
    "<<<X\n",
    "R\"x(",
    ")x\"",
    "r#\"",
    "\"#",
    "@\"",
    "$\"",
    "$$\"\"\"",
    "%w[",
    "%q(",
    "=begin\n",
    "=end\n",
    "?>",
    "<?php ",
    "<script>",
    "</script>",
    "<style>",
    "<div>",
    "</div>",
    "&amp;",
    "<![CDATA[",
    "]]>",
    "if",
    "else",
    "end",
    "do",
    "def ",
    "fn ",
    "class ",
    "function ",
    "case ",
    "when ",
    "then",
    "in",
    "of ",
    "0",
    "1e9",
    "0x",
    "é",
    "中",
    "😀",
    "\u{301}",
    "\u{200d}",
    "\u{feff}",
    "\u{2028}",
    "\u{85}",
    "\0",
    "\u{1}",
    "\u{7f}",
    "\u{fffd}",
    "\u{10ffff}",
];

/// A language's folder in `grammars/`.
pub(crate) fn grammar_folder(language: Language) -> PathBuf {
    let entry = Language::all()
        .zip(REGISTRY)
        .find(|(known, _)| *known == language);
    grammars_folder().join(entry.expect("all languages are registered").1.folder)
}

/// The folder of all languages.
pub(crate) fn grammars_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../grammars")
}

/// The sample of a language and, where it has one, the cursor's offset.
pub(crate) fn sample(language: Language) -> (String, Option<usize>) {
    let entries = std::fs::read_dir(grammar_folder(language)).expect("every language has a folder");
    let path = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .find(|path| {
            path.file_stem().is_some_and(|stem| stem == "sample")
                && path
                    .extension()
                    .is_some_and(|extension| extension != "expected")
        })
        .unwrap_or_else(|| panic!("{language:?} has no sample"));
    let fixture = std::fs::read_to_string(path).expect("the sample can be read");
    take_cursor(&fixture)
}

/// Takes the first `$0` out of a fixture and says where it stood.
pub(crate) fn take_cursor(fixture: &str) -> (String, Option<usize>) {
    (fixture.replacen("$0", "", 1), fixture.find("$0"))
}

/// A tree made with limits that no test should reach.
pub(crate) fn parse_without_limits(language: Language, text: &Text) -> SyntaxTree {
    parse_on_top_of(language, text, None)
}

/// The same, from an earlier tree.
pub(crate) fn parse_on_top_of(
    language: Language,
    text: &Text,
    previous: Option<(&SyntaxTree, &ChangeSet)>,
) -> SyntaxTree {
    let limits = ParseLimits {
        max_bytes: usize::MAX,
        timeout: std::time::Duration::MAX,
    };
    parse(language, text, previous, &limits, &Cancel::new()).expect("there is no limit")
}

/// Limits that no test should reach.
pub(crate) fn no_query_limits() -> QueryLimits {
    QueryLimits {
        timeout: std::time::Duration::MAX,
    }
}

/// Every node with its kind, bytes and points, a line each. Walks instead of recursing, so that a
/// tree of any depth can be compared.
pub(crate) fn dump(tree: &SyntaxTree) -> String {
    let mut lines = String::new();
    let mut cursor = tree.tree().walk();
    loop {
        let node = cursor.node();
        let field = cursor.field_name().unwrap_or("-");
        let flags = [node.is_missing(), node.is_error(), node.is_extra()].map(u8::from);
        let range = node.range();
        lines += &format!(
            "{} {field} {} {flags:?} {range:?}\n",
            cursor.depth(),
            node.kind()
        );
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return lines;
            }
        }
    }
}
