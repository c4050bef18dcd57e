//! Documents opened, changed and closed, and what was taken from them before a change.

use std::path::Path;

use text::{ContentChange, Position, PositionEncoding, Text};

use super::{Document, DocumentError, Documents};
use crate::RealDisk;

fn document(path: &str, text: &str, version: i32) -> Document {
    Document {
        path: path.into(),
        text: Text::from(text),
        version,
        language_id: "rust".to_owned(),
    }
}

fn insertion(text: &str) -> ContentChange {
    let start = Position {
        line: 0,
        character: 0,
    };
    ContentChange {
        range: Some(start..start),
        text: text.to_owned(),
    }
}

#[test]
fn a_document_is_opened_changed_and_closed() {
    let documents = Documents::default();
    let path = Path::new("/none/a.rs");
    assert_eq!(
        documents.open(document("/none/./a.rs", "b", 1), &RealDisk),
        None
    );
    let edits = documents
        .change(path, 4, &[insertion("a")], PositionEncoding::Utf16)
        .unwrap();
    let mut replayed = Text::from("b");
    replayed.apply(&edits).unwrap();
    assert_eq!(replayed, Text::from("ab"));
    assert_eq!(
        documents.get(path).as_deref(),
        Some(&document("/none/a.rs", "ab", 4))
    );
    assert_eq!(documents.len(), 1);
    let replaced = documents
        .open(document("/none/a.rs", "other", 1), &RealDisk)
        .unwrap();
    assert_eq!(*replaced, document("/none/a.rs", "ab", 4));
    assert_eq!(
        documents.close(path).as_deref(),
        Some(&document("/none/a.rs", "other", 1))
    );
    assert_eq!(documents.close(path), None);
    assert!(documents.is_empty());
}

#[test]
fn a_document_that_is_not_open_cannot_be_changed() {
    let path = Path::new("/none/a.rs");
    let error = Documents::default()
        .change(path, 1, &[insertion("a")], PositionEncoding::Utf8)
        .unwrap_err();
    assert_eq!(
        error,
        DocumentError::NotOpen {
            path: path.to_path_buf()
        }
    );
}

#[test]
fn what_was_taken_before_a_change_stays_as_it_was() {
    let documents = Documents::default();
    documents.open(document("/none/a.rs", "b", 1), &RealDisk);
    let path = Path::new("/none/a.rs");
    let (held, frozen) = (documents.get(path).unwrap(), documents.freeze());
    documents
        .change(path, 2, &[insertion("a")], PositionEncoding::Utf8)
        .unwrap();
    assert_eq!(*held, document("/none/a.rs", "b", 1));
    assert_eq!(
        frozen.get(path).map(AsRef::as_ref),
        Some(&document("/none/a.rs", "b", 1))
    );
    assert_eq!(documents.all(), [document("/none/a.rs", "ab", 2).into()]);
}

#[test]
fn a_buffer_without_a_file_is_kept_under_its_name() {
    let documents = Documents::default();
    documents.open(document("untitled:Untitled-1", "text", 1), &RealDisk);
    assert!(documents.get(Path::new("untitled:Untitled-1")).is_some());
}
