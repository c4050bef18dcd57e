//! Which tasks are offered where, of which kinds, and how commands that cannot be carried out say so.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::editor::{Editor, Refusal, Setup};

fn actions(editor: &mut Editor, name: &str, context: &Value) -> Vec<Value> {
    let params = json!({
        "textDocument": { "uri": editor.uri(name) },
        "range": { "start": { "line": 1, "character": 4 }, "end": { "line": 1, "character": 4 } },
        "context": context,
    });
    let answer = editor.request("textDocument/codeAction", params).unwrap();
    answer.as_array().unwrap().clone()
}

fn shown(actions: &[Value]) -> String {
    let mut shown = String::new();
    for action in actions {
        assert_eq!(action.get("edit"), None);
        let command = &action["command"]["command"];
        writeln!(
            shown,
            "{} | {} | {}",
            action["kind"].as_str().unwrap(),
            action["title"].as_str().unwrap(),
            command.as_str().unwrap()
        )
        .unwrap();
    }
    shown
}

const CODE: &str = "fn price(net: u32) -> u64 {\n    net // 🎉\n}\n";

fn diagnostic(source: &str) -> Value {
    json!({
        "range": { "start": { "line": 1, "character": 4 }, "end": { "line": 1, "character": 7 } },
        "severity": 1, "source": source, "code": "E0308", "message": "mismatched types",
        "data": { "anything": [1] },
    })
}

/// Opens the code and waits for its tree, which the names of functions are read off.
fn open(editor: &mut Editor) {
    editor.open("src/shop.rs", "rust", CODE);
    loop {
        let uri = editor.uri("src/shop.rs");
        let view = editor.request("ropewalk/viewDocument", json!({ "uri": uri }));
        if view.unwrap()["hasSyntaxTree"] == true {
            return;
        }
    }
}

