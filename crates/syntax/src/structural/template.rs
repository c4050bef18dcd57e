//! `Template`: what stands in the place of a match, and the edits that put it there.
//!
//! Places within the parts that are kept are rewritten too. Kept parts of several lines are indented as their new
//! place asks for; lines that begin inside a string are left as they are, since their indentation is content.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Pattern, Replacement, Rewrite, StructuralError, StructuralMatch};
use crate::language::LastComma;
use crate::limits::{Cancel, QueryLimits};
use crate::queries::TextKind;
use crate::tree::{SyntaxTree, TextSpan};

/// A replacement with the variables of a pattern in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

/// Why a template does not go with its pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It uses a variable that the pattern has not.
    #[error("the replacement uses ${name}, which is not in the pattern; the pattern has {known}")]
    UnknownVariable {
        /// Without `$`.
        name: String,
        /// The pattern's variables, for the message.
        known: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Variable {
        name: String,
        /// The white space at the beginning of its line in the template.
        indent: String,
    },
}

impl Template {
    /// Reads `source`: `$NAME` and `$$$NAME` stand for what the pattern's variable of that name stood for. Any other `$`
    /// is itself.
    ///
    /// # Errors
    /// See [`TemplateError`].
    pub fn new(source: &str, pattern: &Pattern) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = source;
        while let Some(start) = rest.find('$') {
            let (before, from_dollar) = rest.split_at(start);
            plain.push_str(before);
            let Some(name) = variable_name(from_dollar) else {
                let after = from_dollar.trim_start_matches('$');
                plain.push_str(&from_dollar[..from_dollar.len() - after.len()]);
                rest = after;
                continue;
            };
            rest = &from_dollar.trim_start_matches('$')[name.len()..];
            if !pattern.variables().any(|known| known == name) {
                return Err(unknown(name, pattern));
            }
            let line = &source[..source.len() - from_dollar.len()];
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
            pieces.push(Piece::Variable {
                name: name.to_owned(),
                indent: indent_of_last_line(line).to_owned(),
            });
        }
        plain.push_str(rest);
        pieces.push(Piece::Text(plain));
        Ok(Self { pieces })
    }
}

impl Pattern {
    /// Rewrites every place in the tree's text that fits, also those within what another place keeps.
    ///
    /// # Errors
    /// As [`Pattern::find`].
    ///
    /// # Panics
    /// When the tree is of another language than the pattern.
    pub fn rewrite(
        &self,
        template: &Template,
        tree: &SyntaxTree,
        limits: &QueryLimits,
        cancel: &Cancel,
    ) -> Result<Rewrite, StructuralError> {
        let places = self.find(tree, limits, cancel)?;
        if places.is_empty() {
            return Ok(Rewrite::default());
        }
        let source = tree.text().to_string();
        let spans = tree.comments_and_strings(0..source.len(), limits, cancel)?;
        let mut writer = Writer {
            source: &source,
            line_comment: tree.language().line_comment(),
            last_comma: tree.language().last_comma(),
            places: &places,
            spans: &spans,
            template,
            written: BTreeSet::new(),
            lost_comments: BTreeSet::new(),
        };
        let edits = writer.edits(0..source.len(), 0);
        Ok(Rewrite {
            edits,
            places: writer.written.len(),
            lost_comments: writer.lost_comments.len(),
        })
    }
}

/// Writes the new text of one source, with what it met on the way.
struct Writer<'a> {
    source: &'a str,
    line_comment: Option<&'static str>,
    last_comma: LastComma,
    places: &'a [StructuralMatch],
    spans: &'a [TextSpan],
    template: &'a Template,
    /// The places rewritten, by their number.
    written: BTreeSet<usize>,
    /// Where the comments began that are not kept.
    lost_comments: BTreeSet<usize>,
}

