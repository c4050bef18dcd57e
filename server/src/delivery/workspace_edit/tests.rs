//! The request as clients get it.

use std::path::PathBuf;

use serde_json::{Value, json};
use text::{PositionEncoding, Text};

use crate::delivery::Confirmation;
use crate::delivery::abilities::EditAbilities;
use crate::delivery::inspection::Folder;

use super::{EditStyle, EditorChange, workspace_edit};

fn change(name: &str, before: Option<&str>, after: Option<&str>) -> EditorChange {
    EditorChange {
        path: PathBuf::from("/w").join(name),
        renamed_from: None,
        before: before.map(Text::from),
        after: after.map(Text::from),
        version: None,
        folder: Folder::There,
    }
}

fn request(changes: &[EditorChange], abilities: EditAbilities) -> Value {
    let style = EditStyle {
        label: "Fix it",
        confirmation: Confirmation::Asked,
        abilities,
        encoding: PositionEncoding::Utf16,
    };
    serde_json::to_value(workspace_edit(changes, style)).expect("it is JSON")
}

fn range(start: [u32; 2], end: [u32; 2]) -> Value {
    let position = |at: [u32; 2]| json!({ "line": at[0], "character": at[1] });
    json!({ "start": position(start), "end": position(end) })
}

#[test]
fn what_can_be_outdated_comes_first_and_what_is_deleted_last() {
    let mut renamed = change("new name", Some("r\n"), Some("r\n"));
    renamed.renamed_from = Some("/w/old".into());
    let mut open = change("open", Some("one two\n"), Some("one 2\n"));
    open.version = Some(0);
    let changes = [
        change("gone", Some("x\n"), None),
        change("created", None, Some("c\n")),
        renamed,
        open,
    ];
    let abilities = EditAbilities {
        takes_document_changes: true,
        ..EditAbilities::default()
    };
    let expected = json!({ "label": "Fix it", "edit": { "documentChanges": [
        {
            "textDocument": { "uri": "file:///w/open", "version": 0 },
            "edits": [{ "range": range([0, 4], [0, 7]), "newText": "2" }],
        },
        {
            "kind": "rename", "oldUri": "file:///w/old", "newUri": "file:///w/new%20name",
            "options": { "overwrite": false, "ignoreIfExists": false },
        },
        {
            "kind": "create", "uri": "file:///w/created",
            "options": { "overwrite": false, "ignoreIfExists": true },
        },
        {
            "textDocument": { "uri": "file:///w/created", "version": null },
            "edits": [{ "range": range([0, 0], [0, 0]), "newText": "c\n" }],
        },
        {
            "kind": "delete", "uri": "file:///w/gone",
            "options": { "recursive": false, "ignoreIfNotExists": true },
        },
    ] } });
    assert_eq!(request(&changes, abilities), expected);
}

#[test]
fn a_client_without_document_changes_gets_plain_ones() {
    let expected = json!({ "label": "Fix it", "edit": { "changes": { "file:///w/a": [
        { "range": range([0, 6], [0, 7]), "newText": "b" },
    ] } } });
    let changes = [change("a", Some("large a\n"), Some("large b\n"))];
    assert_eq!(request(&changes, EditAbilities::default()), expected);
}

#[test]
fn each_hunk_has_an_annotation_where_they_are_shown() {
    let abilities = EditAbilities {
        takes_document_changes: true,
        asks_by_annotations: true,
        ..EditAbilities::default()
    };
    let changes = [change("a", Some("a\nb\nc\n"), Some("A\nb\nC\n"))];
    let request = request(&changes, abilities);
    let annotation =
        |place: &str| json!({ "label": place, "needsConfirmation": true, "description": "Fix it" });
    let expected = json!({ "0": annotation("a, line 1"), "1": annotation("a, line 3") });
    assert_eq!(request["edit"]["changeAnnotations"], expected);
    let edits = &request["edit"]["documentChanges"][0]["edits"];
    assert_eq!(
        (&edits[0]["annotationId"], &edits[1]["annotationId"]),
        (&json!("0"), &json!("1"))
    );
}
