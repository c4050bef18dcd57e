//! The mirror of open documents: every case in which a measured peer went wrong, through the real protocol.

use std::time::{Duration, Instant};

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::editor::{Editor, PATIENCE, Refusal};

/// Opens `text`, sends `changes` in one notification (UTF-16 positions), compares the server's text.
fn check(text: &str, changes: Value, expected: Expect) {
    let mut editor = Editor::plain();
    editor.open("a.txt", "plaintext", text);
    editor.change("a.txt", 2, changes);
    expected.assert_eq(&format!("{:?}", editor.view("a.txt")));
}

fn change(start: (u32, u32), end: (u32, u32), text: &str) -> Value {
    json!({
        "range": {
            "start": { "line": start.0, "character": start.1 },
            "end": { "line": end.0, "character": end.1 },
        },
        "text": text,
    })
}

#[test]
fn edits_after_an_emoji() {
    check(
        "x🦀y\n",
        json!([change((0, 3), (0, 4), "z")]),
        expect![[r#""x🦀z\n""#]],
    );
    check(
        "a\n🦀",
        json!([change((1, 2), (1, 2), "!")]),
        expect![[r#""a\n🦀!""#]],
    );
}

#[test]
fn an_edit_inside_a_surrogate_pair_snaps_to_its_start() {
    check(
        "🦀b",
        json!([change((0, 1), (0, 1), "a")]),
        expect![[r#""a🦀b""#]],
    );
}

#[test]
fn line_breaks_are_those_of_lsp_and_no_others() {
    check(
        "a\r\nb\r\n",
        json!([change((1, 0), (1, 1), "c")]),
        expect![[r#""a\r\nc\r\n""#]],
    );
    check(
        "a\rb\r",
        json!([change((1, 0), (1, 1), "c")]),
        expect![[r#""a\rc\r""#]],
    );
    check(
        "a\u{2028}b\u{c}c\nd",
        json!([change((1, 0), (1, 1), "e")]),
        expect![[r#""a\u{2028}b\u{c}c\ne""#]],
    );
}

#[test]
fn positions_out_of_range_are_clamped() {
    check(
        "ab\ncd\n",
        json!([change((0, 99), (0, 99), "!")]),
        expect![[r#""ab!\ncd\n""#]],
    );
    check(
        "ab\ncd\n",
        json!([change((0, 0), (50, 0), "new")]),
        expect![[r#""new""#]],
    );
    check(
        "ab",
        json!([change((7, 7), (9, 9), "!")]),
        expect![[r#""ab!""#]],
    );
    check(
        "abcd",
        json!([change((0, 3), (0, 1), "-")]),
        expect![[r#""a-d""#]],
    );
}

#[test]
fn several_changes_apply_one_after_the_other() {
    check(
        "abc",
        json!([change((0, 0), (0, 1), "xx"), change((0, 2), (0, 3), ""), { "text": "all new" }, change((0, 0), (0, 3), "ALL")]),
        expect![[r#""ALL new""#]],
    );
}

#[test]
fn broken_changes_are_ignored_and_never_taken_for_full_text() {
    let mut editor = Editor::plain();
    editor.open("a.txt", "plaintext", "stays");
    for broken in [
        json!([{ "range": { "start": { "line": -1, "character": 0 }, "end": { "line": 0, "character": 0 } }, "text": "x" }]),
        json!([{ "range": "all", "text": "x" }]),
        json!([{ "range": { "start": { "line": 0 } }, "text": "x" }]),
        json!([{ "text": 7 }]),
        json!("x"),
        json!(null),
    ] {
        editor.change("a.txt", 2, broken);
    }
    assert_eq!(editor.view("a.txt"), "stays");
}

#[test]
fn a_document_that_is_not_open_is_not_changed_and_not_answered_for() {
    let mut editor = Editor::plain();
    editor.change("a.txt", 2, json!([{ "text": "x" }]));
    editor.open("a.txt", "plaintext", "here");
    assert_eq!(editor.view("a.txt"), "here");
    editor.close("a.txt");
    editor.close("a.txt");
    editor.change("a.txt", 3, json!([{ "text": "x" }]));
    let params = editor.place("a.txt", 0, 0);
    let Err(Refusal(code, message)) = editor.request("textDocument/inlineCompletion", params)
    else {
        panic!("a closed document was answered for");
    };
    assert_eq!(code, -32602);
    assert!(
        message.ends_with("is not open: send textDocument/didOpen first"),
        "{message}"
    );
}

#[test]
fn a_request_for_another_version_is_refused() {
    let mut editor = Editor::plain();
    editor.open("a.txt", "plaintext", "one");
    editor.change("a.txt", 5, json!([{ "text": "two" }]));
    let mut params = editor.place("a.txt", 0, 0);
    params["textDocument"]["version"] = json!(4);
    assert_eq!(
        editor.request("textDocument/inlineCompletion", params.clone()),
        Err(Refusal(
            -32801,
            "Document Version Mismatch: asked for version 4, the server has 5".into()
        ))
    );
    params["textDocument"]["version"] = json!(5);
    assert!(
        editor
            .request("textDocument/inlineCompletion", params)
            .is_ok()
    );
}

#[test]
fn documents_that_are_no_files_are_mirrored_too() {
    let mut editor = Editor::plain();
    editor.notify(
        "textDocument/didOpen",
        json!({ "textDocument": {
            "uri": "untitled:Untitled-1", "languageId": "rust", "version": 1, "text": "let é = 1;",
        } }),
    );
    let view = editor.request(
        "ropewalk/viewDocument",
        json!({ "uri": "untitled:Untitled-1" }),
    );
    assert_eq!(view.unwrap()["text"], "let é = 1;");
    let params = json!({
        "textDocument": { "uri": "untitled:Untitled-1" }, "position": { "line": 0, "character": 10 },
    });
    assert!(
        editor
            .request("textDocument/inlineCompletion", params)
            .is_ok()
    );
}

#[test]
fn one_file_under_two_spellings_of_its_uri_is_one_document() {
    let mut editor = Editor::plain();
    editor.open("a b.txt", "plaintext", "text");
    let encoded = editor.uri("a b.txt").replace(' ', "%20");
    let view = editor.request("ropewalk/viewDocument", json!({ "uri": encoded }));
    assert_eq!(view.unwrap()["text"], "text");
}

#[test]
fn a_syntax_tree_is_made_where_there_is_a_grammar() {
    let mut editor = Editor::plain();
    editor.open("a.rs", "rust", "fn main() {}\n");
    editor.open("b.txt", "plaintext", "fn main() {}\n");
    let uri = editor.uri("a.rs");
    let started = Instant::now();
    loop {
        let view = editor.request("ropewalk/viewDocument", json!({ "uri": uri }));
        if view.unwrap()["hasSyntaxTree"] == true {
            break;
        }
        assert!(started.elapsed() < PATIENCE, "no tree is ever made");
        std::thread::sleep(Duration::from_millis(2));
    }
    let uri = editor.uri("b.txt");
    let view = editor
        .request("ropewalk/viewDocument", json!({ "uri": uri }))
        .unwrap();
    assert_eq!(view["hasSyntaxTree"], false);
}
