//! What a snapshot keeps while folders and documents change.

use std::{fs, sync::Arc};

use text::{ContentChange, PositionEncoding, Text};

use crate::{
    FileEvent, FileEventKind, WalkOptions,
    fixture::{Fixture, on_every_disk},
};

on_every_disk![a_removed_folder_is_outside_at_once_and_snapshots_before_keep_it];

#[test]
fn a_snapshot_costs_nothing_while_nothing_changes() {
    let mut fixture = Fixture::new(&[]);
    fixture.open("a", "text");
    let (first, second) = (fixture.snapshot(), fixture.snapshot());
    assert!(Arc::ptr_eq(&first.documents, &second.documents));
    let change = ContentChange {
        range: None,
        text: "changed".to_owned(),
    };
    let path = fixture.path("a");
    fixture
        .workspace
        .change_document(&path, 2, &[change], PositionEncoding::Utf16)
        .unwrap();
    let third = fixture.snapshot();
    assert_eq!(first.read(&path).unwrap().text, Text::from("text"));
    assert_eq!(third.read(&path).unwrap().text, Text::from("changed"));
}

#[test]
fn a_snapshot_can_be_used_on_any_thread() {
    fn is_sent_and_shared<T: Send + Sync + Clone + 'static>(_: &T) {}
    let mut fixture = Fixture::new(&[]);
    is_sent_and_shared(&fixture.snapshot());
    is_sent_and_shared(&fixture.workspace.documents());
}

#[test]
fn a_folder_that_is_deleted_and_comes_back_is_still_open() {
    let mut fixture = Fixture::new(&[("a", "")]);
    fixture.open("unsaved", "text");
    fs::remove_dir_all(fixture.root()).unwrap();
    assert_eq!(fixture.walk(&WalkOptions::default()), "root/unsaved\n");
    let path = fixture.path("unsaved");
    assert_eq!(
        fixture.snapshot().read(&path).unwrap().text,
        Text::from("text")
    );
    fixture.write("b", "");
    let event = FileEvent {
        path: fixture.root(),
        kind: FileEventKind::Created,
    };
    fixture.workspace.files_changed(&[event]);
    assert_eq!(
        fixture.walk(&WalkOptions::default()),
        "root/b\nroot/unsaved\n"
    );
}

fn a_removed_folder_is_outside_at_once_and_snapshots_before_keep_it() {
    let mut fixture = Fixture::new(&[("a", "text")]);
    let (before, path) = (fixture.snapshot(), fixture.path("a"));
    let root = fixture.root();
    assert!(fixture.workspace.remove_folder(&root));
    assert!(before.read(&path).is_ok());
    assert_eq!(before.folder_of(&path).unwrap().path(), root);
    assert!(fixture.snapshot().read(&path).is_err());
    assert_eq!(fixture.snapshot().folder_of(&path), None);
    assert_eq!(
        fixture.workspace.folders(),
        Vec::<std::path::PathBuf>::new()
    );
}
