//! Line-and-character positions in the encodings an editor may negotiate, to offsets and back.
//!
//! The server converts every position it receives or sends through this file; nothing else counts
//! UTF-16 code units.

use crate::Text;

/// A place in a text as the LSP specification (3.18, "Position") writes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from zero.
    pub line: u32,
    /// The code units before the place in its line, in the negotiated [`PositionEncoding`].
    pub character: u32,
}

impl Position {
    /// The position `character` code units into `line`, both from zero.
    pub fn new(line: u32, character: u32) -> Self {
        Self { line, character }
    }
}

/// What one step of [`Position::character`] is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PositionEncoding {
    /// A byte of the UTF-8 text.
    Utf8,
    /// A UTF-16 code unit: two of them for a character outside the basic plane. What every client
    /// speaks that negotiates nothing.
    #[default]
    Utf16,
    /// A Unicode scalar value.
    Utf32,
}

impl Text {
    /// The offset of `position`.
    ///
    /// A character past the end of its line is the line's end, before the line break (LSP 3.18: "it
    /// defaults back to the line length"). A line past the last is the end of the text. A position
    /// inside a surrogate pair or a multi-byte character is the character's start.
    pub fn offset(&self, position: Position, encoding: PositionEncoding) -> usize {
        let line = position.line as usize;
        if line >= self.len_lines() {
            return self.len_bytes();
        }
        let (start, end) = (self.line_start(line), self.line_end(line));
        let character = position.character as usize;
        match encoding {
            PositionEncoding::Utf8 => {
                self.floor_char_boundary(start.saturating_add(character).min(end))
            }
            PositionEncoding::Utf16 => {
                let unit = self.utf16_before(start).saturating_add(character);
                self.offset_of_utf16(unit.min(self.utf16_before(end)))
            }
            PositionEncoding::Utf32 => {
                let count = self.chars_before(start).saturating_add(character);
                self.offset_of_char(count.min(self.chars_before(end)))
            }
        }
    }

    /// The position of `offset`.
    ///
    /// Between `\r` and `\n` it is the line's end, since no position can name that place.
    pub fn position(&self, offset: usize, encoding: PositionEncoding) -> Position {
        let offset = self.floor_char_boundary(offset);
        let line = self.line_of(offset);
        let start = self.line_start(line);
        let offset = offset.min(self.line_end(line));
        let character = match encoding {
            PositionEncoding::Utf8 => offset - start,
            PositionEncoding::Utf16 => self.utf16_before(offset) - self.utf16_before(start),
            PositionEncoding::Utf32 => self.chars_before(offset) - self.chars_before(start),
        };
        Position {
            line: saturate(line),
            character: saturate(character),
        }
    }
}

fn saturate(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
