//! Words that tell where they come from: `w00017` the user's, `a00017` the agent's, `o00017` there from the beginning.

use std::collections::BTreeSet;
use std::ops::Range;

/// The length of a word in bytes.
const LENGTH: usize = 6;

/// Where the words are, in their order.
pub(super) fn places(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let is_word = |at: usize| {
        let word = bytes.get(at..at + LENGTH);
        word.is_some_and(|word| {
            b"woa".contains(&word[0]) && word[1..].iter().all(u8::is_ascii_digit)
        })
    };
    let mut places = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if is_word(at) {
            places.push(at..at + LENGTH);
            at += LENGTH;
        } else {
            at += 1;
        }
    }
    places
}

/// The words of one origin.
pub(super) fn of(origin: char, text: &str) -> BTreeSet<String> {
    let all = places(text).into_iter().map(|place| &text[place]);
    all.filter(|word| word.starts_with(origin))
        .map(str::to_owned)
        .collect()
}

/// Where something can be put without breaking a word, a character or a line break.
pub(super) fn gaps(text: &str) -> Vec<usize> {
    let words = places(text);
    let is_inside = |at: usize| words.iter().any(|word| word.start < at && at < word.end);
    let is_in_break = |at: usize| text[..at].ends_with('\r') && text[at..].starts_with('\n');
    (0..=text.len())
        .filter(|&at| text.is_char_boundary(at) && !is_inside(at) && !is_in_break(at))
        .collect()
}

/// The lines with numbers in a range, counted from 0, the end excluded.
pub(super) fn lines(text: &str, range: Range<usize>) -> String {
    let lines = text.split_inclusive('\n');
    lines.skip(range.start).take(range.len()).collect()
}
