//! Seeded random texts and edits for the tests of this crate.

use text::{ChangeSet, Text};

/// A seeded generator (splitmix64).
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

const PIECES: &[&str] = &[
    "let",
    "fn",
    "value",
    "width",
    "setWidth",
    "set_height",
    "self",
    "return",
    "x",
    "y",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ";",
    ",",
    ".",
    "->",
    "::",
    "==",
    "!=",
    "'",
    "\"",
    "#",
    "//",
    "1",
    "0x2f",
    "3.14",
    " ",
    "  ",
    "\t",
    "    ",
    "é",
    "漢字",
    "😀",
    "_",
    "$",
    "\u{301}",
];

/// Lines as they come again and again, so that there is something to learn.
const LINES: &[&str] = &[
    "    let value = self.width(x);",
    "    let value = self.height(y);",
    "    if value != 0 {",
    "        return Err(Error::new(value, \"no\"));",
    "    }",
    "fn setWidth(&mut self, width: usize) {",
    "}",
    "\tcall(argument, [1, 2], {x: y});",
    "",
];

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    /// A number below `bound`, which is not zero.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub(crate) fn pick<'a, T>(&mut self, values: &'a [T]) -> &'a T {
        &values[self.below(values.len())]
    }

    /// A line of code-like pieces without a line break.
    pub(crate) fn line(&mut self) -> String {
        let count = self.below(14);
        (0..count).map(|_| *self.pick(PIECES)).collect()
    }

    /// Lines with mixed line breaks, every other one as code has it.
    pub(crate) fn text(&mut self, lines: usize) -> String {
        let count = self.below(lines + 1);
        let mut text = String::new();
        for _ in 0..count {
            let line = if self.below(2) == 0 {
                (*self.pick(LINES)).to_owned()
            } else {
                self.line()
            };
            text.push_str(&line);
            let line_break = *self.pick(&["\n", "\n", "\n", "\r\n", "\r"]);
            text.push_str(line_break);
        }
        text
    }

    /// A character boundary of the text.
    pub(crate) fn boundary(&mut self, text: &str) -> usize {
        let mut at = self.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    /// One to three random replacements of the text at once.
    pub(crate) fn edit(&mut self, text: &Text) -> ChangeSet {
        let mut old = text.to_string();
        let mut changes = ChangeSet::identity(old.len());
        for _ in 0..=self.below(3) {
            let start = self.boundary(&old);
            let end = start + self.boundary(&old[start..]).min(self.below(40));
            let end = (start..=end)
                .rev()
                .find(|&end| old.is_char_boundary(end))
                .unwrap_or(start);
            let with = if self.below(3) == 0 {
                self.text(3)
            } else {
                (*self.pick(PIECES)).to_owned()
            };
            let next = ChangeSet::replacement(old.len(), start..end, &with);
            old = next.apply(&old).expect("it was made for this text");
            changes = changes.compose(&next).expect("it follows");
        }
        changes
    }
}