#[test]
fn a_place_with_a_problem_has_its_fix_and_the_tasks_of_its_function() {
    let mut editor = Editor::plain();
    open(&mut editor);
    let context = json!({ "diagnostics": [diagnostic("rustc"), diagnostic("ropewalk")] });
    let offered = actions(&mut editor, "src/shop.rs", &context);
    let fix = &offered[0];
    assert_eq!(fix["title"], "Fix this problem: mismatched types");
    assert_eq!(fix["diagnostics"][0]["message"], "mismatched types");
    let arguments = &fix["command"]["arguments"][0];
    assert_eq!(arguments["version"], 1);
    assert_eq!(arguments["diagnostics"], json!([diagnostic("rustc")]));
    let kinds: Vec<&str> = offered
        .iter()
        .map(|action| action["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "quickfix").count(), 1);
    assert!(
        shown(&offered)
            .contains("refactor.rewrite | Write tests for function price | ropewalk.writeTests")
    );
}

#[test]
fn only_the_kinds_that_are_asked_for_are_offered() {
    let mut editor = Editor::plain();
    open(&mut editor);
    let sources = actions(&mut editor, "src/shop.rs", &json!({ "only": ["source"] }));
    assert_eq!(
        shown(&sources),
        "source | Explain function price | ropewalk.explain\n\
         source | Review this file | ropewalk.reviewFile\n\
         source | Review my changes | ropewalk.reviewChanges\n\
         source | Chat about this | ropewalk.chat.about\n"
    );
    let on_save = json!({ "only": ["source.fixAll"], "triggerKind": 2 });
    assert_eq!(
        actions(&mut editor, "src/shop.rs", &on_save),
        Vec::<Value>::new()
    );
}

#[test]
fn secrets_and_strange_files_get_no_tasks() {
    let mut editor = Editor::plain();
    editor.open(".env", "plaintext", "KEY=1\nOTHER=2\n");
    assert_eq!(
        actions(&mut editor, ".env", &json!({})),
        Vec::<Value>::new()
    );
    editor.open("../outside.rs", "rust", CODE);
    assert_eq!(
        actions(&mut editor, "../outside.rs", &json!({})),
        Vec::<Value>::new()
    );
}

#[test]
fn models_are_named_only_to_clients_that_know_the_tag() {
    let capabilities =
        json!({ "textDocument": { "codeAction": { "tagSupport": { "valueSet": [1] } } } });
    for (capabilities, expected) in [(capabilities, json!([1])), (json!({}), Value::Null)] {
        let mut editor = Editor::start(Setup {
            capabilities,
            ..Setup::default()
        });
        open(&mut editor);
        for action in actions(&mut editor, "src/shop.rs", &json!({})) {
            assert_eq!(action["tags"], expected);
        }
    }
}

fn refusal(editor: &mut Editor, command: &str, arguments: Value) -> String {
    let params = json!({ "command": command, "arguments": arguments });
    let Refusal(_, message) = editor
        .request("workspace/executeCommand", params)
        .unwrap_err();
    message
}

#[test]
fn what_cannot_be_started_says_how_it_can() {
    let mut editor = Editor::plain();
    let message = refusal(&mut editor, "ropewalk.explain", json!([]));
    assert!(message.contains("open one and put the cursor"), "{message}");
    let message = refusal(&mut editor, "ropewalk.refactorWorkspace", json!([]));
    assert!(
        message.contains("ropewalk.refactorWorkspace with your words"),
        "{message}"
    );
    let message = refusal(&mut editor, "ropewalk.task", json!([{ "wher": "here" }]));
    assert!(message.contains("unknown field `wher`"), "{message}");
    let message = refusal(&mut editor, "ropewalk.finding.fix", json!([7]));
    assert!(message.contains("no finding 7"), "{message}");
    open(&mut editor);
    let uri = editor.uri("src/shop.rs");
    let message = refusal(
        &mut editor,
        "ropewalk.explain",
        json!([{ "uri": uri, "version": 9 }]),
    );
    assert!(message.contains("has changed since"), "{message}");
    let message = refusal(
        &mut editor,
        "ropewalk.explain",
        json!([{ "uri": "src/shop.rs", "lines": [2, 99] }]),
    );
    assert!(message.contains("lines 1 to 4"), "{message}");
    let message = refusal(&mut editor, "ropewalk.fix", json!([{ "uri": uri }]));
    assert!(
        message.contains("no problem is reported there"),
        "{message}"
    );
    let message = refusal(&mut editor, "ropewalk.doComment", json!([{ "uri": uri }]));
    assert!(message.contains("no such comment"), "{message}");
    let message = refusal(
        &mut editor,
        "ropewalk.explain",
        json!([{ "uri": "src/none.rs" }]),
    );
    assert!(message.contains("is not open"), "{message}");
}

#[test]
fn a_client_that_keeps_errors_to_itself_is_sent_a_message() {
    let mut editor = Editor::spawn(&Setup::default());
    let mut params = editor.initialize_params(&Setup::default());
    params["clientInfo"] = json!({ "name": "helix" });
    editor.request("initialize", params).unwrap();
    editor.notify("initialized", json!({}));
    let refused = refusal(&mut editor, "ropewalk.explain", json!([]));
    let message = editor.wait_for_method("window/showMessage");
    assert_eq!(message["params"]["message"], refused);
}

#[test]
fn without_a_folder_there_is_one_offer_that_says_so() {
    let mut editor = Editor::spawn(&Setup::default());
    let mut params = editor.initialize_params(&Setup::default());
    params["workspaceFolders"] = Value::Null;
    editor.request("initialize", params).unwrap();
    editor.notify("initialized", json!({}));
    editor.open("src/shop.rs", "rust", CODE);
    let offered = actions(&mut editor, "src/shop.rs", &json!({}));
    assert_eq!(
        shown(&offered),
        "source | Agent tasks need an open folder | ropewalk.task\n"
    );
    let message = refusal(&mut editor, "ropewalk.task", json!(["do it"]));
    assert!(message.contains("no folder is open"), "{message}");
}
