//! The tool on real files; what patterns mean is tested where they are made.

use expect_test::{Expect, expect};
use models::CallForm;
use serde_json::json;

use super::Rewrite;
use crate::{
    tool::{Decision, ToolStatus},
    tools::test_support::Bench,
};

/// The answer, then every file that has changed.
fn check(arguments: &serde_json::Value, expected: &Expect) {
    let bench = Bench::new(FILES);
    let before = bench.files();
    let output = bench.run(&Rewrite, CallForm::Function, &arguments.to_string());
    let mut text = format!("{:?}: {}\n", output.status, bench.text(&output));
    for (name, bytes) in bench.files() {
        if before.get(&name) != Some(&bytes) {
            text += &format!(
                "== {name}\n{}\n",
                String::from_utf8_lossy(&bytes).replace('\r', "␍")
            );
        }
    }
    expected.assert_eq(&text);
}

const FILES: &[(&str, &[u8])] = &[
    (
        "src/a.py",
        b"log(1, x)\nif y:\n    log(2, log(3, z))\n'log(4, z)'\n",
    ),
    ("src/b.py", b"log(1)\r\nlog(1, # why\r\n    2)\r\n"),
    ("src/c.ts", b"log(1, x as T);\n"),
    ("src/d.txt", b"log(1, 2)\n"),
    ("lib/e.py", b"log(5, 6)\n"),
];

#[test]
fn code_is_rewritten_in_the_files_that_are_named() {
    check(
        &json!({"pattern": "log($A, $B)", "replacement": "logger.log($B, level=$A)", "glob": "src/**"}),
        &expect![[r#"
            Succeeded: Rewrote log($A, $B) to logger.log($B, level=$A): 5 places in 3 files.
            M src/a.py (3)
            M src/b.py (1)
            M src/c.ts (1)
            1 comment stood within rewritten code and went with it; look at the differences.

            == src/a.py
            logger.log(x, level=1)
            if y:
                logger.log(logger.log(z, level=3), level=2)
            'log(4, z)'

            == src/b.py
            log(1)␍
            logger.log(2, level=1)␍

            == src/c.ts
            logger.log(x as T, level=1);

        "#]],
    );
    check(
        &json!({"pattern": "log($A, $B)", "replacement": "put($B, $A)", "glob": "*", "language": "TypeScript"}),
        &expect![[r#"
            Succeeded: Rewrote log($A, $B) to put($B, $A): 1 place in 1 file.
            M src/c.ts (1)

            == src/c.ts
            put(x as T, 1);

        "#]],
    );
    check(
        &json!({"pattern": "log($$$A)", "replacement": "put($$$A)", "path": "lib", "dry_run": true}),
        &expect![[r#"
            Succeeded: Rewrote log($$$A) to put($$$A): 1 place in 1 file would change; nothing was changed yet.
            M lib/e.py (1)
            Some of the places, before and after:
            lib/e.py:1: log(5, 6) → put(5, 6)

        "#]],
    );
}

#[test]
fn a_preview_shows_places_and_what_would_not_be_valid_and_changes_nothing() {
    check(
        &json!({"pattern": "log($A, $B)", "replacement": "put($B,\n    $A)", "glob": "**", "exclude": ["lib/**", "*.ts"], "preview": true}),
        &expect![[r#"
            Succeeded: Rewrote log($A, $B) to put($B,     $A): 4 places in 2 files would change; nothing was changed yet.
            M src/a.py (3)
            M src/b.py (1)
            1 comment stood within rewritten code and went with it; look at the differences.
            Some of the places, before and after:
            src/a.py:1: log(1, x) → put(x, 1)
            src/a.py:3: log(2, log(3, z)) → put(put(z, 3), 2)
            src/b.py:2: log(1, # why 2) → put(2, 1)

        "#]],
    );
    check(
        &json!({"pattern": "log($A, $B)", "replacement": "log($A", "glob": "*.py", "preview": true}),
        &expect![[r#"
            Succeeded: Rewrote log($A, $B) to log($A: 0 places in 0 files would change; nothing was changed yet.
            lib/e.py: the replacement would make a syntax error on line 1: `log(5`.
            src/a.py: the replacement would make a syntax error on line 1: `log(1`.
            src/b.py: the replacement would make a syntax error on line 2: `log(1`.

        "#]],
    );
}

#[test]
fn what_does_not_go_is_explained_and_nothing_is_changed() {
    check(
        &json!({"pattern": "log($A, $B, $C)", "replacement": "x", "glob": "*.py"}),
        &expect![[r#"
            Failed: No code in 3 files fits `log($A, $B, $C)`.
            `log` stands in code of another shape:
            lib/e.py:1: log(5, 6)
            src/a.py:1: log(1, x)
            src/a.py:3: log(2, log(3, z))
            src/b.py:1: log(1)
            src/b.py:2: log(1, # why

        "#]],
    );
    check(
        &json!({"pattern": "nothing($A)", "replacement": "x", "glob": "*.py"}),
        &expect![[r#"
            Failed: No code in 3 files fits `nothing($A)`.
            `nothing` stands in none of these files.

        "#]],
    );
    check(
        &json!({"pattern": "log($A", "replacement": "x", "glob": "*.py"}),
        &expect![[r#"
            Failed: the pattern `log($A` is no complete piece of Python code: it does not fit from character 1 on, at `log($A`.
        "#]],
    );
    check(
        &json!({"pattern": "log($A)", "replacement": "x($B)", "glob": "*.py"}),
        &expect![[r#"
            Failed: the replacement uses $B, which is not in the pattern; the pattern has $A.
        "#]],
    );
    check(
        &json!({"pattern": "log($A, $B)", "replacement": "log($A", "glob": "*.py"}),
        &expect![[r#"
            Failed: lib/e.py: the replacement would make a syntax error on line 1: `log(5`. Nothing was changed.
        "#]],
    );
    check(
        &json!({"pattern": "log($A)", "replacement": "x", "glob": "*.zig"}),
        &expect![[r#"
            Failed: No file matches. Look at the path and the glob with list_files.
        "#]],
    );
    check(
        &json!({"pattern": "log($A)", "replacement": "x", "glob": "*.txt"}),
        &expect![[r#"
            Failed: There is no language with a known structure in 1 file.
        "#]],
    );
    check(
        &json!({"pattern": "log($A)", "replacement": "x", "glob": "*.py", "language": "klingon"}),
        &expect![[r#"
            Failed: There is no language `klingon`. Known are shellscript, c, cpp, csharp, css, go, html, java, javascript, json, kotlin, lua, markdown, php, python, ruby, rust, scala, swift, toml, typescriptreact, typescript, yaml, zig.
        "#]],
    );
    check(
        &json!({"pattern": "log($A)", "replacement": "x"}),
        &expect![[r#"
            Failed: Say where: give a glob such as `src/**/*.py`, or a path.
        "#]],
    );
}

#[test]
fn a_refusal_changes_nothing() {
    let mut bench = Bench::new(FILES);
    bench.gate.decision = Decision::Deny {
        reason: Some("not now".into()),
    };
    let before = bench.files();
    let output = bench.run(
        &Rewrite,
        CallForm::Function,
        r#"{"pattern": "log($A, $B)", "replacement": "x", "glob": "*.py"}"#,
    );
    assert_eq!(
        (output.status, bench.files()),
        (ToolStatus::Declined, before)
    );
}
