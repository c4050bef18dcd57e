//! Lines, slices and character boundaries of `Text`, against a plain string.

use std::ops::Range;

use crate::Text;
use crate::oracle;
use crate::random::Random;

#[test]
fn breaks_lines_where_the_specification_does_and_nowhere_else() {
    let lines = |text: &str| -> Vec<String> {
        let text = Text::from(text);
        (0..text.len_lines())
            .map(|line| text.line(line).into_owned())
            .collect()
    };
    assert_eq!(lines(""), [""]);
    assert_eq!(lines("a"), ["a"]);
    assert_eq!(lines("a\n"), ["a", ""]);
    assert_eq!(lines("a\nb\r\nc\rd"), ["a", "b", "c", "d"]);
    assert_eq!(lines("\r\r\n\n"), ["", "", "", ""]);
    let no_breaks = "a\u{2028}b\u{2029}c\u{85}d\u{b}e\u{c}f";
    assert_eq!(lines(no_breaks), [no_breaks]);
}

#[test]
fn counts_lines_right_when_a_crlf_is_joined_or_split() {
    let mut text = Text::from("a\rb");
    text.replace(2..2, "\n");
    assert_eq!(
        (text.len_lines(), text.line_end(0), text.line_start(1)),
        (2, 1, 3)
    );
    text.replace(2..2, "x");
    assert_eq!(
        (text.to_string().as_str(), text.len_lines()),
        ("a\rx\nb", 3)
    );
    text.replace(2..3, "");
    assert_eq!((text.to_string().as_str(), text.len_lines()), ("a\r\nb", 2));
    text.replace(1..2, "");
    assert_eq!((text.to_string().as_str(), text.len_lines()), ("a\nb", 2));
}

#[test]
fn random_replacements_agree_with_a_string() {
    for seed in 0..150 {
        let mut random = Random::new(seed);
        let mut expected = random.text_or_longer(40, 4, 3000);
        let mut text = Text::from(expected.as_str());
        for _ in 0..60 {
            replace_somewhere(&mut random, &mut text, &mut expected);
        }
        assert_same(&mut random, &text, &expected, seed);
    }
}

#[test]
fn every_line_and_every_offset_of_a_hostile_text_agrees_with_a_string() {
    for seed in 0..60 {
        let mut random = Random::new(seed);
        let expected = random.text(120);
        let text = Text::from(expected.as_str());
        assert_every_line(&text, &expected);
        for offset in 0..expected.len() + 3 {
            let floor = oracle::floor(&expected, offset);
            assert_eq!(
                text.floor_char_boundary(offset),
                floor,
                "seed {seed}, offset {offset}"
            );
            assert_eq!(
                text.is_char_boundary(offset),
                expected.is_char_boundary(offset)
            );
            let line = oracle::lines(&expected)
                .iter()
                .rposition(|line| line.start <= offset);
            assert_eq!(
                Some(text.line_of(offset)),
                line,
                "seed {seed}, offset {offset}"
            );
        }
    }
}

#[test]
fn a_clone_is_a_snapshot_that_later_edits_do_not_reach() {
    let mut random = Random::new(7);
    let original = random.text(4000);
    let mut text = Text::from(original.as_str());
    let snapshot = text.clone();
    let mut expected = original.clone();
    for _ in 0..200 {
        replace_somewhere(&mut random, &mut text, &mut expected);
    }
    assert_eq!(snapshot.to_string(), original);
    assert_ne!(snapshot, text);
    assert_eq!(text, Text::from(expected));
}

fn replace_somewhere(random: &mut Random, text: &mut Text, expected: &mut String) {
    // Any offsets at all: inside characters, past the end, reversed, between \r and \n.
    let near = random.below(expected.len() + 4);
    let far = if random.once_in(8) {
        usize::MAX
    } else {
        near + random.below(30)
    };
    let range = if random.once_in(5) {
        far..near
    } else {
        near..far
    };
    let with = random.text_or_longer(4, 20, 2500);
    expected.replace_range(clamp(expected, &range), &with);
    text.replace(range, &with);
    assert_eq!(
        (text.len_bytes(), text.is_empty()),
        (expected.len(), expected.is_empty())
    );
    assert_eq!(text.len_lines(), oracle::lines(expected).len());
}

fn assert_same(random: &mut Random, text: &Text, expected: &str, seed: u64) {
    assert_eq!(text.to_string(), expected, "seed {seed}");
    assert_eq!(text.chunks().collect::<String>(), expected, "seed {seed}");
    assert_every_line(text, expected);
    for _ in 0..50 {
        let left = random.below(expected.len() + 4);
        let range = left..left + random.below(1500);
        assert_eq!(
            text.slice(range.clone()),
            expected[clamp(expected, &range)],
            "seed {seed}"
        );
        let (chunk, start) = text.chunk_at(left);
        assert_eq!(chunk, &expected[start..start + chunk.len()], "seed {seed}");
        let is_inside = left < start + chunk.len() || left >= expected.len();
        assert!(start <= left && is_inside, "seed {seed}");
    }
}

fn assert_every_line(text: &Text, expected: &str) {
    let lines = oracle::lines(expected);
    assert_eq!(text.len_lines(), lines.len());
    for (line, range) in lines.iter().enumerate() {
        assert_eq!(
            text.line_start(line)..text.line_end(line),
            *range,
            "line {line}"
        );
        assert_eq!(text.line(line), expected[range.clone()], "line {line}");
    }
    for past in [lines.len(), lines.len() + 1, usize::MAX] {
        let ends = (text.line_start(past), text.line_end(past));
        assert_eq!(ends, (expected.len(), expected.len()));
        assert_eq!(text.line(past), "");
    }
}

fn clamp(text: &str, range: &Range<usize>) -> Range<usize> {
    let (start, end) = (range.start.min(range.end), range.start.max(range.end));
    oracle::floor(text, start)..oracle::floor(text, end)
}
