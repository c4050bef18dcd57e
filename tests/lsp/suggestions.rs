//! Suggestions learned from the workspace and from the document itself, and the places where there must be none.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::editor::{Editor, Setup};

/// A workspace with a habit that is worth learning.
fn shop() -> Vec<(&'static str, String)> {
    let mut orders = String::new();
    for name in [
        "customer", "invoice", "shipment", "payment", "product", "supplier",
    ] {
        write!(
            orders,
            "pub fn load_{name}(database: &Database, identifier: u64) -> Result<Record, StoreError> {{\n    \
             let row = database.query_single_row(\"{name}\", identifier)?;\n    \
             Ok(Record::from_row(row))\n}}\n\n"
        )
        .unwrap();
    }
    vec![("src/orders.rs", orders)]
}

fn shop_editor() -> Editor {
    let mut editor = Editor::start(Setup {
        files: shop(),
        ..Setup::default()
    });
    editor.wait_until_learned(1);
    editor
}

/// Opens `fixture` with `$0` for the cursor and compares the beginning of the line with what is suggested in it. How far a
/// suggestion reaches is the engine's business, which has its own tests.
fn check(editor: &mut Editor, name: &str, fixture: &str, expected: &str) {
    let cursor = fixture.find("$0").unwrap();
    let text = fixture.replace("$0", "");
    editor.open(name, "rust", &text);
    let line = text[..cursor].matches('\n').count();
    let column = cursor - text[..cursor].rfind('\n').map_or(0, |place| place + 1);
    let shown = match editor.inline(name, line, column).first() {
        None => "nothing".to_string(),
        Some(item) => {
            let range = &item["range"];
            assert_eq!(range["start"]["line"], range["end"]["line"]);
            let start = range["start"]["character"].as_u64().unwrap() as usize;
            let end = range["end"]["character"].as_u64().unwrap() as usize;
            let line = text.lines().nth(line).unwrap();
            let insert = item["insertText"].as_str().unwrap();
            format!("{}⟦{insert}⟧{}", &line[..start], &line[end..])
        }
    };
    editor.close(name);
    assert!(shown.starts_with(expected), "{shown}");
}

#[test]
fn a_new_file_gets_what_the_workspace_taught() {
    let mut editor = shop_editor();
    check(
        &mut editor,
        "src/returns.rs",
        "pub fn load_return(database: &Database, identifier: u64) -> Result<Record, StoreError> {\n    let row = database.qu$0",
        "    let row = database.qu⟦ery_single_row",
    );
    check(
        &mut editor,
        "src/returns.rs",
        "pub fn load_return(data$0",
        "pub fn load_return(data⟦base",
    );
}

#[test]
fn clients_without_inline_completion_get_the_same_as_an_item() {
    let mut editor = Editor::start(Setup {
        capabilities: json!({}),
        files: shop(),
        ..Setup::default()
    });
    editor.wait_until_learned(1);
    let text = "pub fn load_return(database: &Database, iden";
    editor.open("src/returns.rs", "rust", text);
    let params = editor.place("src/returns.rs", 0, text.len());
    let list = editor.request("textDocument/completion", params).unwrap();
    assert_eq!(list["isIncomplete"], true);
    let item = &list["items"][0];
    // The word that is being typed is part of the item, since clients filter by it.
    assert_eq!(
        item["textEdit"]["range"]["start"]["character"],
        text.len() - "iden".len()
    );
    assert_eq!(item["textEdit"]["range"]["end"]["character"], text.len());
    let new_text = item["textEdit"]["newText"].as_str().unwrap();
    assert!(new_text.starts_with("identifier"), "{new_text}");
    assert_eq!(item["detail"], new_text);
    assert!(item["label"].as_str().unwrap().chars().count() <= 61);
}

#[test]
fn typing_through_a_suggestion_keeps_it() {
    let mut editor = shop_editor();
    let mut typed = "    let row = database.query_sin".to_string();
    editor.open("src/returns.rs", "rust", &typed);
    let first = ghost(&editor.inline("src/returns.rs", 0, typed.len()), &typed);
    assert!(5 < first.len(), "{first}");
    for (version, letter) in first.chars().take(first.len() - 4).enumerate() {
        let end = json!({ "line": 0, "character": typed.len() });
        let change = json!([{ "range": { "start": end, "end": end }, "text": letter.to_string() }]);
        editor.change("src/returns.rs", version as i32 + 2, change);
        typed.push(letter);
        let rest = ghost(&editor.inline("src/returns.rs", 0, typed.len()), &typed);
        assert_eq!(rest, first[version + 1..]);
    }
}

/// What a user sees after the cursor at the end of `typed`.
fn ghost(items: &[Value], typed: &str) -> String {
    let item = &items[0];
    let start = item["range"]["start"]["character"].as_u64().unwrap() as usize;
    let insert = item["insertText"].as_str().unwrap();
    insert.strip_prefix(&typed[start..]).unwrap().to_string()
}

#[test]
fn secret_files_neither_get_suggestions_nor_teach_any() {
    let secret = "MY_UNUSUAL_PASSPHRASE=correct-horse-battery-staple\n";
    let mut editor = Editor::start(Setup {
        files: vec![
            (".env", secret.repeat(3)),
            (
                "private/notes.txt",
                "MY_UNUSUAL_DIARY_ENTRY is private\n".repeat(3),
            ),
            (".aiexclude", "private/\n".into()),
            ("a.sh", "echo hello\n".into()),
        ],
        ..Setup::default()
    });
    // `.aiexclude` itself and `a.sh`.
    editor.wait_until_learned(2);
    editor.open(".env", "dotenv", &(secret.repeat(3) + "MY_UNU"));
    assert_eq!(editor.inline(".env", 3, 6), [] as [Value; 0]);
    let status = editor.request("ropewalk/status", Value::Null).unwrap();
    let reason = status["lastSuggestion"]["reason"].as_str().unwrap();
    assert!(reason.contains("secret"), "{reason}");

    // The same outside of every folder.
    let params = json!({ "textDocument": {
        "uri": "file:///elsewhere/.env", "languageId": "dotenv", "version": 1, "text": secret.repeat(3) + "MY_UNU",
    } });
    editor.notify("textDocument/didOpen", params);
    let params = json!({
        "textDocument": { "uri": "file:///elsewhere/.env" }, "position": { "line": 3, "character": 6 },
    });
    let answer = editor
        .request("textDocument/inlineCompletion", params)
        .unwrap();
    assert_eq!(answer["items"], json!([]));

    editor.open("a.sh", "shellscript", "MY_UNU");
    let items = editor.inline("a.sh", 0, 6);
    assert_eq!(
        items,
        [] as [Value; 0],
        "learned from a file that is out of bounds"
    );
}

#[test]
fn a_large_document_and_a_long_line_are_answered_too() {
    let mut editor = Editor::plain();
    editor.open(
        "big.rs",
        "rust",
        &"let value = compute(value, other_value);\n".repeat(250_000),
    );
    editor.inline("big.rs", 125_000, 12);
    editor.open(
        "min.js",
        "javascript",
        &"var a=function(b){return b+1};".repeat(40_000),
    );
    editor.inline("min.js", 0, 600_000);
}
