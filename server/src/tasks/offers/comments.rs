//! Comments that ask for something: `TODO: …` and `rw: …`, in every language's comment marks, over several lines.
//!
//! A tree of the text tells what is a comment; without one, a line that begins with a mark is taken for one.

use std::ops::Range;

use syntax::{Cancel, QueryLimits, TextKind};

use super::Spot;

/// Lines of one comment before and after the cursor that are looked at.
const MOST_LINES: usize = 40;

/// Where the language is unknown, what may begin a comment.
const COMMON_MARKS: [&str; 11] = [
    "//", "#", "--", ";", "%", "/*", "<!--", "(*", "{-", "\"", "*",
];

/// What ends comments that have an end.
const ENDS: [&str; 6] = ["*/", "-->", "]]", "*)", "-}", "=end"];

/// A comment that asks for something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommentOrder {
    pub(crate) kind: CommentKind,
    /// What it says after its mark, line by line.
    pub(crate) text: String,
    /// Its lines from the mark on, in bytes, the last line break excluded.
    pub(crate) range: Range<usize>,
}

/// What kind of comment it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommentKind {
    /// `TODO` or `FIXME`.
    Todo,
    /// `rw:`.
    Order,
}

/// A line's comment.
struct CommentLine {
    /// Where the comment starts, in bytes of the document.
    start: usize,
    /// Without its marks.
    content: String,
    /// Whether nothing but space stands before it.
    is_alone: bool,
}

/// The comment at `spot` that asks for something: on the cursor's line, or above it in the same comment.
pub(crate) fn order_at(spot: &Spot<'_>) -> Option<CommentOrder> {
    let cursor = spot.text.line_of(spot.range.start);
    let reader = CommentReader::new(spot);
    let mut line = cursor;
    let mut comment = reader.comment_on(line)?;
    for _ in 0..MOST_LINES {
        if let Some((kind, text)) = marked(&comment.content) {
            return Some(reader.whole(kind, text, line, &comment));
        }
        if !comment.is_alone || line == 0 {
            return None;
        }
        line -= 1;
        comment = reader.comment_on(line)?;
        if !comment.is_alone {
            return None;
        }
    }
    None
}

struct CommentReader<'a> {
    spot: &'a Spot<'a>,
    /// What may begin a comment, the longest first.
    marks: Vec<&'a str>,
}

impl<'a> CommentReader<'a> {
    fn new(spot: &'a Spot<'a>) -> Self {
        let of_language = spot.language.map(|language| {
            let block = language.block_comment();
            let open = block.map(|block| block.open.as_str());
            let star = open.filter(|open| *open == "/*").map(|_| "*");
            let marks = open.into_iter().chain(language.line_comment()).chain(star);
            marks.collect()
        });
        let marks = of_language.unwrap_or_else(|| COMMON_MARKS.to_vec());
        Self { spot, marks }
    }

    /// The comment from its mark to its end, or to the next mark or empty line of it.
    fn whole(
        &self,
        kind: CommentKind,
        text: &str,
        first: usize,
        comment: &CommentLine,
    ) -> CommentOrder {
        let mut text = text.to_owned();
        let mut last = first;
        while comment.is_alone && last - first < MOST_LINES {
            let next = self.comment_on(last + 1).filter(|next| next.is_alone);
            let Some(next) =
                next.filter(|next| !next.content.is_empty() && marked(&next.content).is_none())
            else {
                break;
            };
            text.push('\n');
            text.push_str(&next.content);
            last += 1;
        }
        CommentOrder {
            kind,
            text: text.trim().to_owned(),
            range: comment.start..self.spot.text.line_end(last),
        }
    }

    fn comment_on(&self, line: usize) -> Option<CommentLine> {
        if line >= self.spot.text.len_lines() {
            return None;
        }
        let range = self.spot.text.line_start(line)..self.spot.text.line_end(line);
        let start = match self.by_tree(&range) {
            Some(found) => found?,
            None => self.by_marks(&range)?,
        };
        let before = self.spot.text.slice(range.start..start);
        let is_alone = before.trim().is_empty();
        Some(CommentLine {
            start,
            content: self.without_marks(&self.spot.text.slice(start..range.end)),
            is_alone,
        })
    }

    /// Where the line's comment starts as the tree has it; the inner `None` when the tree knows that there is none.
    fn by_tree(&self, line: &Range<usize>) -> Option<Option<usize>> {
        let limits = QueryLimits {
            timeout: self.spot.patience,
        };
        let tree = self.spot.tree?;
        let spans = tree
            .comments_and_strings(line.clone(), &limits, &Cancel::new())
            .ok()?;
        let comment = spans.iter().find(|span| span.kind == TextKind::Comment);
        // Grammars of markup do not tell comments everywhere.
        if comment.is_none() && spans.is_empty() {
            return None;
        }
        Some(comment.map(|span| span.range.start))
    }

    fn by_marks(&self, line: &Range<usize>) -> Option<usize> {
        let text = self.spot.text.slice(line.clone());
        let trimmed = text.trim_start();
        let is_comment = self.marks.iter().any(|mark| trimmed.starts_with(mark));
        is_comment.then(|| line.start + (text.len() - trimmed.len()))
    }

    /// What a line of a comment says.
    fn without_marks(&self, comment: &str) -> String {
        let mut content = comment.trim();
        if let Some(mark) = self.marks.iter().find(|mark| content.starts_with(**mark)) {
            content = &content[mark.len()..];
            // `///`, `##`, `/**`, `//!`
            content = content.trim_start_matches(['/', '#', '*', '!', '-', ';']);
        }
        for end in ENDS {
            content = content.trim_end().strip_suffix(end).unwrap_or(content);
        }
        content.trim().to_owned()
    }
}

/// The kind of what a comment's line asks for, and what it says after its mark.
fn marked(content: &str) -> Option<(CommentKind, &str)> {
    if let Some(text) = after_word(content, "rw") {
        let text = text.trim_start().strip_prefix(':')?;
        return Some((CommentKind::Order, text.trim()));
    }
    let start = content.trim_start_matches(['-', '*', ' ', '@']);
    let is_todo = |word: &&&str| start.starts_with(**word);
    let word = ["TODO", "FIXME"].iter().find(is_todo)?;
    let text = after_word(start, word)?;
    // `TODO(name): …`
    let text = match text.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        Some((_, rest)) => rest,
        None => text,
    };
    Some((
        CommentKind::Todo,
        text.trim_start_matches([':', '-', ' ']).trim(),
    ))
}

/// What follows `word` at the start of `content`, in any case of letters.
fn after_word<'a>(content: &'a str, word: &str) -> Option<&'a str> {
    let start = content.get(..word.len())?;
    let rest = &content[word.len()..];
    let is_word = start.eq_ignore_ascii_case(word)
        && !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
    is_word.then_some(rest)
}
