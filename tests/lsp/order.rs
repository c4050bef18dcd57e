//! The order of the event queue, and that each request is answered exactly once, cancelled or not.

use serde_json::{Value, json};

use crate::editor::{Editor, Refusal};

/// The regression test of the one guarantee that everything rests upon: what arrives first, happens first.
#[test]
fn thousands_of_changes_and_requests_keep_their_order() {
    let mut editor = Editor::plain();
    editor.open("a.txt", "plaintext", "");
    let uri = editor.uri("a.txt");
    let mut expected = String::new();
    let mut views = Vec::new();
    for number in 0..2000 {
        let text = format!("{number},");
        let end = json!({ "line": 0, "character": expected.len() });
        editor.change(
            "a.txt",
            number + 2,
            json!([{ "range": { "start": end, "end": end }, "text": text }]),
        );
        expected.push_str(&text);
        if number % 10 == 0 {
            let id = editor.send_request("ropewalk/viewDocument", json!({ "uri": uri }));
            views.push((id, number + 2, expected.clone()));
        }
    }
    for (id, version, text) in views {
        let view = editor.answer(id).unwrap();
        assert_eq!(
            (view["version"].as_i64(), view["text"].as_str()),
            (Some(version.into()), Some(text.as_str()))
        );
    }
}

#[test]
fn suggestions_see_the_text_that_was_sent_before_them() {
    let mut editor = Editor::plain();
    let line = "let measurement_of_temperature = read_sensor(primary_channel);\n";
    editor.open("a.rs", "rust", &line.repeat(3));
    let typed = "let measurement_of_tem";
    let mut version = 1;
    for (place, character) in typed.char_indices() {
        version += 1;
        let end = json!({ "line": 3, "character": place });
        editor.change(
            "a.rs",
            version,
            json!([{ "range": { "start": end, "end": end }, "text": character.to_string() }]),
        );
    }
    let items = editor.inline("a.rs", 3, typed.len());
    assert_eq!(items.len(), 1, "{items:?}");
    let text = items[0]["insertText"].as_str().unwrap();
    let start = items[0]["range"]["start"]["character"].as_u64().unwrap() as usize;
    let whole = format!("{}{text}", &typed[..start]);
    assert!(line.starts_with(whole.lines().next().unwrap()), "{whole}");
    assert!(typed.len() < whole.len(), "{whole}");
}

#[test]
fn cancelled_requests_are_answered_exactly_once() {
    let mut editor = Editor::plain();
    editor.open(
        "a.rs",
        "rust",
        &"fn some_function(argument: usize) -> usize { argument + 1 }\n".repeat(2000),
    );
    let params = editor.place("a.rs", 2000, 0);
    let ids: Vec<i64> = (0..200)
        .map(|_| editor.send_request("textDocument/inlineCompletion", params.clone()))
        .collect();
    for id in &ids {
        editor.notify("$/cancelRequest", json!({ "id": id }));
    }
    editor.notify("$/cancelRequest", json!({ "id": 123_456 }));
    editor.notify("$/cancelRequest", json!({ "id": null }));
    let mut cancelled = 0;
    for id in ids {
        match editor.answer(id) {
            Ok(_) => {}
            Err(Refusal(-32800, _)) => cancelled += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(0 < cancelled, "no cancellation arrived before its answer");
}

#[test]
fn many_requests_at_once_do_not_hold_up_others() {
    let mut editor = Editor::plain();
    editor.open(
        "a.rs",
        "rust",
        &"let value = compute(value, other);\n".repeat(5000),
    );
    let params = editor.place("a.rs", 2500, 10);
    let ids: Vec<i64> = (0..100)
        .map(|_| editor.send_request("textDocument/inlineCompletion", params.clone()))
        .collect();
    let status = editor.request("ropewalk/status", Value::Null).unwrap();
    assert_eq!(status["documents"], 1);
    assert!(
        ids.iter().any(|&id| editor.is_unanswered(id)),
        "the status came after every suggestion"
    );
    for id in ids {
        assert!(editor.answer(id).is_ok());
    }
}
