//! `SyntaxTree`, the tree of one version of a text, and what all questions to it share: running a
//! query within its limits.
//!
//! Made by `parse.rs`. The questions are in `tree/`: scopes, symbols, names, comments and strings.

mod identifiers;
mod scopes;
mod symbols;
#[cfg(test)]
mod tests;
mod text_kinds;

use std::ops::Range;

use text::Text;
use tree_sitter::{
    Node, QueryCursor, QueryCursorOptions, QueryCursorState, QueryMatch, StreamingIterator, Tree,
};

use crate::language::Language;
use crate::limits::{Cancel, QueryLimits, Stopped, Watch};
use crate::queries::CaptureQuery;

pub use scopes::Scope;
pub use symbols::Symbol;
pub use text_kinds::TextSpan;

/// The syntax tree of one version of a text, which it keeps. A clone is cheap.
#[derive(Clone)]
pub struct SyntaxTree {
    language: Language,
    text: Text,
    tree: Tree,
}

impl SyntaxTree {
    pub(crate) fn new(language: Language, text: Text, tree: Tree) -> Self {
        Self {
            language,
            text,
            tree,
        }
    }

    /// The language it was parsed as.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The text it was parsed from; all byte ranges it gives are of this text.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// Whether some of the text does not fit the grammar.
    pub fn has_errors(&self) -> bool {
        self.tree.root_node().has_error()
    }

    /// Where the first piece begins that does not fit the grammar or before which something is missing, in bytes.
    pub fn first_error(&self) -> Option<usize> {
        let mut cursor = self.tree.walk();
        loop {
            let node = cursor.node();
            if node.is_error() || node.is_missing() {
                return Some(node.start_byte());
            }
            if node.has_error() && cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return None;
                }
            }
        }
    }

    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Gives `visit` every match of the query that touches `range`, in no certain order.
    fn for_each_match<Meaning>(
        &self,
        query: &CaptureQuery<Meaning>,
        range: Range<usize>,
        limits: &QueryLimits,
        cancel: &Cancel,
        mut visit: impl FnMut(&QueryMatch<'_, '_>),
    ) -> Result<(), Stopped> {
        let watch = Watch::start(limits.timeout, cancel);
        if watch.poll().is_break() {
            return watch.check();
        }
        let mut cursor = QueryCursor::new();
        cursor.set_match_limit(MAX_MATCHES_IN_PROGRESS);
        cursor.set_byte_range(self.query_range(range));
        let mut progress = |_: &QueryCursorState| watch.poll();
        let options = QueryCursorOptions::new().progress_callback(&mut progress);
        let text = |node: Node<'_>| [self.text.slice(node.byte_range()).into_owned()].into_iter();
        let root = self.tree.root_node();
        let mut matches = cursor.matches_with_options(&query.query, root, text, options);
        while let Some(found) = matches.next() {
            visit(found);
        }
        watch.check()
    }

    /// The range as the query cursor takes it: not empty, as an end of 0 means no end to it.
    fn query_range(&self, range: Range<usize>) -> Range<usize> {
        let start = range.start.min(self.text.len_bytes());
        let end = range.end.clamp(start, self.text.len_bytes());
        start..end.max(start + 1)
    }
}

/// How many matches may be half done at once. Real code stays far below; where hostile input goes
/// above, the oldest are given up.
const MAX_MATCHES_IN_PROGRESS: u32 = 4096;
