//! The tool on real files.

use expect_test::{Expect, expect};
use models::CallForm;
use serde_json::json;

use super::FindSymbol;
use crate::{tool::ToolStatus, tools::test_support::Bench};

fn check(bench: &Bench, arguments: &serde_json::Value, expected: &Expect) {
    let output = bench.run(&FindSymbol, CallForm::Function, &arguments.to_string());
    expected.assert_eq(&format!("{:?}: {}\n", output.status, bench.text(&output)));
}

fn bench() -> Bench {
    Bench::new(&[
        ("src/a.rs", b"pub struct Config;\nimpl Config {\n    pub fn load() -> Self {\n        load()\n    }\n}\nfn load() {}\n"),
        ("src/b.py", b"class Loader:\n    def load(self):\n        return 'load'\n\ndef reload_all(): pass\n"),
        ("src/c.js", b"const load = () => 1;\nfunction LOAD() {}\n"),
        ("notes.md", b"Call load first.\n"),
        (".env", b"load=1"),
    ])
}

#[test]
fn exact_names_come_alone() {
    let bench = bench();
    check(
        &bench,
        &json!({"name": "load"}),
        &expect![[r#"
        Succeeded: src/a.rs:3-5 method load of Config: pub fn load() -> Self {
        src/a.rs:7 function load: fn load() {}
        src/b.py:2-3 method load of Loader: def load(self):
        src/c.js:1 function load: const load = () => 1;

    "#]],
    );
    check(
        &bench,
        &json!({"name": "load", "kind": "method"}),
        &expect![[r#"
            Succeeded: src/a.rs:3-5 method load of Config: pub fn load() -> Self {
            src/b.py:2-3 method load of Loader: def load(self):

        "#]],
    );
    check(
        &bench,
        &json!({"name": "Config::load()"}),
        &expect![[r#"
            Succeeded: src/a.rs:3-5 method load of Config: pub fn load() -> Self {

        "#]],
    );
    check(
        &bench,
        &json!({"name": "load", "glob": "*.js"}),
        &expect![[r#"
            Succeeded: src/c.js:1 function load: const load = () => 1;

        "#]],
    );
    check(
        &bench,
        &json!({"name": "Config", "references": true}),
        &expect![[r#"
            Succeeded: src/a.rs:1 struct Config: pub struct Config;

            Lines with `Config` as a word, definitions, comments and strings included:
            src/a.rs
            1: pub struct Config;
            2: impl Config {

        "#]],
    );
}

#[test]
fn without_an_exact_name_similar_ones_are_given() {
    let bench = bench();
    check(
        &bench,
        &json!({"name": "config"}),
        &expect![[r#"
        Succeeded: No definition of `config`; similar names:
        src/a.rs:1 struct Config: pub struct Config;

    "#]],
    );
    check(
        &bench,
        &json!({"name": "Load"}),
        &expect![[r#"
        Succeeded: No definition of `Load`; similar names:
        src/a.rs:3-5 method load of Config: pub fn load() -> Self {
        src/a.rs:7 function load: fn load() {}
        src/b.py:2-3 method load of Loader: def load(self):
        src/c.js:1 function load: const load = () => 1;
        src/c.js:2 function LOAD: function LOAD() {}
        src/b.py:1-3 class Loader: class Loader:
        src/b.py:5 function reload_all: def reload_all(): pass

    "#]],
    );
    check(
        &bench,
        &json!({"name": "zebra"}),
        &expect![[r#"
        Succeeded: No definition of `zebra` was found. Try a part of the name, leave out the kind or what it belongs to, or use search.

    "#]],
    );
    check(
        &bench,
        &json!({"name": "Loader.reload"}),
        &expect![[r#"
        Succeeded: No definition of `reload` in Loader was found. Try a part of the name, leave out the kind or what it belongs to, or use search.

    "#]],
    );
    check(
        &bench,
        &json!({"name": "load", "kind": "verb"}),
        &expect![[r#"
            Failed: There is no kind `verb`. Kinds are class, constant, enum, field, function, interface, macro, member, method, module, section, struct, type, variable.
        "#]],
    );
    check(
        &bench,
        &json!({"name": "two words"}),
        &expect![[r#"
        Failed: `two words` is no name. Give one name, such as parse or Config.parse; use search for other text.
    "#]],
    );
}

#[test]
fn an_interrupt_ends_it() {
    let bench = bench();
    bench.cancel.set();
    let output = bench.run(&FindSymbol, CallForm::Function, r#"{"name": "load"}"#);
    assert_eq!(output.status, ToolStatus::Interrupted);
}
