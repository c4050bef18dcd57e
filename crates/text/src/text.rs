//! `Text`, the rope every document lives in: bytes, lines and slices of it, and replacing a range.
//!
//! The only file that touches the rope library. Positions are in `position.rs`, the editor's changes
//! in `change.rs`, recorded changes in `change_set.rs`.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use ropey::Rope;

/// A text of any size: cheap to edit, and cloned in constant time, so that a clone is a snapshot.
///
/// Offsets are bytes of the UTF-8 text; ranges exclude their end. No offset or range makes a method
/// panic: an offset past the end is read as the end, one inside a character as the character's start,
/// and a range whose start lies after its end is read with the two swapped.
///
/// Lines are those of the LSP specification (3.18, "Text Documents"): they end with `\n`, `\r\n` or
/// `\r` and with nothing else. Line numbers count from zero, and the empty text has one line.
#[derive(Clone, Default)]
pub struct Text {
    rope: Rope,
}

impl Text {
    /// The number of bytes.
    pub fn len_bytes(&self) -> usize {
        self.rope.len_bytes()
    }

    /// Whether there is not a single byte.
    pub fn is_empty(&self) -> bool {
        self.len_bytes() == 0
    }

    /// The number of lines: one more than there are line breaks.
    pub fn len_lines(&self) -> usize {
        self.rope.len_lines()
    }

    /// The offset at which `line` starts; past the last line, the length of the text.
    pub fn line_start(&self, line: usize) -> usize {
        if line < self.len_lines() {
            self.rope.line_to_byte(line)
        } else {
            self.len_bytes()
        }
    }

    /// The offset at which the content of `line` ends, before its line break; past the last line, the
    /// length of the text.
    pub fn line_end(&self, line: usize) -> usize {
        if line.saturating_add(1) >= self.len_lines() {
            return self.len_bytes();
        }
        let next = self.rope.line_to_byte(line + 1);
        let is_crlf =
            next >= 2 && self.rope.byte(next - 1) == b'\n' && self.rope.byte(next - 2) == b'\r';
        if is_crlf { next - 2 } else { next - 1 }
    }

    /// The line that contains `offset`. A line break belongs to the line it ends.
    pub fn line_of(&self, offset: usize) -> usize {
        self.rope.byte_to_line(offset.min(self.len_bytes()))
    }

    /// The content of `line` without its line break; past the last line, nothing.
    pub fn line(&self, line: usize) -> Cow<'_, str> {
        self.slice(self.line_start(line)..self.line_end(line))
    }

    /// The text between two offsets: borrowed where the rope holds it in one piece, else copied.
    pub fn slice(&self, range: Range<usize>) -> Cow<'_, str> {
        self.rope.byte_slice(self.clamp(range)).into()
    }

    /// The whole text in its pieces, in order; joined, they are the text.
    pub fn chunks(&self) -> impl Iterator<Item = &str> {
        self.rope.chunks()
    }

    /// The piece that contains the byte at `offset`, with the offset at which it starts. At the end of
    /// the text it is the last piece.
    pub fn chunk_at(&self, offset: usize) -> (&str, usize) {
        let (chunk, start, _, _) = self.rope.chunk_at_byte(offset.min(self.len_bytes()));
        (chunk, start)
    }

    /// The nearest character boundary at or before `offset`.
    pub fn floor_char_boundary(&self, offset: usize) -> usize {
        let offset = offset.min(self.len_bytes());
        let (chunk, start) = self.chunk_at(offset);
        start + floor_char_boundary(chunk, offset - start)
    }

    /// Whether `offset` is within the text and not inside a character.
    pub fn is_char_boundary(&self, offset: usize) -> bool {
        self.floor_char_boundary(offset) == offset
    }

    /// Puts `with` in the place of `range`.
    pub fn replace(&mut self, range: Range<usize>, with: &str) {
        let range = self.clamp(range);
        if range == (0..self.len_bytes()) {
            self.rope = Rope::from_str(with);
            return;
        }
        let start = self.rope.byte_to_char(range.start);
        if !range.is_empty() {
            self.rope.remove(start..self.rope.byte_to_char(range.end));
        }
        if !with.is_empty() {
            self.rope.insert(start, with);
        }
    }

    /// `range` in order, within the text, and on character boundaries.
    pub(crate) fn clamp(&self, range: Range<usize>) -> Range<usize> {
        let start = range.start.min(range.end);
        let end = range.start.max(range.end);
        self.floor_char_boundary(start)..self.floor_char_boundary(end)
    }

    /// How many bytes this text and `other` have in common at their starts, in whole characters.
    pub(crate) fn common_prefix(&self, other: &str) -> usize {
        let mut length = 0;
        for chunk in self.rope.chunks() {
            let rest = &other.as_bytes()[length..];
            let same = chunk
                .bytes()
                .zip(rest)
                .take_while(|(left, right)| left == *right)
                .count();
            length += same;
            if same < chunk.len() {
                break;
            }
        }
        floor_char_boundary(other, length)
    }

    /// How many bytes this text and `other` have in common at their ends, in whole characters, none of
    /// them among the first `prefix` bytes of either.
    pub(crate) fn common_suffix(&self, other: &str, prefix: usize) -> usize {
        let limit = self.len_bytes().min(other.len()) - prefix;
        let mut length = 0;
        for chunk in self.rope.chunks_at_byte(self.len_bytes()).0.reversed() {
            let rest = &other.as_bytes()[..other.len() - length];
            let pairs = chunk.bytes().rev().zip(rest.iter().rev());
            let same = pairs.take_while(|(left, right)| left == *right).count();
            length += same;
            if same < chunk.len() || length >= limit {
                break;
            }
        }
        let mut start = other.len() - length.min(limit);
        while !other.is_char_boundary(start) {
            start += 1;
        }
        other.len() - start
    }

    /// The number of characters (Unicode scalar values) before `offset`, a character boundary.
    pub(crate) fn chars_before(&self, offset: usize) -> usize {
        self.rope.byte_to_char(offset)
    }

    /// The offset of the character with the given number.
    pub(crate) fn offset_of_char(&self, character: usize) -> usize {
        self.rope.char_to_byte(character)
    }

    /// The number of UTF-16 code units before `offset`, a character boundary.
    pub(crate) fn utf16_before(&self, offset: usize) -> usize {
        self.rope.char_to_utf16_cu(self.rope.byte_to_char(offset))
    }

    /// The offset of the character to which the given UTF-16 code unit belongs.
    pub(crate) fn offset_of_utf16(&self, unit: usize) -> usize {
        self.rope.char_to_byte(self.rope.utf16_cu_to_char(unit))
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self {
            rope: Rope::from_str(text),
        }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chunks()
            .try_for_each(|chunk| formatter.write_str(chunk))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Text")
            .field(&self.to_string())
            .finish()
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.rope.is_instance(&other.rope) || self.rope == other.rope
    }
}

impl Eq for Text {}

/// The nearest character boundary of `text` at or before `offset`, which is within it.
fn floor_char_boundary(text: &str, mut offset: usize) -> usize {
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests;
