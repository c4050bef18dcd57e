//! Where the cursor of a suggestion request is: every odd position and line break for which a measured peer answered from
//! the wrong place or failed, as seen from what is suggested there.

use serde_json::{Value, json};

use crate::editor::{Editor, Refusal};

const HABIT: &str = "let measurement_of_temperature = read_sensor(primary_channel);";
const TYPED: &str = "let measurement_of_tem";

/// The line as it would be when the suggestion was accepted; nothing without one.
fn accepted(item: &Value, line: &str) -> String {
    let range = &item["range"];
    assert_eq!(range["start"]["line"], range["end"]["line"]);
    let units: Vec<u16> = line.encode_utf16().collect();
    let side = |name: &str| range[name]["character"].as_u64().unwrap() as usize;
    let mut accepted = units[..side("start")].to_vec();
    accepted.extend(item["insertText"].as_str().unwrap().encode_utf16());
    accepted.extend(&units[side("end")..]);
    String::from_utf16(&accepted).unwrap()
}

/// Asks at a place (UTF-16) of a document that has the habit three times and the beginning of a fourth after `before`,
/// and asserts that its continuation is suggested, in that line.
fn check(line_break: &str, before: &str, line: usize, character: usize) {
    let mut editor = Editor::plain();
    let typed = format!("{before}{TYPED}");
    let text = format!("{HABIT}{line_break}").repeat(3) + &typed + line_break + "}";
    editor.open("a.rs", "rust", &text);
    let items = editor.inline("a.rs", line, character);
    assert_eq!(items.len(), 1, "{text:?} at {line}:{character}");
    let accepted = accepted(&items[0], &typed);
    assert!(
        accepted.starts_with(&format!("{before}let measurement_of_temperature")),
        "{accepted:?}"
    );
    assert_eq!(items[0]["range"]["start"]["line"], line);
}

#[test]
fn after_an_emoji_columns_are_utf_16() {
    check(
        "\n",
        "/* 🦀👩‍👩‍👧é */ ",
        3,
        "/* 🦀👩‍👩‍👧é */ ".encode_utf16().count() + TYPED.len(),
    );
}

#[test]
fn a_column_beyond_the_end_is_the_end_of_that_line() {
    check("\n", "", 3, TYPED.len() + 1);
    check("\r\n", "", 3, TYPED.len() + 50);
    check("\n", "", 3, u32::MAX as usize);
}

#[test]
fn all_line_breaks_of_lsp_are_line_breaks() {
    check("\n", "", 3, TYPED.len());
    check("\r\n", "", 3, TYPED.len());
    check("\r", "", 3, TYPED.len());
}

#[test]
fn what_other_standards_call_line_breaks_are_none() {
    for odd in ["\u{2028}", "\u{2029}", "\u{85}", "\u{c}", "\u{b}"] {
        let before = format!("/* {odd} */ ");
        check(
            "\n",
            &before,
            3,
            before.encode_utf16().count() + TYPED.len(),
        );
    }
}

#[test]
fn a_line_beyond_the_end_is_the_end_of_the_document_where_nothing_is_suggested() {
    let mut editor = Editor::plain();
    editor.open("a.rs", "rust", "fn a() {}\nfn b() {}\n");
    assert_eq!(editor.inline("a.rs", 500, 0), Vec::<Value>::new());
    assert_eq!(
        editor.inline("a.rs", u32::MAX as usize, u32::MAX as usize),
        Vec::<Value>::new()
    );
    assert_eq!(editor.view("a.rs"), "fn a() {}\nfn b() {}\n");
}

/// 0 was `Invoked` before LSP 3.18, which begins with 1.
#[test]
fn every_trigger_kind_that_was_ever_defined_is_served() {
    let mut editor = Editor::plain();
    editor.open("a.rs", "rust", &(format!("{HABIT}\n").repeat(3) + TYPED));
    for context in [
        json!({ "triggerKind": 0 }),
        json!({ "triggerKind": 1 }),
        json!({ "triggerKind": 2 }),
        Value::Null,
    ] {
        let mut params = editor.place("a.rs", 3, TYPED.len());
        params["context"] = context.clone();
        let answer: Result<Value, Refusal> =
            editor.request("textDocument/inlineCompletion", params);
        let items = answer.unwrap()["items"].as_array().unwrap().len();
        assert_eq!(items, 1, "{context}");
    }
}
