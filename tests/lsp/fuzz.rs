//! The mirror under random edits in every position encoding, against a plain string that is edited by the specification's words.

use serde_json::{Value, json};

use crate::editor::{Editor, Setup};
use crate::random::Random;

const PIECES: [&str; 18] = [
    "a",
    "word",
    " ",
    "\n",
    "\r\n",
    "\r",
    "é",
    "ß",
    "🦀",
    "👩‍👩‍👧",
    "e\u{301}",
    "\u{2028}",
    "\u{c}",
    "\t",
    "fn f() {\n",
    "}\n",
    "let word_of_line = ",
    "word_of",
];

/// The length of a character in the units of an encoding.
type Units = fn(char) -> usize;

const ENCODINGS: [(&str, Units); 3] = [
    ("utf-8", char::len_utf8),
    ("utf-16", char::len_utf16),
    ("utf-32", |_| 1),
];

/// Where the lines begin: after `\n`, `\r\n`, and a `\r` that no `\n` follows.
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut starts = vec![0];
    for place in 0..bytes.len() {
        let is_break =
            bytes[place] == b'\n' || bytes[place] == b'\r' && bytes.get(place + 1) != Some(&b'\n');
        if is_break {
            starts.push(place + 1);
        }
    }
    starts
}

fn offset_of(text: &str, units: Units, line: usize, character: usize) -> usize {
    let starts = line_starts(text);
    let Some(&start) = starts.get(line) else {
        return text.len();
    };
    let end = starts.get(line + 1).copied().unwrap_or(text.len());
    let content = text[start..end].trim_end_matches(['\r', '\n']);
    // Only the line's own break is cut: an earlier one would have ended the line before.
    let mut counted = 0;
    for (place, letter) in content.char_indices() {
        if character < counted + units(letter) {
            return start + place;
        }
        counted += units(letter);
    }
    start + content.len()
}

/// The position of an offset that lies in no line break.
fn position_of(text: &str, units: Units, offset: usize) -> (usize, usize) {
    let starts = line_starts(text);
    let line = starts.partition_point(|&start| start <= offset) - 1;
    (line, text[starts[line]..offset].chars().map(units).sum())
}

/// Asserts what LSP 3.18 asks of an inline completion's range: one line, within it, around the cursor.
fn assert_range_is_around(range: &Value, text: &str, units: Units, cursor: (usize, usize)) {
    let number = |pointer: &str| range.pointer(pointer).unwrap().as_u64().unwrap() as usize;
    let [start, end] = ["/start", "/end"].map(|side| {
        (
            number(&format!("{side}/line")),
            number(&format!("{side}/character")),
        )
    });
    let clamped = position_of(text, units, offset_of(text, units, cursor.0, cursor.1));
    assert_eq!((start.0, end.0), (clamped.0, clamped.0), "{range}");
    assert!(
        start.1 <= clamped.1 && clamped.1 <= end.1,
        "{range} is not around {clamped:?}"
    );
    for place in [start, end] {
        let offset = offset_of(text, units, place.0, place.1);
        assert_eq!(
            position_of(text, units, offset),
            place,
            "{range} is beyond its line, or within a character"
        );
    }
}

/// Anywhere, also beyond the end, or where there is something to continue.
fn random_cursor(random: &mut Random, text: &str, units: Units) -> (usize, usize) {
    let words: Vec<_> = text.match_indices("word_of").collect();
    if words.is_empty() || random.below(2) == 0 {
        return (random.below(line_starts(text).len() + 1), random.below(24));
    }
    let (start, word) = *random.pick(&words);
    position_of(text, units, start + word.len())
}

fn random_text(random: &mut Random, pieces: usize) -> String {
    (0..pieces).map(|_| *random.pick(&PIECES)).collect()
}

/// Applies one random change to the oracle and gives its LSP form.
fn random_change(random: &mut Random, text: &mut String, units: Units) -> Value {
    let pieces = random.below(4);
    let new = random_text(random, pieces);
    if random.below(40) == 0 {
        text.clone_from(&new);
        return json!({ "text": new });
    }
    let lines = line_starts(text).len() + 2;
    let mut place = || (random.below(lines), random.below(12));
    let (first, second) = (place(), place());
    let (a, b) = (
        offset_of(text, units, first.0, first.1),
        offset_of(text, units, second.0, second.1),
    );
    text.replace_range(a.min(b)..a.max(b), &new);
    json!({
        "range": {
            "start": { "line": first.0, "character": first.1 },
            "end": { "line": second.0, "character": second.1 },
        },
        "text": new,
    })
}

#[test]
fn the_mirror_is_the_plain_string_in_every_encoding() {
    for (name, units) in ENCODINGS {
        let mut suggested = 0;
        for seed in 0..4 {
            let mut random = Random::new(seed);
            let mut editor = Editor::start(Setup {
                capabilities: json!({
                    "general": { "positionEncodings": [name] },
                    "textDocument": { "inlineCompletion": {} },
                }),
                ..Setup::default()
            });
            let mut text = random_text(&mut random, 60);
            editor.open("habit.rs", "rust", &"let word_of_line = f();\n".repeat(5));
            editor.open("a.rs", "rust", &text);
            for version in 2..250 {
                let changes: Vec<Value> = (0..=random.below(3))
                    .map(|_| random_change(&mut random, &mut text, units))
                    .collect();
                editor.change("a.rs", version, json!(changes));
                if random.below(2) == 0 {
                    let (line, character) = random_cursor(&mut random, &text, units);
                    for item in editor.inline("a.rs", line, character) {
                        assert_range_is_around(&item["range"], &text, units, (line, character));
                        suggested += 1;
                    }
                }
                if version % 5 == 0 {
                    assert_eq!(
                        editor.view("a.rs"),
                        text,
                        "{name}, seed {seed}, version {version}"
                    );
                }
            }
        }
        assert!(20 < suggested, "{name}: {suggested} suggestions say little");
    }
}
