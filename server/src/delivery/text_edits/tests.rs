//! The edits against a client of its own: it walks the text character by character as the specification words it.

use fastrand::Rng;
use text::{PositionEncoding, Text};
use tower_lsp_server::gen_lsp_types::{Position, TextEdit};

use super::hunk_edits;

const ENCODINGS: [PositionEncoding; 3] = [
    PositionEncoding::Utf8,
    PositionEncoding::Utf16,
    PositionEncoding::Utf32,
];

const PIECES: [&str; 14] = [
    "a", "word", " ", "(", "\n", "\n", "\r\n", "\r\n", "é", "e\u{301}", "中", "😀", "fn x", "\t",
];

#[test]
fn a_client_that_applies_the_edits_has_the_new_text() {
    for seed in 0..3000 {
        let mut random = Rng::with_seed(seed);
        let before = random_text(&mut random, 40);
        let after = mutate(&before, &mut random);
        for encoding in ENCODINGS {
            let hunks = hunk_edits(&Text::from(before.as_str()), &after, encoding);
            let edits: Vec<TextEdit> = hunks.into_iter().flat_map(|hunk| hunk.edits).collect();
            assert_apart(&edits);
            let applied = apply(&before, &edits, encoding);
            assert_eq!(applied, after, "seed {seed}, {encoding:?}, from {before:?}");
        }
    }
}

#[test]
fn a_word_changes_and_the_rest_of_its_line_stays() {
    let before = Text::from("let 😀 = old(1);\r\nsame\r\n");
    let hunks = hunk_edits(
        &before,
        "let 😀 = new(1);\r\nsame\r\n",
        PositionEncoding::Utf16,
    );
    let expected = TextEdit {
        range: tower_lsp_server::gen_lsp_types::Range {
            start: position(0, 9),
            end: position(0, 12),
        },
        new_text: "new".into(),
    };
    assert_eq!(hunks.len(), 1);
    assert_eq!(hunks[0].line, 0);
    assert_eq!(hunks[0].edits, [expected]);
}

#[test]
fn lines_apart_are_hunks_of_their_own() {
    let before = Text::from("a\nb\nc\nd\ne\n");
    let hunks = hunk_edits(&before, "A\nb\nc\nD\ne\n", PositionEncoding::Utf8);
    let lines: Vec<usize> = hunks.iter().map(|hunk| hunk.line).collect();
    assert_eq!(lines, [0, 3]);
}

fn position(line: u32, character: u32) -> Position {
    Position { line, character }
}

fn random_text(random: &mut Rng, most: usize) -> String {
    let count = random.usize(..most);
    (0..count)
        .map(|_| PIECES[random.usize(..PIECES.len())])
        .collect()
}

fn mutate(text: &str, random: &mut Rng) -> String {
    let mut text = text.to_owned();
    for _ in 0..random.usize(1..5) {
        let boundaries: Vec<usize> = (0..=text.len())
            .filter(|at| text.is_char_boundary(*at))
            .collect();
        let one = boundaries[random.usize(..boundaries.len())];
        let other = boundaries[random.usize(..boundaries.len())].min(one + 6);
        let range = if text.is_char_boundary(other) && other > one {
            one..other
        } else {
            one..one
        };
        let insert = random_text(random, 4);
        text.replace_range(range, &insert);
    }
    text
}

fn assert_apart(edits: &[TextEdit]) {
    let place = |position: &Position| (position.line, position.character);
    for pair in edits.windows(2) {
        assert!(
            place(&pair[0].range.end) <= place(&pair[1].range.start),
            "{edits:?}"
        );
    }
    for edit in edits {
        let is_empty = edit.range.start == edit.range.end && edit.new_text.is_empty();
        assert!(!is_empty, "{edits:?}");
    }
}

fn apply(text: &str, edits: &[TextEdit], encoding: PositionEncoding) -> String {
    let mut text = text.to_owned();
    for edit in edits.iter().rev() {
        let start = offset(&text, edit.range.start, encoding);
        let end = offset(&text, edit.range.end, encoding);
        text.replace_range(start..end, &edit.new_text);
    }
    text
}

fn offset(text: &str, position: Position, encoding: PositionEncoding) -> usize {
    let (mut line, mut units) = (0, 0);
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if (line, units) == (position.line, position.character) {
            return at;
        }
        let follows_newline = matches!(characters.peek(), Some((_, '\n')));
        match character {
            '\r' if follows_newline => {}
            '\n' | '\r' => {
                line += 1;
                units = 0;
            }
            _ => {
                units += match encoding {
                    PositionEncoding::Utf8 => character.len_utf8() as u32,
                    PositionEncoding::Utf16 => character.len_utf16() as u32,
                    PositionEncoding::Utf32 => 1,
                }
            }
        }
    }
    assert_eq!(
        (line, units),
        (position.line, position.character),
        "a position that does not exist"
    );
    text.len()
}
