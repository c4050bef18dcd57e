//! Seeded randomness for the property tests: the same seed makes the same test on every machine.

use std::ops::Range;

use crate::{Position, PositionEncoding};

/// What goes wrong in text mirrors: every kind of line break and of what is none, characters of every
/// length in UTF-8 and UTF-16, and characters that combine.
const PIECES: &[&str] = &[
    "a",
    "b",
    "c",
    " ",
    "\t",
    "word",
    "(",
    "\n",
    "\n",
    "\r\n",
    "\r\n",
    "\r",
    "\u{2028}",
    "\u{2029}",
    "\u{85}",
    "\u{b}",
    "\u{c}",
    "é",
    "e\u{301}",
    "\u{301}",
    "中",
    "😀",
    "😀",
    "👨\u{200d}👩\u{200d}👧",
    "\u{10ffff}",
    "\u{feff}",
    "\0",
];

/// A small generator (SplitMix64, Steele, Lea and Flood 2014).
pub(crate) struct Random {
    state: u64,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        }
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `limit`, or 0 when the limit is 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.next().checked_rem(limit as u64).unwrap_or(0) as usize
    }

    /// True once in `times`.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<'items, T>(&mut self, items: &'items [T]) -> &'items T {
        &items[self.below(items.len())]
    }

    pub(crate) fn encoding(&mut self) -> PositionEncoding {
        *self.pick(&[
            PositionEncoding::Utf8,
            PositionEncoding::Utf16,
            PositionEncoding::Utf32,
        ])
    }

    /// Up to `pieces` hostile pieces in a row.
    pub(crate) fn text(&mut self, pieces: usize) -> String {
        (0..self.below(pieces + 1))
            .map(|_| *self.pick(PIECES))
            .collect()
    }

    /// Up to `usual` hostile pieces, and once in `times` up to `long` of them, so that the rope has
    /// more than one chunk.
    pub(crate) fn text_or_longer(&mut self, usual: usize, times: usize, long: usize) -> String {
        let pieces = if self.once_in(times) { long } else { usual };
        self.text(pieces)
    }

    /// A position near the given number of lines, sometimes far outside.
    pub(crate) fn position(&mut self, lines: usize) -> Position {
        if self.once_in(20) {
            return Position::new(u32::MAX - self.below(3) as u32, self.below(5) as u32);
        }
        let line = self.below(lines + 2) as u32;
        let character = match self.below(20) {
            0 => u32::MAX - self.below(3) as u32,
            1..4 => 0,
            4..7 => self.below(200) as u32,
            _ => self.below(12) as u32,
        };
        Position::new(line, character)
    }

    /// A range of `text` on its character boundaries.
    pub(crate) fn range(&mut self, text: &str) -> Range<usize> {
        let (left, right) = (self.boundary(text), self.boundary(text));
        left.min(right)..left.max(right)
    }

    fn boundary(&mut self, text: &str) -> usize {
        let mut offset = self.below(text.len() + 1);
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}
