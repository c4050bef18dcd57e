//! Clients that are odd in ways that were seen or are to be expected, and that must be served all the same.

use serde_json::{Value, json};

use crate::editor::{Editor, Setup};

/// A server must come up for an editor that gets one detail wrong.
#[test]
fn odd_details_of_initialize_do_not_cost_the_server() {
    for (pointer, odd) in [
        ("/rootUri", json!("")),
        ("/rootUri", json!("/a/path")),
        (
            "/workspaceFolders",
            json!([{ "uri": "no uri", "name": "x" }]),
        ),
        ("/workspaceFolders", json!("x")),
        ("/processId", json!("12")),
        ("/capabilities", Value::Null),
        (
            "/capabilities/textDocument/completion",
            json!({ "completionItem": { "tagSupport": true } }),
        ),
        ("/capabilities/textDocument/inlineCompletion", json!(true)),
        (
            "/capabilities/general/positionEncodings",
            json!([7, "utf-8"]),
        ),
        ("/clientInfo", json!(7)),
    ] {
        let setup = Setup {
            capabilities: json!({
                "general": { "positionEncodings": [] },
                "textDocument": { "completion": {}, "inlineCompletion": {} },
            }),
            ..Setup::default()
        };
        let mut editor = Editor::spawn(&setup);
        let mut params = editor.initialize_params(&setup);
        params["clientInfo"] = json!({ "name": "odd" });
        *params.pointer_mut(pointer).unwrap() = odd;
        let answer = editor.request("initialize", params);
        assert_eq!(
            answer.unwrap()["serverInfo"]["name"],
            "ropewalk",
            "{pointer}"
        );
        editor.notify("initialized", json!({}));
    }
}

#[test]
fn a_root_path_alone_is_a_folder() {
    let setup = Setup::default();
    let mut editor = Editor::spawn(&setup);
    let root = editor.root().display().to_string();
    let params = json!({ "processId": null, "rootPath": root, "capabilities": {} });
    editor.request("initialize", params).unwrap();
    editor.notify("initialized", json!({}));
    let status = editor.request("ropewalk/status", Value::Null).unwrap();
    assert_eq!(status["folders"][0]["path"], root);
}

/// In a container, or on the machine of a remote editor, the editor's process cannot be seen.
#[test]
fn a_parent_that_cannot_be_seen_is_not_taken_for_dead() {
    let mut editor = Editor::start(Setup {
        parent: Some(4_000_000),
        ..Setup::default()
    });
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert!(editor.request("ropewalk/status", Value::Null).is_ok());
}

#[test]
fn requests_that_are_sent_just_before_exit_are_answered() {
    let mut editor = Editor::plain();
    editor.open(
        "a.rs",
        "rust",
        &"let value = compute(value, other);\n".repeat(2000),
    );
    let place = editor.place("a.rs", 1000, 10);
    let ids: Vec<i64> = (0..20)
        .map(|_| editor.send_request("textDocument/inlineCompletion", place.clone()))
        .collect();
    let shutdown = editor.send_request("shutdown", Value::Null);
    editor.notify("exit", Value::Null);
    for id in ids {
        assert!(editor.answer(id).is_ok());
    }
    assert_eq!(editor.answer(shutdown), Ok(Value::Null));
    assert_eq!(editor.wait_for_end().code(), Some(0));
}

#[test]
fn shutdown_without_an_id_shuts_nothing_down() {
    let mut editor = Editor::plain();
    editor.notify("shutdown", Value::Null);
    editor.notify("initialize", json!({}));
    assert!(editor.request("ropewalk/status", Value::Null).is_ok());
}

#[test]
fn a_document_that_lost_a_change_gets_no_suggestions_until_it_is_whole_again() {
    let text = "let measurement = read_sensor(channel);\nlet measurement = read_sensor(channel);\nlet measu";
    let mut editor = Editor::plain();
    editor.open("a.rs", "rust", text);
    assert_eq!(editor.inline("a.rs", 2, 9).len(), 1);
    editor.change("a.rs", 2, json!([{ "range": "broken", "text": "x" }]));
    assert_eq!(editor.inline("a.rs", 2, 9), [] as [Value; 0]);
    let status = editor.request("ropewalk/status", Value::Null).unwrap();
    let reason = status["lastSuggestion"]["reason"]
        .as_str()
        .unwrap()
        .to_string();
    assert!(reason.contains("reopen the file"), "{reason}");
    editor.change("a.rs", 3, json!([{ "text": text }]));
    assert_eq!(editor.inline("a.rs", 2, 9).len(), 1);
}

#[test]
fn documents_without_version_or_language_are_opened() {
    let mut editor = Editor::plain();
    let uri = editor.uri("a.rs");
    let document = json!({ "uri": uri, "languageId": null, "text": "here" });
    editor.notify("textDocument/didOpen", json!({ "textDocument": document }));
    assert_eq!(editor.view("a.rs"), "here");
}

#[test]
fn positions_that_the_text_does_not_have_get_nothing() {
    let mut editor = Editor::plain();
    let text = "let measurement = read_sensor(channel);\nlet measurement = read_sensor(channel);\n🦀 let measu";
    editor.open("a.rs", "rust", text);
    assert_eq!(editor.inline("a.rs", 500, 0), [] as [Value; 0]);
    assert_eq!(editor.inline("a.rs", 2, 1), [] as [Value; 0]);
    // Past its end, a position is the line's end.
    assert_eq!(editor.inline("a.rs", 2, 12).len(), 1);
    assert_eq!(editor.inline("a.rs", 2, 99).len(), 1);
}

#[test]
fn a_secret_file_is_secret_under_every_spelling_of_its_uri() {
    let mut editor = Editor::start(Setup {
        files: vec![("sub/a.rs", "fn a() {}\n".into())],
        ..Setup::default()
    });
    let secret = "MY_UNUSUAL_PASSPHRASE=correct-horse\n".repeat(3) + "MY_UNU";
    for spelling in [".env", "sub/../.env", "sub/..%2f.env", "%2eenv", "./.env"] {
        let uri = editor.uri(spelling);
        let document = json!({ "uri": uri, "languageId": "dotenv", "version": 1, "text": secret });
        editor.notify("textDocument/didOpen", json!({ "textDocument": document }));
        let place =
            json!({ "textDocument": { "uri": uri }, "position": { "line": 3, "character": 6 } });
        let answer = editor
            .request("textDocument/inlineCompletion", place)
            .unwrap();
        assert_eq!(answer["items"], json!([]), "{spelling}");
        editor.notify(
            "textDocument/didClose",
            json!({ "textDocument": { "uri": uri } }),
        );
    }
}
