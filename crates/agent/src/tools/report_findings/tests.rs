//! The tool on real files, with a sink that keeps what it is told.

use std::sync::Mutex;

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::*;
use crate::tools::test_support::Bench;

#[derive(Debug, Default)]
struct Kept(Mutex<Vec<Finding>>);

impl FindingsSink for Kept {
    fn report(&self, findings: Vec<Finding>) {
        self.0.lock().unwrap().extend(findings);
    }
}

fn check(findings: &Value, expected: &Expect) {
    let bench = Bench::new(&[
        ("a.rs", b"fn a() {\r\n    b()\r\n}\r\n"),
        (".env", b"K=1\n"),
    ]);
    let kept = Arc::new(Kept::default());
    let tool = ReportFindings::new(Arc::clone(&kept) as Arc<dyn FindingsSink>);
    let output = bench.call(&tool, &json!({ "findings": findings }).to_string());
    let mut text = bench.text(&output);
    for finding in kept.0.lock().unwrap().iter() {
        text.push_str(&format!(
            "\n{:?} {}-{}: {} / {} / {:?} / {:?}",
            finding.severity,
            finding.line,
            finding.end_line,
            finding.title,
            finding.explanation,
            finding.suggested_fix,
            finding.code
        ));
    }
    expected.assert_eq(&text);
}

fn finding(path: &str, line: usize, end_line: Option<usize>) -> Value {
    json!({
        "path": path, "line": line, "end_line": end_line, "severity": "warning",
        "title": " It loops ", "explanation": "Always.", "suggested_fix": " ",
    })
}

#[test]
fn a_finding_carries_the_text_of_its_lines() {
    check(
        &json!([finding("a.rs", 1, Some(2)), finding("a.rs", 3, None)]),
        &expect![[r#"
            The 2 findings are shown to the user.
            Warning 1-2: It loops / Always. / None / "fn a() {\r\n    b()"
            Warning 3-3: It loops / Always. / None / "}""#]],
    );
    check(&json!([]), &expect!["There is nothing to report, then."]);
}

#[test]
fn what_is_not_there_is_refused_and_nothing_is_reported() {
    let good = finding("a.rs", 1, None);
    check(
        &json!([good, finding("a.rs", 9, None)]),
        &expect![[r#"
        Nothing was reported: `findings[1]` is in lines 9 to 9, and a.rs has lines 1 to 4.
        Example: {"findings": [{"path": "src/main.rs", "line": 12, "end_line": 14, "severity": "warning", "title": "The file is never closed", "explanation": "When `parse` fails, …", "suggested_fix": "Close it before returning."}]}"#]],
    );
    check(
        &json!([good, finding("a.rs", 2, Some(1))]),
        &expect![[r#"
        Nothing was reported: `findings[1]` is in lines 2 to 1, and a.rs has lines 1 to 4.
        Example: {"findings": [{"path": "src/main.rs", "line": 12, "end_line": 14, "severity": "warning", "title": "The file is never closed", "explanation": "When `parse` fails, …", "suggested_fix": "Close it before returning."}]}"#]],
    );
    check(
        &json!([good, finding("b.rs", 1, None)]),
        &expect![[r#"
        Nothing was reported: `findings[1]`: `/w/b.rs` does not exist.
        Example: {"findings": [{"path": "src/main.rs", "line": 12, "end_line": 14, "severity": "warning", "title": "The file is never closed", "explanation": "When `parse` fails, …", "suggested_fix": "Close it before returning."}]}"#]],
    );
    check(
        &json!([good, finding(".env", 1, None)]),
        &expect![[r#"
        Nothing was reported: .env is not accessible: it may hold secrets (built-in pattern `.env*`).
        Example: {"findings": [{"path": "src/main.rs", "line": 12, "end_line": 14, "severity": "warning", "title": "The file is never closed", "explanation": "When `parse` fails, …", "suggested_fix": "Close it before returning."}]}"#]],
    );
    let mut untitled = good.clone();
    untitled["title"] = json!("");
    check(
        &json!([untitled]),
        &expect![[r#"
        Nothing was reported: the title of `findings[0]` must have 1 to 300 bytes.
        Example: {"findings": [{"path": "src/main.rs", "line": 12, "end_line": 14, "severity": "warning", "title": "The file is never closed", "explanation": "When `parse` fails, …", "suggested_fix": "Close it before returning."}]}"#]],
    );
}
