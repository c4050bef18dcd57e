//! Positions in plain strings, read off the specification: lines end with `\n`, `\r\n` or `\r`, characters count what was
//! negotiated, and a character beyond the line's end is the end.

use serde_json::{Value, json};

/// What a character is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Utf16,
    Utf32,
}

impl Encoding {
    /// As `initialize` names it.
    pub(crate) fn of_name(name: &str) -> Self {
        match name {
            "utf-8" => Self::Utf8,
            "utf-16" => Self::Utf16,
            "utf-32" => Self::Utf32,
            other => panic!("no encoding: {other}"),
        }
    }

    fn width(self, character: char) -> usize {
        match self {
            Self::Utf8 => character.len_utf8(),
            Self::Utf16 => character.len_utf16(),
            Self::Utf32 => 1,
        }
    }
}

/// Where the lines begin, in bytes.
pub(crate) fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut starts = vec![0];
    for (place, byte) in bytes.iter().enumerate() {
        let is_break = *byte == b'\n' || (*byte == b'\r' && bytes.get(place + 1) != Some(&b'\n'));
        if is_break {
            starts.push(place + 1);
        }
    }
    starts
}

/// The byte at a position of the protocol.
pub(crate) fn offset(text: &str, position: &Value, encoding: Encoding) -> usize {
    let line = position["line"].as_u64().unwrap() as usize;
    let mut left = position["character"].as_u64().unwrap() as usize;
    let starts = line_starts(text);
    let Some(&start) = starts.get(line) else {
        return text.len();
    };
    let mut place = start;
    for character in text[start..].chars() {
        if left == 0 || matches!(character, '\n' | '\r') {
            break;
        }
        let width = encoding.width(character);
        assert!(width <= left, "{position} is within {character:?}");
        left -= width;
        place += character.len_utf8();
    }
    place
}

/// The position of a byte.
pub(crate) fn position(text: &str, offset: usize, encoding: Encoding) -> Value {
    let starts = line_starts(text);
    let line = starts.partition_point(|start| *start <= offset) - 1;
    let before = &text[starts[line]..offset];
    let character: usize = before.chars().map(|it| encoding.width(it)).sum();
    json!({ "line": line, "character": character })
}
