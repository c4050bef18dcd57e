//! The tool on real files, and against a naive scan.

use std::fmt::Write;

use expect_test::{Expect, expect};
use fastrand::Rng;
use models::CallForm;
use serde_json::json;

use super::{MOST_OF_ONE_FILE, Search};
use crate::{tool::ToolStatus, tools::test_support::Bench};

fn check(bench: &Bench, arguments: &serde_json::Value, expected: &Expect) {
    let output = bench.run(&Search, CallForm::Function, &arguments.to_string());
    expected.assert_eq(&format!("{:?}: {}\n", output.status, bench.text(&output)));
}

fn bench() -> Bench {
    Bench::new(&[
        (
            "src/a.rs",
            b"fn one() {}\nfn two() {\n    one();\n}\n// Last One\n",
        ),
        ("src/b.py", b"def one(): pass\n"),
        ("docs/c.md", b"one.\n"),
        (".env", b"one=secret"),
        ("image", b"one\0"),
        ("wide.js", &[b'1'; 900]),
    ])
}

#[test]
fn lines_are_grouped_by_file() {
    let bench = bench();
    check(
        &bench,
        &json!({"pattern": "one"}),
        &expect![[r#"
            Succeeded: docs/c.md
            1: one.
            src/a.rs
            1: fn one() {}
            3:     one();
            src/b.py
            1: def one(): pass
            [1 file not searched: binary, too large or not readable]

        "#]],
    );
    check(
        &bench,
        &json!({"pattern": "fn \\w+\\(", "glob": "*.rs"}),
        &expect![[r#"
            Succeeded: src/a.rs
            1: fn one() {}
            2: fn two() {

        "#]],
    );
    check(
        &bench,
        &json!({"pattern": "one()", "literal": true, "context": 1, "path": "src"}),
        &expect![[r#"
            Succeeded: src/a.rs
            1: fn one() {}
            2- fn two() {
            3:     one();
            4- }
            src/b.py
            1: def one(): pass

        "#]],
    );
    check(
        &bench,
        &json!({"pattern": "one", "case": "insensitive", "mode": "count"}),
        &expect![[r#"
            Succeeded: docs/c.md: 1
            src/a.rs: 3
            src/b.py: 1
            [5 lines in 3 files]
            [1 file not searched: binary, too large or not readable]

        "#]],
    );
    check(
        &bench,
        &json!({"pattern": "one", "mode": "files", "limit": 2}),
        &expect![[r#"
            Succeeded: docs/c.md
            src/a.rs
            [There is more: the limit is reached after 2 lines in 2 files. Narrow the pattern, give a path or a glob, or ask for a larger limit.]

        "#]],
    );
    check(
        &bench,
        &json!({"pattern": "one", "limit": 2}),
        &expect![[r#"
            Succeeded: docs/c.md
            1: one.
            src/a.rs
            1: fn one() {}
              [more in this file: search it alone with a narrower pattern, or read it]
            [There is more: the limit is reached after 2 lines in 2 files. Narrow the pattern, give a path or a glob, or ask for a larger limit.]

        "#]],
    );
    check(
        &bench,
        &json!({"pattern": "1+", "path": "wide.js", "limit": 1}),
        &expect![[r#"
            Succeeded: wide.js
            1: 111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111… (600 more bytes)

        "#]],
    );
}

#[test]
fn no_match_and_no_pattern_are_explained() {
    let bench = bench();
    check(
        &bench,
        &json!({"pattern": "ONE"}),
        &expect![[r#"
            Succeeded: No match for `ONE` in 4 files.
            With case `insensitive` there are matches, for example in docs/c.md.
            [1 file not searched: binary, too large or not readable]

        "#]],
    );
    check(
        &bench,
        &json!({"pattern": "zebra", "glob": "*.zig"}),
        &expect![[r#"
            Succeeded: No match for `zebra` in 0 files.
            No file was searched: look at the path and the glob. Ignored and hidden files are passed by.

        "#]],
    );
    check(
        &bench,
        &json!({"pattern": "one("}),
        &expect![[r#"
            Failed: The pattern cannot be searched for: regex parse error:
                one(
                   ^
            error: unclosed group
            To look for it as plain text, set literal to true; in an expression, put \ before . ( ) [ ] { } * + ? | ^ $ \
        "#]],
    );
    check(
        &bench,
        &json!({"pattern": "a\nb", "literal": true}),
        &expect![[r#"
            Failed: the pattern `a
            b` cannot be searched for: it has a line break, and lines are searched one by one.
            Look for a part that stands on one line.
        "#]],
    );
    check(
        &bench,
        &json!({"pattern": ""}),
        &expect![[r#"
        Failed: `pattern` is empty; it would match every line.
    "#]],
    );
    check(
        &bench,
        &json!({"pattern": "x", "path": "scr"}),
        &expect![[r#"
            Failed: scr does not exist. Similar names: src
        "#]],
    );
    check(
        &bench,
        &json!({"query": 1}),
        &expect![[r#"
        Failed: The arguments of search could not be read: `query`: invalid type: integer `1`, expected a string.
        Expected: an object with pattern (string, required), case ("sensitive" or "insensitive" or "smart"), context (integer), glob (string), limit (integer), literal (boolean), mode ("content" or "files" or "count"), path (string).
        Example: {"pattern": "fn \\w+_test", "glob": "*.rs", "context": 2}
    "#]],
    );
}

#[test]
fn what_is_found_is_what_a_naive_scan_finds() {
    for seed in 0..25 {
        let mut random = Rng::with_seed(seed);
        let words = ["ab", "b a", "aab", "", "c", "ba"];
        let files: Vec<(String, String)> = (0..random.usize(1..12))
            .map(|number| {
                let lines = (0..random.usize(..30)).map(|_| words[random.usize(..words.len())]);
                (
                    format!("d{}/f{number:02}", number % 2),
                    lines.collect::<Vec<_>>().join("\n"),
                )
            })
            .collect();
        let given: Vec<(&str, &[u8])> = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_bytes()))
            .collect();
        let bench = Bench::new(&given);
        let output = bench.run(
            &Search,
            CallForm::Function,
            &json!({"pattern": "ab", "limit": 1000}).to_string(),
        );
        assert_eq!(output.status, ToolStatus::Succeeded);
        let mut files = files;
        files.sort();
        let mut expected = String::new();
        for (name, text) in &files {
            let lines: Vec<(usize, &str)> = text
                .lines()
                .enumerate()
                .filter(|(_, line)| line.contains("ab"))
                .collect();
            assert!(lines.len() <= MOST_OF_ONE_FILE);
            if !lines.is_empty() {
                writeln!(expected, "{name}").unwrap();
            }
            for (number, line) in lines {
                writeln!(expected, "{}: {line}", number + 1).unwrap();
            }
        }
        if expected.is_empty() {
            assert!(
                bench.text(&output).starts_with("No match for `ab`"),
                "{seed}"
            );
        } else {
            assert_eq!(bench.text(&output), expected, "{seed}");
        }
    }
}

#[test]
fn one_file_does_not_fill_the_answer_and_an_interrupt_ends_it() {
    let many = "hit\n".repeat(400);
    let bench = Bench::new(&[("a", many.as_bytes()), ("b", b"hit\n")]);
    let text = bench.text(&bench.run(&Search, CallForm::Function, r#"{"pattern": "hit"}"#));
    assert_eq!(text.matches(": hit").count(), MOST_OF_ONE_FILE + 1);
    assert!(
        text.contains("more in this file") && text.contains("\nb\n1: hit"),
        "{text}"
    );
    bench.cancel.set();
    let output = bench.run(&Search, CallForm::Function, r#"{"pattern": "hit"}"#);
    assert_eq!(output.status, ToolStatus::Interrupted);
}
