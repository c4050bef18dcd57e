//! The tool on real files of every kind.

use expect_test::{Expect, expect};
use fastrand::Rng;
use models::CallForm;
use serde_json::json;

use super::ReadFile;
use crate::{tool::ToolStatus, tools::test_support::Bench};

fn check(bench: &Bench, arguments: &serde_json::Value, expected: &Expect) {
    let output = bench.run(&ReadFile, CallForm::Function, &arguments.to_string());
    expected.assert_eq(&format!("{:?}: {}\n", output.status, bench.text(&output)));
}

#[test]
fn lines_have_their_numbers_and_ranges_are_kept() {
    let bench = Bench::new(&[
        ("a/b.txt", b"one\ntwo\nthree\nfour"),
        ("crlf", b"x\r\ny\r\n"),
        ("empty", b""),
    ]);
    check(
        &bench,
        &json!({"path": "a/b.txt"}),
        &expect![[r#"
        Succeeded: a/b.txt (4 lines)
        1	one
        2	two
        3	three
        4	four

    "#]],
    );
    check(
        &bench,
        &json!({"path": "a/b.txt", "start_line": 2, "end_line": 3}),
        &expect![[r#"
            Succeeded: a/b.txt (lines 2-3 of 4)
            2	two
            3	three

        "#]],
    );
    check(
        &bench,
        &json!({"path": "./a/../a/b.txt", "start_line": 3, "limit": 1}),
        &expect![[r#"
            Succeeded: a/b.txt (lines 3-3 of 4)
            3	three

        "#]],
    );
    check(
        &bench,
        &json!({"path": "a/b.txt", "start_line": 9}),
        &expect![[r#"
            Failed: a/b.txt has 4 lines, so there is none at start_line 9.
        "#]],
    );
    check(
        &bench,
        &json!({"path": "a/b.txt", "start_line": 3, "end_line": 2}),
        &expect![[r#"
            Failed: end_line 2 is before start_line 3; nothing was read.
        "#]],
    );
    check(
        &bench,
        &json!({"path": "crlf"}),
        &expect![[r#"
        Succeeded: crlf (2 lines, lines end with CR LF)
        1	x
        2	y

    "#]],
    );
    check(
        &bench,
        &json!({"path": "empty"}),
        &expect![[r#"
        Succeeded: empty is empty.
    "#]],
    );
}

#[test]
fn what_is_no_text_or_not_there_is_said() {
    let bench = Bench::new(&[
        ("logo.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("blob", b"\0\x01\x02"),
        ("latin", b"caf\xe9\n"),
        ("utf16", b"\xff\xfeh\0i\0\n\0"),
        ("marked", b"\xef\xbb\xbfhi\n"),
        (".env", b"KEY=very-secret"),
        ("src/parser.rs", b"fn f() {}\n"),
        ("src/lexer/mod.rs", b""),
    ]);
    for (path, expected) in [
        (
            "logo.png",
            expect![[r#"
            Failed: logo.png is a PNG picture of 16 bytes, not text. Use view_image to look at it.
        "#]],
        ),
        (
            "blob",
            expect![[r#"
            Failed: blob is a binary file of 3 bytes, not text. Look at it with a command, for example `xxd` or `strings`.
        "#]],
        ),
        (
            "latin",
            expect![[r#"
            Succeeded: latin (1 line, not UTF-8, read as Windows-1252)
            1	café

        "#]],
        ),
        (
            "utf16",
            expect![[r#"
            Succeeded: utf16 (1 line, UTF-16)
            1	hi

        "#]],
        ),
        (
            "marked",
            expect![[r#"
            Succeeded: marked (1 line, UTF-8 with a byte order mark)
            1	hi

        "#]],
        ),
        (
            ".env",
            expect![[r#"
            Failed: .env is not accessible: it may hold secrets (built-in pattern `.env*`).
        "#]],
        ),
        (
            "parsers.rs",
            expect![[r#"
            Failed: parsers.rs does not exist. Similar names: src/parser.rs
        "#]],
        ),
        (
            "zebra",
            expect![[r#"
            Failed: zebra does not exist. Look around with list_files.
        "#]],
        ),
        (
            "src",
            expect![[r#"
            Succeeded: src/
              lexer/
              parser.rs

        "#]],
        ),
        (
            "../outside",
            expect![[r#"
            Failed: /outside is not accessible: it is outside the workspace's folders.
        "#]],
        ),
    ] {
        check(&bench, &json!({ "path": path }), &expected);
    }
}

#[test]
fn a_long_answer_is_cut_and_goes_on_where_it_says() {
    // Lines that tell their number, some very long.
    let mut random = Rng::with_seed(3);
    let lines: Vec<String> = (1..=5_000)
        .map(|number| {
            format!(
                "{number}:{}",
                "x".repeat(if random.u8(..20) == 0 {
                    random.usize(..5_000)
                } else {
                    random.usize(..60)
                })
            )
        })
        .collect();
    let bench = Bench::new(&[("long", lines.join("\n").as_bytes())]);
    let mut start = 1;
    let mut seen = Vec::new();
    loop {
        let output = bench.run(
            &ReadFile,
            CallForm::Function,
            &json!({"path": "long", "start_line": start}).to_string(),
        );
        assert_eq!(output.status, ToolStatus::Succeeded);
        let text = bench.text(&output);
        assert!(text.len() < 50_000, "{}", text.len());
        for line in text.lines().filter(|line| line.contains('\t')) {
            let (number, line) = line.split_once('\t').unwrap();
            let whole = &lines[seen.len()];
            assert_eq!(number.parse::<usize>().unwrap(), seen.len() + 1);
            assert!(
                whole == line || whole.starts_with(line.split('…').next().unwrap()),
                "{line}"
            );
            seen.push(number.to_owned());
        }
        let Some((_, next)) = text.rsplit_once("Go on with start_line ") else {
            break;
        };
        start = next.trim_end_matches(".]\n").parse().unwrap();
        assert_eq!(start, seen.len() + 1);
    }
    assert_eq!(seen.len(), 5_000);
}
