//! Positions in every encoding, against a walk over the characters.

use PositionEncoding::{Utf8, Utf16, Utf32};

use crate::oracle;
use crate::random::Random;
use crate::{Position, PositionEncoding, Text};

#[test]
fn a_position_after_an_emoji_counts_in_its_encoding() {
    let text = Text::from("x = \"😀\"; ");
    for (encoding, character) in [(Utf8, 9), (Utf16, 7), (Utf32, 6)] {
        assert_eq!(
            text.offset(Position::new(0, character), encoding),
            9,
            "{encoding:?}"
        );
        assert_eq!(
            text.position(9, encoding),
            Position::new(0, character),
            "{encoding:?}"
        );
    }
}

#[test]
fn a_position_inside_a_character_is_its_start() {
    let text = Text::from("é😀b");
    let offsets = |encoding| -> Vec<usize> {
        (0..9)
            .map(|character| text.offset(Position::new(0, character), encoding))
            .collect()
    };
    assert_eq!(offsets(Utf8), [0, 0, 2, 2, 2, 2, 6, 7, 7]);
    assert_eq!(offsets(Utf16), [0, 2, 2, 6, 7, 7, 7, 7, 7]);
    assert_eq!(offsets(Utf32), [0, 2, 6, 7, 7, 7, 7, 7, 7]);
}

#[test]
fn a_column_past_the_end_of_its_line_stays_before_the_line_break() {
    let text = Text::from("ab\r\ncd\re\n");
    for encoding in [Utf8, Utf16, Utf32] {
        let end = |line| text.offset(Position::new(line, 99), encoding);
        assert_eq!(
            [end(0), end(1), end(2), end(3)],
            [2, 6, 8, 9],
            "{encoding:?}"
        );
        assert_eq!(
            text.offset(Position::new(0, u32::MAX), encoding),
            2,
            "{encoding:?}"
        );
    }
}

#[test]
fn a_line_past_the_last_is_the_end_of_the_text() {
    let text = Text::from("a\nb\nc");
    for line in [3, 500, u32::MAX] {
        assert_eq!(text.offset(Position::new(line, 0), Utf16), 5);
        assert_eq!(text.offset(Position::new(line, 7), Utf16), 5);
    }
    assert_eq!(
        Text::default().offset(Position::new(u32::MAX, u32::MAX), Utf16),
        0
    );
}

#[test]
fn between_carriage_return_and_newline_is_the_end_of_the_line() {
    let text = Text::from("ab\r\ncd");
    assert_eq!(text.position(3, Utf16), Position::new(0, 2));
    assert_eq!(text.position(4, Utf16), Position::new(1, 0));
}

#[test]
fn random_positions_and_offsets_agree_with_a_walk_over_the_characters() {
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let expected = random.text_or_longer(60, 10, 2000);
        let text = Text::from(expected.as_str());
        for _ in 0..60 {
            let encoding = random.encoding();
            let position = random.position(text.len_lines());
            let offset = text.offset(position, encoding);
            assert_eq!(
                offset,
                oracle::offset(&expected, position, encoding),
                "seed {seed}, {position:?}, {encoding:?}, {expected:?}"
            );
            let offset = random.below(expected.len() + 3);
            let position = text.position(offset, encoding);
            assert_eq!(
                position,
                oracle::position(&expected, offset, encoding),
                "seed {seed}, {offset}, {encoding:?}, {expected:?}"
            );
        }
    }
}

#[test]
fn a_position_leads_back_to_its_offset() {
    for seed in 0..100 {
        let mut random = Random::new(seed);
        let string = random.text(80);
        let text = Text::from(string.as_str());
        for (offset, _) in string.char_indices() {
            let is_inside_crlf =
                string[..offset].ends_with('\r') && string[offset..].starts_with('\n');
            let expected = if is_inside_crlf { offset - 1 } else { offset };
            for encoding in [Utf8, Utf16, Utf32] {
                let position = text.position(offset, encoding);
                assert_eq!(
                    text.offset(position, encoding),
                    expected,
                    "{string:?} at {offset}"
                );
            }
        }
    }
}
