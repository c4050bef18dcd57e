//! The tool on real folders, small and large.

use expect_test::{Expect, expect};
use models::CallForm;
use serde_json::json;

use super::ListFiles;
use crate::tools::test_support::Bench;

fn check(bench: &Bench, arguments: &serde_json::Value, expected: &Expect) {
    let output = bench.run(&ListFiles, CallForm::Function, &arguments.to_string());
    expected.assert_eq(&format!("{:?}: {}\n", output.status, bench.text(&output)));
}

#[test]
fn the_tree_leaves_out_what_is_ignored_and_secret() {
    let bench = Bench::new(&[
        (".gitignore", b"target/\n*.log\n"),
        ("Cargo.toml", b""),
        ("src/main.rs", b""),
        ("src/deep/er/a.rs", b""),
        ("src/deep/b.ts", b""),
        ("target/debug/x", b""),
        ("x.log", b""),
        (".env", b"secret"),
    ]);
    check(
        &bench,
        &json!({}),
        &expect![[r#"
        Succeeded: ./
          .gitignore
          Cargo.toml
          src/
            deep/
              b.ts
              er/
                a.rs
            main.rs

    "#]],
    );
    check(
        &bench,
        &json!({"depth": 1}),
        &expect![[r#"
        Succeeded: ./
          .gitignore
          Cargo.toml
          src/

    "#]],
    );
    check(
        &bench,
        &json!({"glob": "*.{rs,ts}", "path": "src"}),
        &expect![[r#"
            Succeeded: src/
              deep/
                b.ts
                er/
                  a.rs
              main.rs

        "#]],
    );
    check(
        &bench,
        &json!({"glob": "*.zig"}),
        &expect![[r#"
        Succeeded: ./
        No file matches the glob.

    "#]],
    );
    check(
        &bench,
        &json!({"path": "target"}),
        &expect![[r#"
        Succeeded: target/
          debug/
            x

    "#]],
    );
    check(
        &bench,
        &json!({"path": "sorce"}),
        &expect![[r#"
            Failed: sorce does not exist. Similar names: src
        "#]],
    );
    check(
        &bench,
        &json!({"path": ".git"}),
        &expect![[r#"
        Failed: .git is not accessible: it belongs to version control (`.git`).
    "#]],
    );
    check(
        &bench,
        &json!({"glob": "a{"}),
        &expect![[r#"
        Failed: the pattern `a{` is no valid glob: error parsing glob 'a{': unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?).
    "#]],
    );
}

#[test]
fn what_does_not_fit_is_counted() {
    let names: Vec<String> = (0..60)
        .map(|number| format!("d{}/e{}/f{number}", number % 3, number % 2))
        .collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let bench = Bench::new(&files);
    check(
        &bench,
        &json!({"limit": 12}),
        &expect![[r#"
        Succeeded: ./
          d0/
            e0/ (10 files)
            e1/ (10 files)
          d1/
            e0/ (10 files)
            e1/ (10 files)
          d2/
            e0/ (10 files)
            e1/ (10 files)
        [60 entries are not shown. Give a path, a glob or a larger limit.]

    "#]],
    );
    check(
        &bench,
        &json!({"limit": 2}),
        &expect![[r#"
        Succeeded: ./
          d0/ (20 files)
          d1/ (20 files)
        [67 entries are not shown. Give a path, a glob or a larger limit.]

    "#]],
    );
    check(
        &bench,
        &json!({"path": "d0/e0", "limit": 4}),
        &expect![[r#"
            Succeeded: d0/e0/
              f0
              f12
              f18
              f24
            [6 entries are not shown. Give a path, a glob or a larger limit.]

        "#]],
    );
}
