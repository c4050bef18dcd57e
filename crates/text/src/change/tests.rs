//! The mirror: what editors send, against a plain string that follows the specification's words.

use std::ops::Range;

use PositionEncoding::{Utf8, Utf16, Utf32};

use crate::oracle;
use crate::random::Random;
use crate::{ChangeSet, ContentChange, Position, PositionEncoding, Text};

#[test]
fn an_edit_after_an_emoji_lands_where_the_encoding_says() {
    for (encoding, character) in [(Utf8, 4), (Utf16, 2), (Utf32, 1)] {
        check(
            encoding,
            "😀ab",
            &[edit((0, character), (0, character + 1), "X")],
            "😀Xb",
        );
    }
}

#[test]
fn typing_after_an_emoji_at_the_end_of_the_file() {
    check(
        Utf16,
        "x = 😀",
        &[edit((0, 6), (0, 6), ";"), edit((0, 7), (0, 7), "\n")],
        "x = 😀;\n",
    );
}

#[test]
fn an_edit_inside_a_surrogate_pair_snaps_to_the_start_of_the_character() {
    check(Utf16, "a😀b", &[edit((0, 2), (0, 2), "X")], "aX😀b");
    check(Utf16, "a😀b", &[edit((0, 2), (0, 3), "")], "ab");
    check(Utf16, "a😀b", &[edit((0, 1), (0, 2), "")], "a😀b");
}

#[test]
fn edits_around_crlf_keep_the_line_breaks() {
    check(
        Utf16,
        "ab\r\ncd\r\n",
        &[edit((1, 0), (1, 1), "X")],
        "ab\r\nXd\r\n",
    );
    check(
        Utf16,
        "ab\r\ncd\r\n",
        &[edit((0, 2), (1, 0), "")],
        "abcd\r\n",
    );
}

#[test]
fn a_column_past_the_end_of_the_line_is_the_end_before_the_break() {
    check(
        Utf16,
        "ab\ncd\n",
        &[edit((0, 50), (0, 60), "X")],
        "abX\ncd\n",
    );
    check(
        Utf16,
        "ab\r\ncd",
        &[edit((0, 50), (0, 60), "X")],
        "abX\r\ncd",
    );
    check(Utf16, "ab\ncd\n", &[edit((0, 1), (0, 60), "X")], "aX\ncd\n");
}

#[test]
fn line_separator_and_form_feed_are_no_line_breaks() {
    check(
        Utf16,
        "a\u{2028}b\u{c}c\nd",
        &[edit((1, 0), (1, 1), "X")],
        "a\u{2028}b\u{c}c\nX",
    );
    check(
        Utf16,
        "a\u{2028}b\u{c}c\nd",
        &[edit((0, 2), (0, 3), "X")],
        "a\u{2028}X\u{c}c\nd",
    );
}

#[test]
fn a_lone_carriage_return_is_a_line_break() {
    check(Utf16, "a\rb\rc", &[edit((2, 0), (2, 1), "X")], "a\rb\rX");
    check(Utf16, "a\rb", &[edit((1, 0), (1, 0), "\n")], "a\r\nb");
}

#[test]
fn several_changes_in_one_notification_each_see_the_ones_before() {
    let changes = [
        edit((0, 0), (0, 0), "one\n"),
        edit((1, 0), (1, 1), "A"),
        edit((0, 3), (1, 0), " "),
    ];
    check(Utf16, "a\nb\n", &changes, "one A\nb\n");
}

#[test]
fn a_change_without_a_range_is_the_whole_text() {
    check(Utf16, "old\ntext\n", &[full("new\n")], "new\n");
    check(
        Utf16,
        "a",
        &[
            edit((0, 1), (0, 1), "b"),
            full("é\r\n"),
            edit((1, 0), (1, 0), "z"),
        ],
        "é\r\nz",
    );
    check(Utf16, "a", &[full("")], "");
}

#[test]
fn a_change_without_a_range_is_recorded_as_what_differs() {
    let mut text = Text::from("fn a() {}\nfn é() {}\nfn c() {}\n");
    let change = text.apply_changes(&[full("fn a() {}\nfn ê() {}\nfn c() {}\n")], Utf16);
    assert_eq!(change, ChangeSet::replacement(31, 13..15, "ê"));
}

