//! Cuts one line of any language into words, numbers and operators that carry the white space
//! before them. It knows no language and no state beyond the line, so a changed line is all that
//! ever has to be cut again. The index builder and the open documents call it; what a cut piece
//! means is the vocabulary's business.

use std::ops::Range;

use crate::vocabulary::{
    BOUNDARY, END_OF_LINE, Indent, Leading, TokenId, Vocabulary, is_word_part, is_word_start,
};

/// Longer words are cut: encoded data would otherwise fill the vocabulary.
const MAX_PIECE_BYTES: usize = 120;
/// What of a line is looked at; the rest is data, not code.
pub(crate) const MAX_LINE_BYTES: usize = 2_000;
const TAB_WIDTH: u32 = 4;

const OPERATORS_OF_THREE: [&[u8]; 12] = [
    b"<<=", b">>=", b"...", b"===", b"!==", b"**=", b"//=", b"\"\"\"", b"'''", b"///", b"//!",
    b"..=",
];
const OPERATORS_OF_TWO: [&[u8]; 31] = [
    b"->", b"=>", b"==", b"!=", b"<=", b">=", b"&&", b"||", b"::", b":=", b"+=", b"-=", b"*=",
    b"/=", b"%=", b"|=", b"&=", b"^=", b"<<", b"++", b"--", b"..", b"**", b"//", b"/*", b"*/",
    b"??", b"?.", b"<-", b"</", b"/>",
];

/// One piece of a line. The range is in bytes of the line, end exclusive, without the leading white
/// space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) leading: Leading,
    pub(crate) range: Range<usize>,
}

/// The indentation of a line: its bytes and its width in columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Indentation {
    pub(crate) bytes: usize,
    pub(crate) width: u32,
}

/// What the indentation of the next line is measured against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LineState {
    /// The width of the last line that is not blank.
    pub(crate) width: u32,
    /// Whether blank lines came since.
    pub(crate) blank: bool,
}

impl LineState {
    /// The indentation token of a line of this width, if it comes next.
    pub(crate) fn indent_token(self, width: u32) -> TokenId {
        let indent = match width.cmp(&self.width) {
            std::cmp::Ordering::Less => Indent::Less,
            std::cmp::Ordering::Equal => Indent::Same,
            std::cmp::Ordering::Greater => Indent::More,
        };
        Vocabulary::indent(indent, self.blank)
    }
}

/// Measures the white space a line begins with.
pub(crate) fn indentation(line: &str) -> Indentation {
    let mut width = 0;
    for (bytes, byte) in line.bytes().enumerate() {
        match byte {
            b' ' => width += 1,
            b'\t' => width += TAB_WIDTH,
            _ => return Indentation { bytes, width },
        }
    }
    Indentation {
        bytes: line.len(),
        width,
    }
}

/// Appends the pieces of `line` from the byte `from` on. White space at the end gives no piece.
pub(crate) fn cut_line(line: &str, from: usize, pieces: &mut Vec<Piece>) {
    let bytes = line.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        let space_start = at;
        while at < bytes.len() && matches!(bytes[at], b' ' | b'\t') {
            at += 1;
        }
        if at == bytes.len() {
            return;
        }
        let leading = leading_of(&bytes[space_start..at]);
        let end = piece_end(line, at);
        pieces.push(Piece {
            leading,
            range: at..end,
        });
        at = end;
    }
}

/// The normalised leading space that this white space is.
pub(crate) fn leading_of(space: &[u8]) -> Leading {
    match space {
        [] => Leading::None,
        b"  " => Leading::Two,
        _ => Leading::One,
    }
}

/// Appends the tokens of a line's text and its end, without its indentation. Gives the width of
/// that, or nothing for a blank line, which has no tokens.
pub(crate) fn lex_body(
    vocabulary: &mut Vocabulary,
    line: &str,
    pieces: &mut Vec<Piece>,
    tokens: &mut Vec<TokenId>,
) -> Option<u32> {
    let line = bounded(line.trim_end());
    let indentation = indentation(line);
    if indentation.bytes == line.len() {
        return None;
    }
    pieces.clear();
    cut_line(line, indentation.bytes, pieces);
    tokens.extend(
        pieces
            .iter()
            .map(|piece| vocabulary.intern(piece.leading, &line[piece.range.clone()])),
    );
    tokens.push(END_OF_LINE);
    Some(indentation.width)
}

/// Appends the tokens of a whole line, its indentation first; a blank line only changes the state.
pub(crate) fn lex_line(
    vocabulary: &mut Vocabulary,
    line: &str,
    state: &mut LineState,
    pieces: &mut Vec<Piece>,
    tokens: &mut Vec<TokenId>,
) {
    let place = tokens.len();
    tokens.push(BOUNDARY);
    match lex_body(vocabulary, line, pieces, tokens) {
        Some(width) => {
            tokens[place] = state.indent_token(width);
            *state = LineState {
                width,
                blank: false,
            };
        }
        None => {
            tokens.truncate(place);
            state.blank = true;
        }
    }
}

/// The part of a line that is looked at.
pub(crate) fn bounded(line: &str) -> &str {
    prefix(line, MAX_LINE_BYTES)
}

/// At most `bytes` of the text's beginning, cut between characters.
pub(crate) fn prefix(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len()))
        .rev()
        .find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or(0)]
}

fn piece_end(line: &str, start: usize) -> usize {
    let bytes = line.as_bytes();
    let first = bytes[start];
    if first.is_ascii_alphabetic() || first == b'_' || first == b'$' {
        return word_end(line, start + 1, start);
    }
    if first.is_ascii_digit() {
        return number_end(bytes, start);
    }
    if first.is_ascii() {
        return start + operator_length(&bytes[start..]);
    }
    let character = char_at(line, start);
    let end = start + character.len_utf8();
    if is_word_start(character) {
        word_end(line, end, start)
    } else {
        end
    }
}

fn word_end(line: &str, mut at: usize, start: usize) -> usize {
    let bytes = line.as_bytes();
    while at < bytes.len() && at - start < MAX_PIECE_BYTES {
        let byte = bytes[at];
        if byte.is_ascii() {
            if !(byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$') {
                break;
            }
            at += 1;
        } else {
            let character = char_at(line, at);
            if !is_word_part(character) {
                break;
            }
            at += character.len_utf8();
        }
    }
    at
}

fn number_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && at - start < MAX_PIECE_BYTES {
        let is_point = bytes[at] == b'.' && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if !(bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_' || is_point) {
            break;
        }
        at += 1;
    }
    at
}

fn operator_length(bytes: &[u8]) -> usize {
    if bytes.len() >= 3 && OPERATORS_OF_THREE.contains(&&bytes[..3]) {
        3
    } else if bytes.len() >= 2 && OPERATORS_OF_TWO.contains(&&bytes[..2]) {
        2
    } else {
        1
    }
}

fn char_at(line: &str, at: usize) -> char {
    line[at..]
        .chars()
        .next()
        .expect("callers pass the start of a character before the line's end")
}

#[cfg(test)]
mod tests;
