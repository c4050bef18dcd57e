//! Hides from a grammar what its hand-written scanner cannot take, byte for byte, so that nothing moves.
//!
//! Scanners are C: where one reads or writes out of bounds, the whole process ends, and no limit and no
//! error code helps. Which mask a language needs is said in its `language.toml`. Called by `parse.rs`.

use std::borrow::Cow;

use serde::Deserialize;
use text::Text;

/// What is hidden from the scanner of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mask {
    /// Characters beyond ASCII look like letters: the scanner hands them to functions of C that take
    /// bytes only (`isdigit` and its like), which read out of bounds.
    NonAscii,
    /// Marks of structure far to the right look like letters: each column can open levels of nesting,
    /// and the scanner saves all open levels in a kilobyte, four bytes a level.
    FarStructure,
}

/// The bytes of `chunk`, which stands at `offset` in `text`, as the grammar may see them.
pub(super) fn masked<'chunk>(
    mask: Option<Mask>,
    text: &Text,
    offset: usize,
    chunk: &'chunk str,
) -> Cow<'chunk, [u8]> {
    match mask {
        Some(Mask::NonAscii) if !chunk.is_ascii() => chunk.bytes().map(as_ascii).collect(),
        Some(Mask::FarStructure) => without_far_structure(text, offset, chunk),
        _ => Cow::Borrowed(chunk.as_bytes()),
    }
}

fn as_ascii(byte: u8) -> u8 {
    if byte.is_ascii() { byte } else { b'_' }
}

/// With two levels a column, this many columns stay within the 253 levels that the scanner can save.
const LAST_COLUMN: usize = 110;

fn without_far_structure<'chunk>(
    text: &Text,
    offset: usize,
    chunk: &'chunk str,
) -> Cow<'chunk, [u8]> {
    let mut column = offset - text.line_start(text.line_of(offset));
    let mut bytes = Cow::Borrowed(chunk.as_bytes());
    for (index, byte) in chunk.bytes().enumerate() {
        match byte {
            b'\n' | b'\r' => column = 0,
            _ => column += 1,
        }
        if column > LAST_COLUMN && matches!(byte, b'-' | b'?' | b':' | b'|' | b'>') {
            bytes.to_mut()[index] = b'_';
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{Random, SPLINTERS};

    fn mask_in_chunks(mask: Mask, text: &Text) -> Vec<u8> {
        let mut start = 0;
        let mut bytes = Vec::new();
        for chunk in text.chunks() {
            bytes.extend_from_slice(&masked(Some(mask), text, start, chunk));
            start += chunk.len();
        }
        bytes
    }

    #[test]
    fn a_mask_hides_what_it_says_and_moves_nothing() {
        for seed in 0..100 {
            let mut random = Random::new(seed);
            let code: String = (0..3000).map(|_| random.pick(SPLINTERS)).collect();
            let code = if seed % 2 == 0 {
                code.replace(['\n', '\r'], " ")
            } else {
                code
            };
            let text = Text::from(&*code);

            let ascii = code
                .bytes()
                .map(|byte| if byte < 128 { byte } else { b'_' });
            assert_eq!(
                mask_in_chunks(Mask::NonAscii, &text),
                ascii.collect::<Vec<u8>>()
            );

            let near = code.split_inclusive(['\n', '\r']).flat_map(|line| {
                line.bytes().enumerate().map(|(column, byte)| {
                    let is_hidden = column >= LAST_COLUMN && b"-?:|>".contains(&byte);
                    if is_hidden { b'_' } else { byte }
                })
            });
            assert_eq!(
                mask_in_chunks(Mask::FarStructure, &text),
                near.collect::<Vec<u8>>()
            );
        }
    }

    #[test]
    fn what_needs_no_mask_is_not_copied() {
        let text = Text::from("a: b");
        for mask in [None, Some(Mask::NonAscii), Some(Mask::FarStructure)] {
            assert!(matches!(
                masked(mask, &text, 0, "a: b"),
                Cow::Borrowed(b"a: b")
            ));
        }
    }
}
