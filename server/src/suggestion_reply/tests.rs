//! Suggestions as completion items, at the edges: words, wide characters, long and many lines.

use expect_test::{Expect, expect};
use predict::{Origin, Suggestion};
use text::{PositionEncoding, Text};
use tower_lsp_server::gen_lsp_types::CompletionItemTextEdit;
use workspace::Document;

use super::CompletionReply;

/// `before$0after` with `insert` suggested at the cursor: the item's label, filter and edit.
fn check(fixture: &str, insert: &str, expected: Expect) {
    let offset = fixture.find("$0").unwrap();
    let document = Document {
        path: "/a.rs".into(),
        text: Text::from(fixture.replace("$0", "")),
        version: 1,
        language_id: "rust".into(),
    };
    let (reply, _answer) = tokio::sync::oneshot::channel();
    let reply = CompletionReply::new(reply, &document, offset, PositionEncoding::Utf16);
    let item = reply.item(&Suggestion {
        replace: offset..offset,
        text: insert.into(),
        word: offset..offset,
        confidence: 0.5,
        completes_line: false,
        origin: Origin::Computed,
    });
    let Some(CompletionItemTextEdit::TextEdit(edit)) = item.text_edit else {
        panic!("an item has a text edit");
    };
    let columns = (edit.range.start.character, edit.range.end.character);
    let shown = format!(
        "{:?} {:?} {columns:?} {:?}",
        item.label,
        item.filter_text.unwrap(),
        edit.new_text
    );
    expected.assert_eq(&shown);
}

#[test]
fn the_word_before_the_cursor_is_part_of_the_item() {
    check(
        "let x = mea$0",
        "sure(a);",
        expect![[r#""measure(a);" "measure(a);" (8, 11) "measure(a);""#]],
    );
    check("let x = $0", "1;", expect![[r#""1;" "1;" (8, 8) "1;""#]]);
    check(
        "\"🦀\" größ$0",
        "e",
        expect![[r#""größe" "größe" (5, 9) "größe""#]],
    );
}

#[test]
fn labels_are_short_and_on_one_line() {
    check(
        "$0",
        "if a {\n    b\n}",
        expect![[r#""if a {" "if a {" (0, 0) "if a {\n    b\n}""#]],
    );
    check(
        "$0",
        &"ä".repeat(80),
        expect![[
            r#""ääääääääääääääääääääääääääääääääääääääääääääääääääääääääääää…" "ääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääää" (0, 0) "ääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääää""#
        ]],
    );
}
