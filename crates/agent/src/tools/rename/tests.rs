//! The tool on real files: by syntax, all or nothing, and against a tokenizer of its own.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use fastrand::Rng;
use models::CallForm;
use serde_json::json;

use super::Rename;
use crate::{
    ToolOutput,
    tool::{Approval, Decision, Presentation, ToolStatus},
    tools::test_support::Bench,
};

fn rename(bench: &Bench, arguments: &serde_json::Value) -> ToolOutput {
    bench.run(&Rename, CallForm::Function, &arguments.to_string())
}

/// The answer, then every file that has changed.
fn check(files: &[(&str, &[u8])], arguments: &serde_json::Value, expected: &Expect) {
    let bench = Bench::new(files);
    let before = bench.files();
    let output = rename(&bench, arguments);
    let mut text = format!("{:?}: {}\n", output.status, bench.text(&output));
    for (name, bytes) in bench.files() {
        if before.get(&name) != Some(&bytes) {
            text += &format!("== {name}\n{}\n", String::from_utf8_lossy(&bytes));
        }
    }
    expected.assert_eq(&text);
}

const FILES: &[(&str, &[u8])] = &[
    ("a.rs", b"fn old() { old(); \"old\"; older(); } // old\n"),
    ("b.py", b"from a import old\nold(old=1)\n"),
    ("README.md", b"Call `old` first, then old.\n"),
    ("other.rs", b"fn new() {}\n"),
    (".env", b"old=1"),
];

