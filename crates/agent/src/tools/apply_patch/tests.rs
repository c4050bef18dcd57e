//! The tool on real folders: how it is told of, asked for and answered. Patches that are refused are in `broken`.

mod broken;

use expect_test::expect;
use models::{CallForm, ModelFacts, ToolSpec};

use crate::{
    Tool,
    tool::{Approval, ChangeKind, Decision, Presentation, PresentedChange, ToolEffect, ToolStatus},
    tools::test_support::{Bench, facts},
};

use super::ApplyPatch;

const PATCH: &str = "*** Begin Patch\n*** Update File: a\n@@\n-one\n+1\n*** End Patch";

#[test]
fn models_are_told_in_their_own_way() {
    let freeform = ApplyPatch.spec(&facts()).unwrap();
    assert!(
        matches!(&freeform, ToolSpec::Freeform { grammar, .. } if grammar.contains("End Patch"))
    );
    let function = ApplyPatch.spec(&ModelFacts {
        freeform_tools: false,
        ..facts()
    });
    let Some(ToolSpec::Function { parameters, .. }) = function else {
        panic!("a function");
    };
    expect![[r#"
        {
          "additionalProperties": false,
          "properties": {
            "input": {
              "description": "The whole patch, from `*** Begin Patch` to `*** End Patch`.",
              "type": "string"
            }
          },
          "required": [
            "input"
          ],
          "type": "object"
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&parameters).unwrap());
    assert_eq!(ApplyPatch.effect(), ToolEffect::Acts);
}

#[test]
fn the_example_in_the_description_is_a_patch() {
    let text = super::grammar::FUNCTION_DESCRIPTION;
    let start = text.find("*** Begin Patch").unwrap();
    let end = text.find("*** End Patch").unwrap() + "*** End Patch".len();
    let patch = crate::patch::parse(&text[start..end]).unwrap();
    assert_eq!(patch.operations.len(), 3);
}

#[test]
fn a_patch_comes_in_many_wrappings() {
    let object = serde_json::json!({ "input": PATCH }).to_string();
    for (form, arguments) in [
        (CallForm::Freeform, PATCH.to_owned()),
        (CallForm::Freeform, object.clone()),
        (CallForm::Function, object.clone()),
        (CallForm::Function, PATCH.to_owned()),
        (
            CallForm::Function,
            serde_json::json!({ "patch": PATCH }).to_string(),
        ),
        (CallForm::Function, serde_json::json!(PATCH).to_string()),
        (CallForm::Function, serde_json::json!(object).to_string()),
    ] {
        let bench = Bench::new(&[("a", b"one\ntwo\n")]);
        let output = bench.run(&ApplyPatch, form, &arguments);
        assert_eq!(
            bench.text(&output),
            "Success. Updated the following files:\nM a",
            "{arguments}"
        );
        assert_eq!(bench.file("a"), "1\ntwo\n");
    }
}

#[test]
fn wrong_arguments_are_answered_with_an_example() {
    let bench = Bench::new(&[]);
    let output = bench.run(&ApplyPatch, CallForm::Function, r#"{"text": "x"}"#);
    assert_eq!(output.status, ToolStatus::Failed);
    expect![[r#"
        The arguments of apply_patch could not be read: missing field `input`.
        Expected: an object with input (string, required).
        Example: {"input": "*** Begin Patch\n*** Add File: hello.txt\n+Hello\n*** End Patch"}"#]]
    .assert_eq(&bench.text(&output));
}

#[test]
fn changes_are_shown_before_and_after() {
    let bench = Bench::new(&[("a", b"one\r\ntwo\r\n"), ("b", b"b\n"), ("c", b"c\0")]);
    let body = "*** Add File: new\n+new\n*** Update File: a\n*** Move to: sub/a\n@@\n-one\n+1\n*** Delete File: c\n*** Add File: b\n+B\n";
    let patch = format!("*** Begin Patch\n{body}*** End Patch");
    let output = bench.run(&ApplyPatch, CallForm::Freeform, &patch);
    let change = |name, kind, diff: &str| PresentedChange {
        path: bench.path(name),
        kind,
        diff: diff.into(),
    };
    let from = bench.path("a");
    let changes = vec![
        change("b", ChangeKind::Modified, "@@ -1 +1 @@\n-b\n+B\n"),
        change("c", ChangeKind::Deleted, ""),
        change("new", ChangeKind::Added, "@@ -0,0 +1 @@\n+new\n"),
        change(
            "sub/a",
            ChangeKind::Moved { from },
            "@@ -1,2 +1,2 @@\n-one\r\n+1\r\n two\r\n",
        ),
    ];
    let asked = bench.gate.asked.lock().unwrap().clone();
    let approval = Approval::ChangeFiles {
        changes: changes.clone(),
    };
    assert_eq!(asked, [approval]);
    assert_eq!(
        output.presentation,
        Some(Presentation::FileChanges { changes })
    );
    assert_eq!(
        bench.text(&output),
        "Success. Updated the following files:\nA new\nA b\nM sub/a\nD c"
    );
}

#[test]
fn what_is_not_approved_is_not_done() {
    let mut bench = Bench::new(&[("a", b"one\n")]);
    bench.gate.decision = Decision::Deny {
        reason: Some("not now".into()),
    };
    let output = bench.run(&ApplyPatch, CallForm::Freeform, PATCH);
    assert_eq!(output.status, ToolStatus::Declined);
    assert!(bench.text(&output).contains("not now"));
    assert_eq!(bench.file("a"), "one\n");

    bench.cancel.set();
    let output = bench.run(&ApplyPatch, CallForm::Freeform, PATCH);
    assert_eq!(output.status, ToolStatus::Interrupted);
    assert_eq!(bench.file("a"), "one\n");
}

#[test]
fn encodings_are_kept() {
    let utf16 = |text: &str| -> Vec<u8> {
        let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
        units.flat_map(u16::to_be_bytes).collect()
    };
    let wide = utf16("one\r\nzwei – 二\r\n");
    let bench = Bench::new(&[
        ("wide", &wide),
        ("latin", b"one\nf\xFCnf \x80\n"),
        ("marked", b"\xEF\xBB\xBFone\ntwo\n"),
    ]);
    let body = ["wide", "latin", "marked"]
        .map(|name| format!("*** Update File: {name}\n@@\n-one\n+größer\n"));
    let patch = format!("*** Begin Patch\n{}*** End Patch", body.concat());
    let output = bench.run(&ApplyPatch, CallForm::Freeform, &patch);
    assert_eq!(output.status, ToolStatus::Succeeded, "{output:?}");
    let files = bench.files();
    assert_eq!(files["wide"], utf16("größer\r\nzwei – 二\r\n"));
    assert_eq!(files["latin"], b"gr\xF6\xDFer\nf\xFCnf \x80\n");
    assert_eq!(files["marked"], "\u{feff}größer\ntwo\n".as_bytes());
}