impl Writer<'_> {
    /// The edits for the outermost places within `range`, of those from number `first` on.
    fn edits(&mut self, range: Range<usize>, first: usize) -> Vec<Replacement> {
        let mut edits = Vec::new();
        let mut reached = range.start;
        let places = self.places;
        // Places are ordered by where they begin.
        let skipped = places[first..].partition_point(|place| place.range.start < range.start);
        for (number, place) in places.iter().enumerate().skip(first + skipped) {
            if place.range.start >= range.end {
                break;
            }
            if place.range.start < reached || place.range.end > range.end {
                continue;
            }
            reached = place.range.end;
            edits.push(Replacement {
                range: place.range.clone(),
                text: self.replacement(number),
            });
        }
        edits
    }

    /// What stands in the place of place `number`.
    fn replacement(&mut self, number: usize) -> String {
        let place = &self.places[number];
        self.written.insert(number);
        self.note_lost_comments(place);
        let outer = indent_of_last_line(&self.source[..place.range.start]);
        let template = self.template;
        let mut output = Output::new(outer, self.last_comma);
        for piece in &template.pieces {
            match piece {
                Piece::Text(plain) => output.push_plain(plain),
                Piece::Variable { name, indent } => match place.variables.get(name) {
                    Some(range) => {
                        let kept =
                            self.kept(range.clone(), number + 1, &format!("{outer}{indent}"));
                        output.push_kept(&kept, self.end_of(range));
                    }
                    None => output.push_nothing(),
                },
            }
        }
        output.text
    }

    /// The text of `range` with the places in it rewritten, at home on a line that begins with `indent`.
    fn kept(&mut self, range: Range<usize>, first: usize, indent: &str) -> String {
        let home = indent_of_last_line(&self.source[..range.start]);
        let mut text = String::new();
        let mut reached = range.start;
        for edit in self.edits(range.clone(), first) {
            self.push_moved(&mut text, reached..edit.range.start, home, indent);
            let lines: Vec<String> = edit
                .text
                .split_inclusive('\n')
                .enumerate()
                .map(|(number, line)| {
                    if number == 0 {
                        line.to_owned()
                    } else {
                        moved_line(line, home, indent)
                    }
                })
                .collect();
            text.push_str(&lines.concat());
            reached = edit.range.end;
        }
        self.push_moved(&mut text, reached..range.end, home, indent);
        text
    }

    /// Adds a piece of the source, its lines indented by `indent` in place of `home`.
    fn push_moved(&self, text: &mut String, range: Range<usize>, home: &str, indent: &str) {
        if home == indent {
            text.push_str(&self.source[range]);
            return;
        }
        let mut start = range.start;
        for line in self.source[range].split_inclusive('\n') {
            let is_first = start == 0 || !self.source[..start].ends_with('\n');
            if is_first || self.is_in_string(start) {
                text.push_str(line);
            } else {
                text.push_str(&moved_line(line, home, indent));
            }
            start += line.len();
        }
    }

    fn is_in_string(&self, offset: usize) -> bool {
        let after = self.spans.partition_point(|span| span.range.start < offset);
        let before = after.checked_sub(1).map(|number| &self.spans[number]);
        before.is_some_and(|span| span.kind == TextKind::String && offset < span.range.end)
    }

    /// What has to be minded after a kept part.
    fn end_of(&self, range: &Range<usize>) -> Mind {
        let is_at_end =
            |span: &&TextSpan| span.kind == TextKind::Comment && span.range.end == range.end;
        let comment = self.spans.iter().find(is_at_end);
        let is_line_comment = comment
            .zip(self.line_comment)
            .is_some_and(|(comment, mark)| self.source[comment.range.clone()].starts_with(mark));
        if is_line_comment {
            Mind::LineComment
        } else {
            Mind::Nothing
        }
    }

    fn note_lost_comments(&mut self, place: &StructuralMatch) {
        let kept: Vec<&Range<usize>> = self
            .template
            .pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Variable { name, .. } => place.variables.get(name),
                Piece::Text(_) => None,
            })
            .collect();
        let first = self
            .spans
            .partition_point(|span| span.range.start < place.range.start);
        for span in self.spans[first..]
            .iter()
            .take_while(|span| span.range.start < place.range.end)
        {
            let is_kept = kept.iter().any(|range| range.contains(&span.range.start));
            if span.kind == TextKind::Comment && !is_kept {
                self.lost_comments.insert(span.range.start);
            }
        }
    }
}

