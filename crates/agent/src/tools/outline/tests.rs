//! The tool on real files.

use expect_test::{Expect, expect};
use models::CallForm;
use serde_json::json;

use super::Outline;
use crate::tools::test_support::Bench;

fn check(bench: &Bench, path: &str, expected: &Expect) {
    let output = bench.run(
        &Outline,
        CallForm::Function,
        &json!({ "path": path }).to_string(),
    );
    expected.assert_eq(&format!("{:?}: {}\n", output.status, bench.text(&output)));
}

#[test]
fn definitions_are_nested_with_their_lines() {
    let bench = Bench::new(&[
        ("a.rs", b"mod inner {\n    pub struct Rope<T> {\n        strands: Vec<T>,\n    }\n\n    impl<T> Rope<T> {\n        #[must_use]\n        pub fn new(\n            count: usize,\n        ) -> Self {\n            todo()\n        }\n    }\n}\n\nimpl Clone for Rope {\n    fn clone(&self) {}\n}\n"),
        ("b.py", b"class A:\n    x = 1\n    def f(self):\n        def g(): pass\n\ndef h(): pass\n"),
        ("c.md", b"# One\n\n## Two\n\ntext\n"),
        ("d.xyz", b""),
        ("e.rs", b"// nothing\n"),
        ("dir/f.rs", b""),
    ]);
    check(
        &bench,
        "a.rs",
        &expect![[r#"
        Succeeded: a.rs (Rust)
        1-14 module inner: mod inner {
          2-4 struct Rope: pub struct Rope<T> {
            3 field strands: strands: Vec<T>,
          8-12 method new: pub fn new(
        17 method clone of Rope: fn clone(&self) {}

    "#]],
    );
    check(
        &bench,
        "b.py",
        &expect![[r#"
        Succeeded: b.py (Python)
        1-4 class A: class A:
          2 field x: x = 1
          3-4 method f: def f(self):
            4 function g: def g(): pass
        6 function h: def h(): pass

    "#]],
    );
    check(
        &bench,
        "c.md",
        &expect![[r#"
        Succeeded: c.md (Markdown)
        1 section One: # One
        3 section Two of One: ## Two

    "#]],
    );
    check(
        &bench,
        "d.xyz",
        &expect![[r#"
        Failed: d.xyz is in no language with a known structure. Use search or read_file.
    "#]],
    );
    check(
        &bench,
        "e.rs",
        &expect![[r#"
        Succeeded: e.rs (Rust) defines nothing that has a name.
    "#]],
    );
    check(
        &bench,
        "dir",
        &expect![[r#"
        Failed: dir is a folder. Name a file, or use find_symbol or list_files.
    "#]],
    );
    check(
        &bench,
        "missing.rs",
        &expect![[r#"
        Failed: missing.rs does not exist. Look around with list_files.
    "#]],
    );
}

#[test]
fn a_large_outline_is_bounded_and_says_what_is_missing() {
    let members: String = (0..4_000)
        .map(|number| format!("    fn method_{number}(&self) {{}}\n"))
        .collect();
    let bench = Bench::new(&[(
        "large.rs",
        format!("trait T {{\n{members}}}\nfn last() {{}}\n").as_bytes(),
    )]);
    check(
        &bench,
        "large.rs",
        &expect![[r#"
        Succeeded: large.rs (Rust)
        1-4002 interface T: trait T {
        4003 function last: fn last() {}
        [4000 definitions within these are not shown. Read the lines you need.]

    "#]],
    );
}
