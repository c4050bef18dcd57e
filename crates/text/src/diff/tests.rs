//! The differences found, against plain application and against the textbook's table.

use std::fmt::Write;
use std::time::Duration;

use expect_test::{Expect, expect};

use super::*;
use crate::random::Random;

#[test]
fn one_word_of_a_line_changes_one_word() {
    check(
        "fn main() {\n    let total = price + tax;\n}\n",
        "fn main() {\n    let total = price * tax;\n}\n",
        expect![[r#"
            34..35 "+" -> "*"
        "#]],
    );
}

#[test]
fn added_and_removed_lines_change_nothing_beside_them() {
    check(
        "one\ntwo\nthree\nfour\n",
        "one\nthree\nand a half\nfour\n",
        expect![[r#"
            4..8 "two\n" -> ""
            14..14 "" -> "and a half\n"
        "#]],
    );
}

#[test]
fn a_line_with_nothing_in_common_is_replaced_whole() {
    check(
        "a\nlet x = compute(y);\nb\n",
        "a\nreturn Ok(())\nb\n",
        expect![[r#"
            2..22 "let x = compute(y);\n" -> "return Ok(())\n"
        "#]],
    );
}

#[test]
fn changed_line_breaks_and_a_missing_last_one_are_the_only_change() {
    check(
        "a\r\nb\nc",
        "a\nb\nc\n",
        expect![[r#"
            1..3 "\r\n" -> "\n"
            6..6 "" -> "\n"
        "#]],
    );
}

#[test]
fn words_hold_combining_marks_and_emoji_together() {
    check(
        "let cafe\u{301} = \"👨\u{200d}👩\";\n",
        "let cafe = \"👨\u{200d}👧\";\n",
        expect![[r#"
            4..10 "cafe\u{301}" -> "cafe"
            14..25 "👨\u{200d}👩" -> "👨\u{200d}👧"
        "#]],
    );
    check(
        "// 這是一個測試\n",
        "// 這是兩個測試\n",
        expect![[r#"
            9..12 "一" -> "兩"
        "#]],
    );
}

#[test]
fn hunks_are_line_ranges_of_both_texts() {
    let hunk = |old, new| LineHunk { old, new };
    assert_eq!(line_hunks("", ""), []);
    assert_eq!(line_hunks("a\n", "a\n"), []);
    assert_eq!(line_hunks("", "a\nb"), [hunk(0..0, 0..2)]);
    assert_eq!(line_hunks("a\n", "a"), [hunk(0..1, 0..1)]);
    assert_eq!(
        line_hunks("a\nb\nc\n", "a\nc\nd\n"),
        [hunk(1..2, 1..1), hunk(3..3, 2..3)]
    );
    assert_eq!(line_hunks("a\rb\rc", "a\rX\rc"), [hunk(1..2, 1..2)]);
    assert_eq!(newline_hunks("a\rb\r\nc", "a\rX\r\nc"), [hunk(0..1, 0..1)]);
    let hunks_among_equals = line_hunks("a\na\n", "b\na\nb\nb\na");
    assert_eq!(hunks_among_equals, [hunk(0..0, 0..1), hunk(1..2, 2..5)]);
}

#[test]
fn every_difference_makes_the_old_text_into_the_new_one() {
    for seed in 0..1500 {
        let mut random = Random::new(seed);
        let old = random.text_or_longer(40, 30, 800);
        let new = if random.once_in(4) {
            random.text(40)
        } else {
            changed(&mut random, &old)
        };
        for change in [diff_lines(&old, &new), diff_words(&old, &new)] {
            assert_eq!(change.apply(&old).as_ref(), Ok(&new), "seed {seed}");
        }
        assert_eq!(diff_lines(&old, &old), ChangeSet::identity(old.len()));
    }
}

#[test]
fn hunks_cover_exactly_what_differs_and_are_as_few_lines_as_can_be() {
    for seed in 0..3000 {
        let mut random = Random::new(seed);
        let (old, new) = (few_lines(&mut random), few_lines(&mut random));
        let (hunks, old_lines, new_lines) = if seed % 2 == 0 {
            let (old_lines, new_lines) = (Tokens::lines(&old), Tokens::lines(&new));
            (line_hunks(&old, &new), old_lines, new_lines)
        } else {
            let (old_lines, new_lines) = (Tokens::newlines(&old), Tokens::newlines(&new));
            (newline_hunks(&old, &new), old_lines, new_lines)
        };
        let (mut old_end, mut new_end, mut changed) = (0, 0, 0);
        for (number, LineHunk { old, new }) in hunks.iter().enumerate() {
            assert!(number == 0 || old.start > old_end, "touching, seed {seed}");
            let kept = (
                old_lines.text(old_end..old.start),
                new_lines.text(new_end..new.start),
            );
            assert_eq!(kept.0, kept.1, "seed {seed}");
            assert!(!old.is_empty() || !new.is_empty());
            changed += old.len() + new.len();
            (old_end, new_end) = (old.end, new.end);
        }
        let rest = (old_end..old_lines.len(), new_end..new_lines.len());
        assert_eq!(
            old_lines.text(rest.0),
            new_lines.text(rest.1),
            "seed {seed}"
        );
        let common = longest_common(&old_lines, &new_lines);
        assert_eq!(
            changed,
            old_lines.len() + new_lines.len() - 2 * common,
            "seed {seed}"
        );
    }
}

#[test]
fn whatever_the_budget_the_answer_is_right() {
    let mut random = Random::new(1);
    let line = |random: &mut Random| format!("{}\n", random.below(50));
    let old: String = (0..6_000).map(|_| line(&mut random)).collect();
    let new: String = (0..6_000).map(|_| line(&mut random)).collect();
    for budget in [Duration::ZERO, Duration::from_millis(20), Duration::MAX] {
        let change = diff_lines_within(&old, &new, budget);
        assert_eq!(change.apply(&old).as_ref(), Ok(&new));
    }
}

#[test]
fn long_texts_with_few_differences_keep_what_is_between_them() {
    let mut lines: Vec<String> = (0..50_000)
        .map(|number| format!("line {number};\n"))
        .collect();
    let old = lines.concat();
    lines[100] = "changed here;\n".to_owned();
    lines.insert(25_000, "new;\n".to_owned());
    lines.remove(49_000);
    let hunk = |old, new| LineHunk { old, new };
    let expected = [
        hunk(100..101, 100..101),
        hunk(25_000..25_000, 25_000..25_001),
        hunk(48_999..49_000, 49_000..49_000),
    ];
    assert_eq!(line_hunks(&old, &lines.concat()), expected);
}

#[track_caller]
fn check(old: &str, new: &str, expect: Expect) {
    let change = diff_lines(old, new);
    assert_eq!(change.apply(old).as_deref(), Ok(new));
    let mut edits = String::new();
    for Edit { range, insert } in change.edits() {
        writeln!(edits, "{range:?} {:?} -> {insert:?}", &old[range.clone()])
            .expect("a string takes all");
    }
    expect.assert_eq(&edits);
}

fn changed(random: &mut Random, text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..1 + random.below(4) {
        let start = random.range(&text).start;
        let mut end = (start + random.below(8)).min(text.len());
        while !text.is_char_boundary(end) {
            end += 1;
        }
        text.replace_range(start..end, &random.text(3));
    }
    text
}

fn few_lines(random: &mut Random) -> String {
    let mut text: String = (0..random.below(14))
        .map(|_| *random.pick(&["a\n", "b\n", "c\r\n", "\n", "d\r"]))
        .collect();
    if random.once_in(3) {
        text.push('a');
    }
    text
}

/// The length of a longest common subsequence, by the textbook's table.
fn longest_common(old: &Tokens<'_>, new: &Tokens<'_>) -> usize {
    let mut table = vec![vec![0; new.len() + 1]; old.len() + 1];
    for row in 0..old.len() {
        for column in 0..new.len() {
            table[row + 1][column + 1] = if old.get(row) == new.get(column) {
                table[row][column] + 1
            } else {
                table[row][column + 1].max(table[row + 1][column])
            };
        }
    }
    table[old.len()][new.len()]
}