/// The new text of one place as it grows.
struct Output<'a> {
    text: String,
    outer: &'a str,
    last_comma: LastComma,
    mind: Mind,
}

/// What the next piece has to mind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mind {
    Nothing,
    /// A comment that ends with its line: what follows goes on the next.
    LineComment,
    /// A list was empty: the comma after it goes too.
    EmptyList,
}

impl<'a> Output<'a> {
    fn new(outer: &'a str, last_comma: LastComma) -> Self {
        Self {
            text: String::new(),
            outer,
            last_comma,
            mind: Mind::Nothing,
        }
    }

    /// A piece of the template; its lines after the first are indented like the place.
    fn push_plain(&mut self, plain: &str) {
        let mut plain = plain;
        match std::mem::replace(&mut self.mind, Mind::Nothing) {
            Mind::Nothing => {}
            Mind::LineComment => {
                plain = plain.trim_start_matches([' ', '\t']);
                if !plain.is_empty() && !plain.starts_with(['\n', '\r']) {
                    self.text.push('\n');
                    self.text.push_str(self.outer);
                }
            }
            Mind::EmptyList => {
                if let Some(after) = plain.trim_start().strip_prefix(',') {
                    plain = after.trim_start_matches([' ', '\t']);
                }
            }
        }
        self.text
            .push_str(&plain.replace('\n', &format!("\n{}", self.outer)));
    }

    fn push_kept(&mut self, kept: &str, mind: Mind) {
        self.text.push_str(kept);
        self.mind = mind;
    }

    /// A variable that took nothing.
    fn push_nothing(&mut self) {
        let Some(before) = self.text.trim_end().strip_suffix(',') else {
            self.mind = Mind::EmptyList;
            return;
        };
        let length = match self.last_comma {
            LastComma::Goes => before.len(),
            LastComma::Stays => before.len() + 1,
        };
        self.text.truncate(length);
    }
}

fn unknown(name: &str, pattern: &Pattern) -> TemplateError {
    let known: Vec<String> = pattern
        .variables()
        .map(|known| format!("${known}"))
        .collect();
    let known = if known.is_empty() {
        "none".to_owned()
    } else {
        known.join(", ")
    };
    TemplateError::UnknownVariable {
        name: name.to_owned(),
        known,
    }
}

/// The name of the variable at the beginning of `source`, which begins with `$`.
fn variable_name(source: &str) -> Option<&str> {
    let name = source.trim_start_matches('$');
    let dollars = source.len() - name.len();
    let is_part = |character: char| {
        character.is_ascii_uppercase() || character.is_ascii_digit() || character == '_'
    };
    let end = name
        .find(|character| !is_part(character))
        .unwrap_or(name.len());
    (dollars <= 3 && name.starts_with(|first: char| first.is_ascii_uppercase()))
        .then_some(&name[..end])
}

/// The white space at the beginning of the last line of `text`.
fn indent_of_last_line(text: &str) -> &str {
    let line = &text[text.rfind('\n').map_or(0, |found| found + 1)..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// `line` with `indent` in place of `home`. What is indented less than `home` goes to `indent`; blank lines stay.
fn moved_line(line: &str, home: &str, indent: &str) -> String {
    if line.trim().is_empty() {
        return line.to_owned();
    }
    match line.strip_prefix(home) {
        Some(rest) => format!("{indent}{rest}"),
        None => format!("{indent}{}", line.trim_start_matches([' ', '\t'])),
    }
}
