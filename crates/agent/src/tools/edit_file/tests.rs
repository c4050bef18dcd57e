//! The tool on real folders.

use expect_test::{Expect, expect};
use fastrand::Rng;
use models::CallForm;
use serde_json::json;

use crate::{tool::ToolStatus, tools::test_support::Bench};

use super::{
    EditFile,
    replace::{Count, Replacement, replace},
};

/// Edits the file `a`, which holds `before`; shows the answer and, if that has changed, the file.
fn check(before: &str, arguments: &serde_json::Value, expected: &Expect) {
    let bench = Bench::new(&[("a", before.as_bytes())]);
    let files = bench.files();
    let output = bench.run(&EditFile, CallForm::Function, &arguments.to_string());
    let mut shown = bench.text(&output) + "\n";
    if bench.files() != files {
        assert_eq!(output.status, ToolStatus::Succeeded);
        shown.push_str(&format!("{:?}\n", bench.file("a")));
    }
    expected.assert_eq(&shown);
}

#[test]
fn replaces_the_only_occurrence() {
    check(
        "one\ntwo\nthree\n",
        &json!({"path": "a", "old_string": "two\nth", "new_string": "2\nTH"}),
        &expect![[r#"
            Updated a at line 2.
            "one\n2\nTHree\n"
        "#]],
    );
}

#[test]
fn several_occurrences_are_refused_or_all_replaced() {
    check(
        "x\ny\nx = x\n",
        &json!({"path": "a", "old_string": "x", "new_string": "z"}),
        &expect![[r#"
            edit_file failed: `old_string` stands 3 times in a, at lines 1, 3 and 3. Give more of the text around the one that is meant, or set `replace_all` to true.
            Nothing was changed.
        "#]],
    );
    check(
        "x\ny\nx = x\n",
        &json!({"path": "a", "old_string": "x", "new_string": "z", "replace_all": true}),
        &expect![[r#"
            Updated a in 3 places, at lines 1, 3 and 3.
            "z\ny\nz = z\n"
        "#]],
    );
}

#[test]
fn what_is_not_there_is_answered_with_what_is() {
    check(
        "fn main() {\n    let total = sum(&items);\n    show(total);\n}\n",
        &json!({"path": "a", "old_string": "let total = sum(items);", "new_string": "x"}),
        &expect![[r#"
            edit_file failed: `old_string` does not stand in a.
            The most similar text there is line 2:
            2:     let total = sum(&items);
            Nothing was changed.
        "#]],
    );
    check(
        "fn main() {}\n",
        &json!({"path": "a", "old_string": "nothing like it", "new_string": "x"}),
        &expect![[r#"
            edit_file failed: `old_string` does not stand in a.
            Nothing was changed.
        "#]],
    );
}

#[test]
fn returns_are_those_of_the_file() {
    check(
        "one\r\ntwo\r\nthree",
        &json!({"path": "a", "old_string": "one\ntwo\n", "new_string": "1\n2\n2.5\n"}),
        &expect![[r#"
            Updated a at line 1.
            "1\r\n2\r\n2.5\r\nthree"
        "#]],
    );
    check(
        "one\r\ntwo\r\n",
        &json!({"path": "a", "old_string": "two", "new_string": "2\n3"}),
        &expect![[r#"
            Updated a at line 2.
            "one\r\n2\r\n3\r\n"
        "#]],
    );
    check(
        "one\r\ntwo\r\n",
        &json!({"path": "a", "old_string": "one\r\n", "new_string": "one\n"}),
        &expect![[r#"
            Updated a at line 1.
            "one\ntwo\r\n"
        "#]],
    );
    check(
        "one\ntwo\r\nthree\n",
        &json!({"path": "a", "old_string": "one\ntwo", "new_string": "1\n2"}),
        &expect![[r#"
            Updated a at line 1.
            "1\n2\r\nthree\n"
        "#]],
    );
}

#[test]
fn an_empty_old_text_makes_a_file() {
    check(
        "",
        &json!({"path": "a", "old_string": "", "new_string": "x\n"}),
        &expect![[r#"
            Updated a at line 1.
            "x\n"
        "#]],
    );
    check(
        "there\n",
        &json!({"path": "a", "old_string": "", "new_string": "x\n"}),
        &expect![[r#"
            edit_file failed: a exists and is not empty: say in `old_string` what is to be replaced.
            Nothing was changed.
        "#]],
    );
    let bench = Bench::new(&[]);
    let arguments = json!({"path": "new/b", "old_string": "", "new_string": "x\n"});
    let output = bench.run(&EditFile, CallForm::Function, &arguments.to_string());
    assert_eq!(bench.text(&output), "Created new/b.");
    assert_eq!(bench.file("new/b"), "x\n");
}

#[test]
fn what_cannot_be_edited_is_refused() {
    let arguments = [
        json!({"path": "missing", "old_string": "x", "new_string": "y"}),
        json!({"path": "a", "old_string": "x", "new_string": "x"}),
        json!({"path": "binary", "old_string": "x", "new_string": "y"}),
        json!({"path": "latin", "old_string": "f", "new_string": "五"}),
        json!({"path": "../outside", "old_string": "", "new_string": "y"}),
        json!({"path": "", "old_string": "", "new_string": "y"}),
        json!({"path": "a", "old_string": "x"}),
    ];
    let mut answers = String::new();
    for arguments in arguments {
        let bench = Bench::new(&[("a", b"x\n"), ("binary", b"\0"), ("latin", b"f\xFC\n")]);
        let files = bench.files();
        let output = bench.run(&EditFile, CallForm::Function, &arguments.to_string());
        assert_eq!(output.status, ToolStatus::Failed);
        assert_eq!(bench.files(), files);
        answers.push_str(&format!("{}\n", bench.text(&output)));
    }
    expect![[r#"
        edit_file failed: missing does not exist. To make it, give an empty `old_string`.
        Nothing was changed.
        edit_file failed: `old_string` and `new_string` are the same, so there is nothing to do.
        Nothing was changed.
        edit_file failed: binary cannot be edited: it is a binary file.
        Nothing was changed.
        edit_file failed: latin cannot be edited: it is encoded as Windows-1252, which has no character '五'; use others, or convert the file to UTF-8 first.
        Nothing was changed.
        edit_file failed: /outside is outside the workspace; use a path below /w
        Nothing was changed.
        edit_file failed: /w is not a regular file
        Nothing was changed.
        The arguments of edit_file could not be read: missing field `new_string`.
        Expected: an object with new_string (string, required), old_string (string, required), path (string, required), replace_all (boolean).
        Example: {"path": "src/app.py", "old_string": "    return 1\n", "new_string": "    return 2\n"}
    "#]].assert_eq(&answers);
}

/// In a file with one kind of line break, an edit is the edit of the file with the other kind.
#[test]
fn line_breaks_make_no_difference() {
    for seed in 0..500 {
        let mut random = Rng::with_seed(seed);
        let pieces = ["a", "b", "\n", "\n", "ab", "é"];
        let mut text = |length: usize| -> String {
            (0..random.usize(1..length))
                .map(|_| pieces[random.usize(0..pieces.len())])
                .collect()
        };
        let (file, old, new) = (text(30), text(4), text(5));
        if old == new {
            continue;
        }
        let replacement = Replacement {
            old: &old,
            new: &new,
            count: Count::All,
        };
        let with_returns = |text: &str| text.replace('\n', "\r\n");
        let plain = replace("a", &file, &replacement);
        let returned = replace("a", &with_returns(&file), &replacement);
        match (plain, returned) {
            (Ok(plain), Ok(returned)) => {
                assert_eq!(plain.text, file.replace(&old, &new), "seed {seed}");
                // A file without line breaks does not say of which kind they are.
                if file.contains('\n') {
                    assert_eq!(returned.text, with_returns(&plain.text), "seed {seed}");
                }
                assert_eq!(plain.line_numbers, returned.line_numbers, "seed {seed}");
            }
            (plain, returned) => {
                assert!(plain.is_err() && returned.is_err(), "seed {seed}");
                assert!(!file.contains(&old), "seed {seed}");
            }
        }
    }
}