#[test]
fn a_range_past_the_end_of_the_file_is_cut_to_it() {
    check(Utf16, "a\nb\nc", &[edit((0, 0), (50, 0), "")], "");
    check(
        Utf16,
        "a\nb\nc",
        &[edit((1, 0), (u32::MAX, u32::MAX), "z")],
        "a\nz",
    );
    check(Utf16, "a\n", &[edit((7, 3), (9, 9), "z")], "a\nz");
    check(Utf16, "", &[edit((7, 3), (9, 9), "z")], "z");
}

#[test]
fn an_inverted_range_is_read_swapped() {
    check(Utf16, "abcdef", &[edit((0, 5), (0, 1), "X")], "aXf");
    check(Utf16, "a\nb\nc", &[edit((2, 0), (0, 1), "")], "ac");
}

#[test]
fn no_changes_are_the_identity() {
    let mut text = Text::from("abc");
    assert_eq!(text.apply_changes(&[], Utf16), ChangeSet::identity(3));
}

#[test]
fn the_mirror_equals_a_string_under_random_notifications() {
    for seed in 0..250 {
        let mut random = Random::new(seed);
        let mut expected = random.text_or_longer(50, 8, 1500);
        let mut text = Text::from(expected.as_str());
        let encoding = random.encoding();
        for _ in 0..25 {
            let before = expected.clone();
            let changes = notification(&mut random, &expected);
            for change in &changes {
                oracle::apply(&mut expected, change, encoding);
            }
            let change = text.apply_changes(&changes, encoding);
            assert_eq!(
                text.to_string(),
                expected,
                "seed {seed}, {encoding:?}, {changes:?}"
            );
            assert_eq!(
                change.apply(&before).as_ref(),
                Ok(&expected),
                "seed {seed}, {changes:?}"
            );
            assert_eq!(
                text.len_lines(),
                oracle::lines(&expected).len(),
                "seed {seed}"
            );
        }
    }
}

#[test]
fn thousands_of_changes_in_one_notification_are_composed() {
    let mut random = Random::new(3);
    let mut expected = random.text(400);
    let before = expected.clone();
    let mut text = Text::from(expected.as_str());
    let changes: Vec<_> = (0..4000)
        .map(|_| random_edit(&mut random, oracle::lines(&before).len(), 1))
        .collect();
    for change in &changes {
        oracle::apply(&mut expected, change, Utf16);
    }
    let change = text.apply_changes(&changes, Utf16);
    assert_eq!(text.to_string(), expected);
    assert_eq!(change.apply(&before), Ok(expected));
}

fn notification(random: &mut Random, text: &str) -> Vec<ContentChange> {
    let lines = oracle::lines(text).len();
    (0..1 + random.below(4))
        .map(|_| match random.below(25) {
            0 => full(&random.text(60)),
            1 => full(&format!("{text}{}", random.text(3))),
            2 => random_edit(random, lines, 1500),
            _ => random_edit(random, lines, 4),
        })
        .collect()
}

fn random_edit(random: &mut Random, lines: usize, pieces: usize) -> ContentChange {
    let start = random.position(lines);
    let mut end = random.position(lines);
    if !random.once_in(4) {
        end = Position::new(
            start.line,
            start.character.saturating_add(random.below(4) as u32),
        );
    }
    ContentChange {
        range: Some(start..end),
        text: random.text(pieces),
    }
}

fn edit(start: (u32, u32), end: (u32, u32), text: &str) -> ContentChange {
    let range: Range<Position> = Position::new(start.0, start.1)..Position::new(end.0, end.1);
    ContentChange {
        range: Some(range),
        text: text.to_owned(),
    }
}

fn full(text: &str) -> ContentChange {
    ContentChange {
        range: None,
        text: text.to_owned(),
    }
}

#[track_caller]
fn check(encoding: PositionEncoding, before: &str, changes: &[ContentChange], after: &str) {
    let mut text = Text::from(before);
    let change = text.apply_changes(changes, encoding);
    assert_eq!(text.to_string(), after);
    assert_eq!(change.apply(before).as_deref(), Ok(after));
}