#[test]
fn names_are_renamed_and_words_are_counted() {
    check(
        FILES,
        &json!({"old": "old", "new": "fresh"}),
        &expect![[r#"
            Succeeded: Renamed old to fresh: 5 places in 2 files.
            M a.rs (2)
            M b.py (3)
            Left as it is where it is only a word in a comment, a string or other text: 4 times (README.md: 2, a.rs: 2). include_text changes these too.

            == a.rs
            fn fresh() { fresh(); "old"; older(); } // old

            == b.py
            from a import fresh
            fresh(fresh=1)

        "#]],
    );
    check(
        FILES,
        &json!({"old": "old", "new": "fresh", "glob": "*.rs"}),
        &expect![[r#"
            Succeeded: Renamed old to fresh: 2 places in 1 file.
            M a.rs (2)
            Left as it is where it is only a word in a comment, a string or other text: 2 times (a.rs: 2). include_text changes these too.

            == a.rs
            fn fresh() { fresh(); "old"; older(); } // old

        "#]],
    );
    check(
        FILES,
        &json!({"old": "old", "new": "fresh", "include_text": true}),
        &expect![[r#"
            Succeeded: Renamed old to fresh: 9 places in 3 files.
            M README.md (2)
            M a.rs (4)
            M b.py (3)

            == README.md
            Call `fresh` first, then fresh.

            == a.rs
            fn fresh() { fresh(); "fresh"; older(); } // fresh

            == b.py
            from a import fresh
            fresh(fresh=1)

        "#]],
    );
    check(
        FILES,
        &json!({"old": "old", "new": "fresh", "path": "b.py", "dry_run": true}),
        &expect![[r#"
            Succeeded: Renamed old to fresh: 3 places in 1 file would change; nothing was changed yet.
            M b.py (3)
            --- b.py
            @@ -1,2 +1,2 @@
            -from a import old
            -old(old=1)
            +from a import fresh
            +fresh(fresh=1)

        "#]],
    );
    check(
        FILES,
        &json!({"old": "old", "new": "older", "path": "a.rs"}),
        &expect![[r#"
            Succeeded: Renamed old to older: 2 places in 1 file.
            M a.rs (2)
            a.rs: older was a name there already (line 1); check that the two do not collide
            Left as it is where it is only a word in a comment, a string or other text: 2 times (a.rs: 2). include_text changes these too.

            == a.rs
            fn older() { older(); "old"; older(); } // old

        "#]],
    );
}

#[test]
fn encodings_and_line_ends_are_kept() {
    let bench = Bench::new(&[
        ("a.py", b"\xef\xbb\xbfold = 1\r\nx = old"),
        ("b.py", b"\xff\xfeo\0l\0d\0\n\0"),
        ("c.py", b"old = 'caf\xe9'\n"),
    ]);
    assert_eq!(
        rename(&bench, &json!({"old": "old", "new": "n"})).status,
        ToolStatus::Succeeded
    );
    let files: BTreeMap<String, Vec<u8>> = bench.files();
    assert_eq!(files["a.py"], b"\xef\xbb\xbfn = 1\r\nx = n");
    assert_eq!(files["b.py"], b"\xff\xfen\0\n\0");
    assert_eq!(files["c.py"], b"n = 'caf\xe9'\n");
}

#[test]
fn what_cannot_be_renamed_is_refused_and_nothing_is_changed() {
    check(
        FILES,
        &json!({"old": "old", "new": "class"}),
        &expect![[r#"
            Failed: b.py: with `class` there would be a syntax error on line 1; it seems to be no name in Python. Nothing was changed.
        "#]],
    );
    check(
        FILES,
        &json!({"old": "ode", "new": "x"}),
        &expect![[r#"
            Failed: `ode` is no identifier in 4 files.
            Similar names: old, older

        "#]],
    );
    check(
        FILES,
        &json!({"old": "old", "new": "two words"}),
        &expect![[r#"
            Failed: `two words` is not one name. Use rewrite to change code, or edit the files.
        "#]],
    );
    check(
        FILES,
        &json!({"old": "old", "new": "old"}),
        &expect![[r#"
            Failed: The old and the new name are both `old`; there is nothing to do.
        "#]],
    );
    check(
        FILES,
        &json!({"old": "old", "new": "x", "path": "README.md"}),
        &expect![[r#"
            Failed: `old` is no identifier in 1 file.
            Left as it is where it is only a word in a comment, a string or other text: 2 times (README.md: 2). include_text changes these too.

        "#]],
    );
    check(
        FILES,
        &json!({"old": "old", "new": "x", "path": ".env"}),
        &expect![[r#"
            Failed: .env is not accessible: it may hold secrets (built-in pattern `.env*`).
        "#]],
    );
    check(
        FILES,
        &json!({"old": "old"}),
        &expect![[r#"
        Failed: The arguments of rename could not be read: missing field `new`.
        Expected: an object with new (string, required), old (string, required), dry_run (boolean), glob (string), include_text (boolean), path (string).
        Example: {"old": "parse_cfg", "new": "parse_config", "glob": "src/**/*.rs"}
    "#]],
    );
}

#[test]
fn the_change_is_asked_for_with_differences_and_shown_again() {
    let mut bench = Bench::new(FILES);
    let output = rename(
        &bench,
        &json!({"old": "old", "new": "fresh", "path": "a.rs"}),
    );
    let asked = bench.gate.asked.lock().unwrap().clone();
    let [Approval::ChangeFiles { changes }] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    expect![[r#"
        @@ -1 +1 @@
        -fn old() { old(); "old"; older(); } // old
        +fn fresh() { fresh(); "old"; older(); } // old
    "#]]
    .assert_eq(&changes[0].diff);
    assert_eq!(
        output.presentation,
        Some(Presentation::FileChanges {
            changes: changes.clone()
        })
    );
    bench.gate.decision = Decision::Deny { reason: None };
    let files = bench.files();
    let output = rename(&bench, &json!({"old": "fresh", "new": "x"}));
    assert_eq!(
        (output.status, bench.files()),
        (ToolStatus::Declined, files)
    );
}

/// Pieces of JavaScript with what renaming `a` to `Z` makes of each, told by construction and not by a parser.
const PIECES: &[(&str, &str)] = &[
    ("a", "Z"),
    ("a.a", "Z.Z"),
    ("aa", "aa"),
    ("b", "b"),
    ("$a", "$a"),
    ("'a'", "'a'"),
    ("\"a // a\"", "\"a // a\""),
    ("`a${a}a`", "`a${Z}a`"),
    ("/a/g", "/a/g"),
    ("{ a: 1 }.a", "{ Z: 1 }.Z"),
    ("{ a }", "{ Z }"),
    ("f(a, 'a')", "f(Z, 'a')"),
    ("(a => a /* a */)", "(Z => Z /* a */)"),
    (
        "class { a() { return this.a } }",
        "class { Z() { return this.Z } }",
    ),
    ("function a(a) { return a }", "function Z(Z) { return Z }"),
];

#[test]
fn random_programs_are_renamed_as_told_by_their_making() {
    for seed in 0..60 {
        let mut random = Rng::with_seed(seed);
        let (mut before, mut after) = (String::new(), String::new());
        for number in 0..random.usize(1..30) {
            let (old, new) = PIECES[random.usize(..PIECES.len())];
            let (start, end) = [
                (format!("let x{number} = ("), ");\n"),
                (format!("y{number}("), ") // a\n"),
                ("if (c) z = [".to_owned(), "]\r\n"),
            ][random.usize(..3)]
            .clone();
            before += &format!("{start}{old}{end}");
            after += &format!("{start}{new}{end}");
        }
        let bench = Bench::new(&[("x.js", before.as_bytes())]);
        let output = rename(&bench, &json!({"old": "a", "new": "Z"}));
        assert_eq!(bench.file("x.js"), after, "{seed}: {}", bench.text(&output));
    }
}
