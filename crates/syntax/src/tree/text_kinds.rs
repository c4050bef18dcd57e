//! Where comments and strings are, and what is typed at an offset.
//!
//! By `text.scm` of the language. Suggestions and searches treat code, comments and strings apart.

use std::cmp::Reverse;
use std::ops::Range;

use super::SyntaxTree;
use crate::limits::{Cancel, QueryLimits, Stopped};
use crate::queries::{TextCapture, TextKind};

/// A comment or a string, or a piece of one between interpolations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextSpan {
    /// `Comment` or `String`.
    pub kind: TextKind,
    /// Its bytes with marks and quotes, the end excluded; the line break after a comment is no part.
    pub range: Range<usize>,
}

impl SyntaxTree {
    /// The comments and strings within `range`, in order, none overlapping another and each cut to
    /// `range`. Code that is interpolated into a string parts it.
    pub fn comments_and_strings(
        &self,
        range: Range<usize>,
        limits: &QueryLimits,
        cancel: &Cancel,
    ) -> Result<Vec<TextSpan>, Stopped> {
        let captures = self.text_captures(range.clone(), limits, cancel)?;
        let nested = captures.into_iter().filter_map(|(capture, captured)| {
            let captured = captured.start.max(range.start)..captured.end.min(range.end);
            (!captured.is_empty()).then_some(TextSpan {
                kind: kind_of(capture),
                range: captured,
            })
        });
        let mut spans = flatten(nested);
        spans.retain(|span| span.kind != TextKind::Code && !span.range.is_empty());
        Ok(spans)
    }

    /// What text typed at `offset` becomes part of. Between the quotes it is a string; after the last
    /// byte of a comment that ends with its line, or that is not closed, it is a comment.
    pub fn kind_at(
        &self,
        offset: usize,
        limits: &QueryLimits,
        cancel: &Cancel,
    ) -> Result<TextKind, Stopped> {
        let around = offset.saturating_sub(1)..offset.saturating_add(1);
        let captures = self.text_captures(around, limits, cancel)?;
        // The captures are nested, and the innermost is the last to start.
        let mut innermost_first = captures.iter().rev();
        let found = innermost_first.find(|(capture, range)| self.takes_in(*capture, range, offset));
        Ok(found.map_or(TextKind::Code, |(capture, _)| kind_of(*capture)))
    }

    /// Whether what is typed at `offset` becomes part of what was captured at `range`.
    fn takes_in(&self, capture: TextCapture, range: &Range<usize>, offset: usize) -> bool {
        let is_inside = range.start < offset && offset < range.end;
        let is_at_end = offset == range.end && !range.is_empty();
        match capture {
            TextCapture::Code | TextCapture::String => is_inside,
            TextCapture::BareCode => is_inside || is_at_end || offset == range.start,
            TextCapture::Comment => is_inside || is_at_end && self.is_open_at_end(range),
        }
    }

    fn is_open_at_end(&self, comment: &Range<usize>) -> bool {
        let Some(marks) = self.language.block_comment() else {
            return true;
        };
        let text = self.text.slice(comment.clone());
        let inside = text.strip_prefix(&*marks.open);
        !inside.is_some_and(|inside| inside.ends_with(&*marks.close))
    }

    /// Every capture that touches `range`, outer ones before those within them.
    fn text_captures(
        &self,
        range: Range<usize>,
        limits: &QueryLimits,
        cancel: &Cancel,
    ) -> Result<Vec<(TextCapture, Range<usize>)>, Stopped> {
        let query = self.language.queries().text();
        let mut captures = Vec::new();
        self.for_each_match(query, range, limits, cancel, |query_match| {
            for capture in query_match.captures() {
                let range = capture.node.byte_range();
                match query.meanings[capture.index as usize] {
                    Some(TextCapture::Comment) => {
                        captures.push((TextCapture::Comment, self.without_line_break(range)));
                    }
                    Some(meaning) => captures.push((meaning, range)),
                    None => {}
                }
            }
        })?;
        captures.sort_by_key(|(_, range)| (range.start, Reverse(range.end)));
        Ok(captures)
    }

    /// Some grammars count the line break after a comment as part of it.
    fn without_line_break(&self, comment: Range<usize>) -> Range<usize> {
        let last_line = self.text.line_of(comment.end);
        if last_line == 0 || self.text.line_start(last_line) != comment.end {
            return comment;
        }
        comment.start..self.text.line_end(last_line - 1).max(comment.start)
    }
}

fn kind_of(capture: TextCapture) -> TextKind {
    match capture {
        TextCapture::Comment => TextKind::Comment,
        TextCapture::String => TextKind::String,
        TextCapture::Code | TextCapture::BareCode => TextKind::Code,
    }
}

/// Lays nested spans side by side: every byte gets the kind of the innermost span around it.
fn flatten(nested: impl Iterator<Item = TextSpan>) -> Vec<TextSpan> {
    let mut flat = Vec::new();
    let mut open: Vec<TextSpan> = Vec::new();
    let mut reached = 0;
    for span in nested {
        close_until(span.range.start, &mut open, &mut reached, &mut flat);
        if let Some(outer) = open.last() {
            flat.push(TextSpan {
                kind: outer.kind,
                range: reached..span.range.start,
            });
        }
        reached = span.range.start;
        open.push(span);
    }
    close_until(usize::MAX, &mut open, &mut reached, &mut flat);
    flat
}

/// Ends the open spans that end at or before `offset`, the innermost first.
fn close_until(
    offset: usize,
    open: &mut Vec<TextSpan>,
    reached: &mut usize,
    flat: &mut Vec<TextSpan>,
) {
    while let Some(span) = open.pop_if(|span| span.range.end <= offset) {
        // A span whose outer one ended before it has nothing left.
        let end = span.range.end.max(*reached);
        flat.push(TextSpan {
            kind: span.kind,
            range: *reached..end,
        });
        *reached = end;
    }
}
