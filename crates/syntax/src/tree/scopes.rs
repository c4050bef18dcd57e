//! Which scopes enclose an offset: functions, types, modules, sections.
//!
//! By `scopes.scm` of the language. For context in suggestions, breadcrumbs and prompts.

mod broken;

use std::ops::Range;

use tree_sitter::{Node, QueryMatch};

use super::SyntaxTree;
use crate::limits::{Cancel, QueryLimits, Stopped};
use crate::queries::{CaptureQuery, ScopeCapture, ScopeKind};

/// A function, type, module or section. Ranges are bytes, their ends excluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// What it is.
    pub kind: ScopeKind,
    /// Where its name stands; a closure has none.
    pub name: Option<Range<usize>>,
    /// All of it.
    pub range: Range<usize>,
    /// What stands before its body, such as a function's signature; where the grammar has no body for
    /// it, its first line without an opening brace.
    pub header: Range<usize>,
}

impl SyntaxTree {
    /// The scopes around `offset`, the outermost first. A scope contains its first byte and not the
    /// byte after its last; at the end of the text, the scopes that reach it contain it, as someone is
    /// typing there. Where the code around `offset` is broken, its line is taken to be the unfinished
    /// one, and the scopes are those around it without its text, if these are more.
    pub fn enclosing_scopes(
        &self,
        offset: usize,
        limits: &QueryLimits,
        cancel: &Cancel,
    ) -> Result<Vec<Scope>, Stopped> {
        let offset = offset.min(self.text.len_bytes());
        let scopes = self.scopes_of_nodes_around(offset, limits, cancel)?;
        if !self.is_broken_around(offset) {
            return Ok(scopes);
        }
        let mended = self.scopes_without_line(offset, limits, cancel)?;
        Ok(if mended.len() > scopes.len() {
            mended
        } else {
            scopes
        })
    }

    /// The scopes that touch `range`: each before those within it, else in the order of the text.
    pub fn scopes(
        &self,
        range: Range<usize>,
        limits: &QueryLimits,
        cancel: &Cancel,
    ) -> Result<Vec<Scope>, Stopped> {
        let query = self.language.queries().scopes();
        let mut found = Vec::new();
        self.for_each_match(query, range, limits, cancel, |query_match| {
            if let Some(scope) = self.scope_of(query, query_match) {
                found.push((query_match.pattern_index, scope));
            }
        })?;
        // Of two patterns that match one node, the first in the file counts: it knows the name.
        found.sort_by_key(|(pattern, scope)| {
            (
                scope.range.start,
                std::cmp::Reverse(scope.range.end),
                *pattern,
            )
        });
        found.dedup_by(|later, earlier| later.1.range == earlier.1.range);
        Ok(found.into_iter().map(|(_, scope)| scope).collect())
    }

    fn scopes_of_nodes_around(
        &self,
        offset: usize,
        limits: &QueryLimits,
        cancel: &Cancel,
    ) -> Result<Vec<Scope>, Stopped> {
        let end_of_text = self.text.len_bytes();
        let mut scopes = self.scopes(offset.saturating_sub(1)..offset + 1, limits, cancel)?;
        scopes.retain(|scope| {
            scope.range.start <= offset
                && (offset < scope.range.end || scope.range.end == end_of_text)
        });
        Ok(scopes)
    }

    fn scope_of(
        &self,
        query: &CaptureQuery<ScopeCapture>,
        query_match: &QueryMatch<'_, '_>,
    ) -> Option<Scope> {
        let mut scope = None;
        let mut name = None;
        for capture in query_match.captures() {
            match query.meanings[capture.index as usize] {
                Some(ScopeCapture::Scope(kind)) => scope = Some((kind, capture.node)),
                Some(ScopeCapture::Name) => name = Some(capture.node.byte_range()),
                None => {}
            }
        }
        let (kind, node) = scope?;
        let header = self.header_of(node, name.as_ref());
        Some(Scope {
            kind,
            name,
            range: node.byte_range(),
            header,
        })
    }

    /// From the name or the start, whichever is first, to the body, without the space and the comments
    /// before it.
    fn header_of(&self, node: Node<'_>, name: Option<&Range<usize>>) -> Range<usize> {
        let start = name.map_or(node.start_byte(), |name| name.start.min(node.start_byte()));
        if let Some(body) = node.child_by_field_name("body") {
            let end = end_before(body).unwrap_or(body.start_byte());
            return start..end.max(start);
        }
        let end_of_line = self.text.line_end(self.text.line_of(start));
        let first_line = self.text.slice(start..end_of_line.min(node.end_byte()));
        let header = first_line
            .trim_end_matches(|character: char| character == '{' || character.is_whitespace());
        start..start + header.len()
    }
}

/// Where the last sibling before `body` ends that is no comment.
fn end_before(body: Node<'_>) -> Option<usize> {
    let mut sibling = body.prev_sibling()?;
    while sibling.is_extra() {
        sibling = sibling.prev_sibling()?;
    }
    Some(sibling.end_byte())
}
