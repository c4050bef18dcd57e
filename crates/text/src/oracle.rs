//! The slow and obvious mirror the property tests compare with: a plain string, walked character by
//! character as the LSP specification (3.18, "Text Documents") words it.

use std::ops::Range;

use crate::{ContentChange, Position, PositionEncoding};

/// The bytes of each line's content, without the break.
pub(crate) fn lines(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut lines = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < bytes.len() {
        let length = match (bytes[at], bytes.get(at + 1)) {
            (b'\r', Some(b'\n')) => 2,
            (b'\r' | b'\n', _) => 1,
            _ => {
                at += 1;
                continue;
            }
        };
        lines.push(start..at);
        at += length;
        start = at;
    }
    lines.push(start..bytes.len());
    lines
}

pub(crate) fn offset(text: &str, position: Position, encoding: PositionEncoding) -> usize {
    let Some(line) = lines(text).get(position.line as usize).cloned() else {
        return text.len();
    };
    let mut units = 0;
    for (at, character) in text[line.clone()].char_indices() {
        units += width(character, encoding);
        if units > position.character as usize {
            return line.start + at;
        }
    }
    line.end
}

pub(crate) fn position(text: &str, offset: usize, encoding: PositionEncoding) -> Position {
    let offset = floor(text, offset);
    let lines = lines(text);
    let line = lines
        .iter()
        .rposition(|line| line.start <= offset)
        .expect("the first starts at 0");
    let content = &text[lines[line].start..offset.min(lines[line].end)];
    let units: usize = content
        .chars()
        .map(|character| width(character, encoding))
        .sum();
    Position::new(line as u32, units as u32)
}

pub(crate) fn apply(text: &mut String, change: &ContentChange, encoding: PositionEncoding) {
    match &change.range {
        None => *text = change.text.clone(),
        Some(range) => {
            let start = offset(text, range.start, encoding);
            let end = offset(text, range.end, encoding);
            text.replace_range(start.min(end)..start.max(end), &change.text);
        }
    }
}

pub(crate) fn floor(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .expect("0 is one")
}

fn width(character: char, encoding: PositionEncoding) -> usize {
    match encoding {
        PositionEncoding::Utf8 => character.len_utf8(),
        PositionEncoding::Utf16 => character.encode_utf16(&mut [0; 2]).len(),
        PositionEncoding::Utf32 => 1,
    }
}
