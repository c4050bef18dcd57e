//! The tool on real files, with reports as an editor would have them.

use std::sync::Arc;

use expect_test::{Expect, expect};
use serde_json::json;

use super::*;
use crate::tools::test_support::Bench;
use crate::world::{Place, Severity};

#[derive(Debug)]
struct Reported(Vec<FileDiagnostics>);

impl DiagnosticsSource for Reported {
    fn reports(&self, path: Option<&Path>) -> Vec<FileDiagnostics> {
        let is_wanted = |file: &&FileDiagnostics| path.is_none_or(|path| file.path == path);
        self.0.iter().filter(is_wanted).cloned().collect()
    }
}

fn report(path: &Path, line: u32, severity: Severity, message: &str) -> Diagnostic {
    Diagnostic {
        path: path.to_path_buf(),
        place: Place { line, column: 5 },
        severity,
        source: Some("rustc".into()),
        message: message.into(),
    }
}

fn check(bench: &Bench, reports: Vec<FileDiagnostics>, path: Option<&str>, expected: &Expect) {
    let tool = Diagnostics::new(Arc::new(Reported(reports)));
    let output = bench.call(&tool, &json!({ "path": path }).to_string());
    expected.assert_eq(&bench.text(&output));
}

fn bench() -> Bench {
    Bench::new(&[
        ("a.rs", b"fn a() {}\n"),
        ("b.rs", b"fn b() {}\n"),
        (".env", b"K=1\n"),
    ])
}

fn reports(bench: &Bench) -> Vec<FileDiagnostics> {
    let (a, b, gone) = (bench.path("a.rs"), bench.path("b.rs"), bench.path("c.rs"));
    let file = |path: &Path, text: &str, completeness, diagnostics| FileDiagnostics {
        path: path.to_path_buf(),
        text: Some(Text::from(text)),
        completeness,
        diagnostics,
    };
    let env = bench.path(".env");
    vec![
        file(
            &a,
            "fn a() {}\n",
            Completeness::All,
            vec![
                report(&a, 2, Severity::Warning, "unused"),
                report(&a, 9, Severity::Error, "mismatched types\nexpected u8"),
            ],
        ),
        file(
            &b,
            "fn old() {}\n",
            Completeness::Some,
            vec![report(&b, 1, Severity::Error, "no such name")],
        ),
        file(
            &gone,
            "",
            Completeness::All,
            vec![report(&gone, 1, Severity::Hint, "empty")],
        ),
        file(
            &env,
            "K=1\n",
            Completeness::All,
            vec![report(&env, 1, Severity::Error, "K=1 is secret")],
        ),
    ]
}

#[test]
fn the_worst_comes_first_and_what_is_old_is_told() {
    let bench = bench();
    check(
        &bench,
        reports(&bench),
        None,
        &expect![[r#"
            a.rs
              9:5 error [rustc]: mismatched types
                  expected u8
              2:5 warning [rustc]: unused
            b.rs
              [The text was another one when this was reported: lines may have moved, and some of it may be mended.]
              [There may be more in this file than was heard of.]
              1:5 error [rustc]: no such name
            c.rs
              [You have removed this file; this was reported before.]
              1:5 hint [rustc]: empty
        "#]],
    );
}

#[test]
fn silence_is_no_proof() {
    let bench = bench();
    check(
        &bench,
        Vec::new(),
        Some("b.rs"),
        &expect![
            "The editor has told of no diagnostics in b.rs. That does not mean that there are none: run the project's own checks to be sure."
        ],
    );
    check(
        &bench,
        reports(&bench),
        Some(".env"),
        &expect![
            "The editor has told of no diagnostics in .env. That does not mean that there are none: run the project's own checks to be sure."
        ],
    );
}
