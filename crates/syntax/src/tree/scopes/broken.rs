//! Scopes around a line that someone is still typing.
//!
//! A half-typed line can make the parser give up on all that encloses it (`let rope = yard.` before a
//! closing brace of Rust does), just where scopes are wanted most. Then the text is parsed again
//! without that line, on top of the tree there is, which takes about as long as after a keystroke.

use std::ops::Range;

use text::ChangeSet;

use super::Scope;
use crate::limits::{Cancel, NoTree, ParseLimits, QueryLimits, Stopped};
use crate::parse::parse;
use crate::tree::SyntaxTree;

impl SyntaxTree {
    /// Whether `offset` lies in what the parser could not make sense of, or touches it.
    pub(super) fn is_broken_around(&self, offset: usize) -> bool {
        let mut cursor = self.tree.walk();
        let around = offset.saturating_sub(1);
        while cursor.node().has_error() {
            if cursor.node().is_error() || cursor.node().is_missing() {
                return true;
            }
            // The child is the first to end after `around`; one that starts beyond may still touch.
            if cursor.goto_first_child_for_byte(around).is_none() {
                return false;
            }
            while !cursor.node().has_error() && cursor.node().end_byte() <= offset {
                if !cursor.goto_next_sibling() {
                    return false;
                }
            }
        }
        false
    }

    /// The scopes around `offset` as if its line were empty, in the bytes of the text as it is.
    pub(super) fn scopes_without_line(
        &self,
        offset: usize,
        limits: &QueryLimits,
        cancel: &Cancel,
    ) -> Result<Vec<Scope>, Stopped> {
        let line = self.text.line_of(offset);
        let removed = self.text.line_start(line)..self.text.line_end(line);
        let change = ChangeSet::replacement(self.text.len_bytes(), removed.clone(), "");
        let mut text = self.text.clone();
        text.replace(removed.clone(), "");
        let parse_limits = ParseLimits {
            max_bytes: usize::MAX,
            timeout: limits.timeout,
        };
        let previous = Some((self, &change));
        let mended = match parse(self.language, &text, previous, &parse_limits, cancel) {
            Ok(mended) => mended,
            Err(NoTree::Stopped(Stopped::Cancelled)) => return Err(Stopped::Cancelled),
            Err(_) => return Ok(Vec::new()),
        };
        let mut scopes = mended.scopes_of_nodes_around(removed.start, limits, cancel)?;
        for scope in &mut scopes {
            scope.range = with_line(&scope.range, &removed);
            scope.header = with_line(&scope.header, &removed);
            scope.name = scope.name.as_ref().map(|name| with_line(name, &removed));
        }
        Ok(scopes)
    }
}

/// A range of the text without the line as a range of the text with it.
fn with_line(range: &Range<usize>, line: &Range<usize>) -> Range<usize> {
    let moved = |offset: usize, is_after: bool| offset + if is_after { line.len() } else { 0 };
    moved(range.start, range.start > line.start)..moved(range.end, range.end > line.start)
}
