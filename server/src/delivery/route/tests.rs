//! Who changes what, for clients of all abilities.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use changes::{Content, FileState};
use text::Text;
use workspace::Document;

use crate::delivery::abilities::EditAbilities;
use crate::delivery::inspection::{Folder, Inspection, OnDisk};
use crate::delivery::{Confirmation, DeliveredFile, Delivery, Outcome, Purpose};

use super::{Routes, Situation, route};

const ALL: EditAbilities = EditAbilities {
    applies_edits: true,
    takes_document_changes: true,
    creates: true,
    renames: true,
    deletes: true,
    asks_by_annotations: false,
    shows_annotations: false,
};

fn state(bytes: &[u8]) -> FileState {
    FileState {
        content: Content::Bytes(bytes.into()),
        is_executable: false,
    }
}

fn file(path: &str, before: Option<&[u8]>, after: Option<&[u8]>) -> DeliveredFile {
    DeliveredFile {
        path: path.into(),
        renamed_from: None,
        before: before.map(state),
        after: after.map(state),
    }
}

/// The outcome with these files on disk as the delivery has them before, and with these texts open.
fn routes(
    files: Vec<DeliveredFile>,
    open: &[(&str, &str)],
    abilities: EditAbilities,
) -> Result<Routes, Outcome> {
    let mut inspection = Inspection::default();
    for file in &files {
        let absent = OnDisk::Absent(Folder::There);
        inspection.found.insert(file.path.clone(), absent.clone());
        let found = file.before.clone().map_or(absent, OnDisk::File);
        inspection.found.insert(file.source().to_path_buf(), found);
    }
    let delivery = Delivery {
        label: "Fix".into(),
        purpose: Purpose::Review,
        confirmation: Confirmation::Unasked,
        source: None,
        files,
    };
    let document = |path: &Path| {
        let (_, text) = open.iter().find(|(open, _)| Path::new(open) == path)?;
        Some(Arc::new(Document {
            path: path.into(),
            text: Text::from(*text),
            version: 7,
            language_id: String::new(),
        }))
    };
    let situation = Situation {
        abilities,
        max_files_in_editor: 2,
        inspection: &inspection,
        document: &document,
        is_out_of_step: &|_| false,
    };
    route(&delivery, &situation)
}

/// The names of what the client and what we change.
fn names(routes: Result<Routes, Outcome>) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let routes = routes.expect("the delivery can be made");
    (
        routes
            .editor
            .into_iter()
            .map(|change| change.path)
            .collect(),
        routes.disk.into_iter().map(|change| change.path).collect(),
    )
}

#[test]
fn the_client_changes_texts_and_we_what_is_none() {
    let files = [
        file("/w/a", Some(b"a\n"), Some(b"b\n")),
        file("/w/binary", Some(b"\0"), Some(b"\0\0")),
        file("/w/new", None, Some(b"new\n")),
        file("/w/empty", None, Some(b"")),
    ];
    // Three of them are not open.
    let (editor, disk) = names(routes(files[..2].to_vec(), &[("/w/a", "a\n")], ALL));
    assert_eq!(
        (editor, disk),
        (vec!["/w/a".into()], vec!["/w/binary".into()])
    );
    let (editor, disk) = names(routes(files[2..].to_vec(), &[], ALL));
    assert_eq!(
        (editor, disk),
        (vec!["/w/new".into()], vec!["/w/empty".into()])
    );
}

#[test]
fn a_client_without_operations_on_files_edits_texts_only() {
    let abilities = EditAbilities {
        creates: false,
        renames: false,
        deletes: false,
        ..ALL
    };
    let mut renamed = file("/w/to", Some(b"r\n"), Some(b"R\n"));
    renamed.renamed_from = Some("/w/from".into());
    let files = vec![file("/w/a", Some(b"a\n"), Some(b"b\n")), renamed];
    let (editor, disk) = names(routes(files, &[], abilities));
    assert_eq!((editor, disk), (vec!["/w/a".into()], vec!["/w/to".into()]));
}

#[test]
fn very_many_files_are_written_on_disk_but_for_those_that_are_open() {
    let file = |name| file(name, Some(b"a\n"), Some(b"b\n"));
    let files = ["/w/1", "/w/2", "/w/3", "/w/4"].map(file).to_vec();
    let (editor, disk) = names(routes(files, &[("/w/2", "a\n")], ALL));
    assert_eq!(editor, [PathBuf::from("/w/2")]);
    assert_eq!(disk, ["/w/1", "/w/3", "/w/4"].map(PathBuf::from));
}

#[test]
fn nothing_is_changed_when_one_document_moved_on() {
    let files = [
        file("/w/a", Some(b"a\n"), Some(b"b\n")),
        file("/w/b", Some(b"a\n"), Some(b"b\n")),
    ];
    let outcome = routes(files.to_vec(), &[("/w/b", "a typed\n")], ALL);
    assert_eq!(outcome, Err(Outcome::Stale(vec!["/w/b".into()])));
}

#[test]
fn unsaved_text_is_never_written_over_on_disk() {
    let mut change = file("/w/a", Some(b"unsaved\n"), Some(b"b\n"));
    change.after.as_mut().expect("it has one").is_executable = true;
    let mut inspection = Inspection::default();
    inspection
        .found
        .insert("/w/a".into(), OnDisk::File(state(b"saved\n")));
    let delivery = Delivery {
        label: "Fix".into(),
        purpose: Purpose::Review,
        confirmation: Confirmation::Unasked,
        source: None,
        files: vec![change],
    };
    let document = |path: &Path| {
        Some(Arc::new(Document {
            path: path.into(),
            text: Text::from("unsaved\n"),
            version: 1,
            language_id: String::new(),
        }))
    };
    let situation = Situation {
        abilities: ALL,
        max_files_in_editor: 50,
        inspection: &inspection,
        document: &document,
        is_out_of_step: &|_| false,
    };
    let refused = route(&delivery, &situation);
    let reason =
        "/w/a has unsaved changes, and this change can only be made on disk: save it and try again";
    assert_eq!(refused, Err(Outcome::Refused(reason.into())));
}
