//! What is seen of one file, as the clients show it.

use std::path::Path;

use changes::{Content, FileState};
use text::Text;

use crate::delivery::expectation::Author;
use crate::delivery::inspection::{Folder, OnDisk};
use crate::delivery::workspace_edit::EditorChange;

use super::Progress;

fn change(before: Option<&str>, after: Option<&str>) -> EditorChange {
    EditorChange {
        path: "/w/a".into(),
        renamed_from: None,
        before: before.map(Text::from),
        after: after.map(Text::from),
        version: None,
        folder: Folder::There,
    }
}

fn on_disk(text: &str) -> OnDisk {
    OnDisk::File(FileState {
        content: Content::Bytes(text.as_bytes().into()),
        is_executable: false,
    })
}

#[test]
fn a_new_buffer_of_one_empty_line_is_no_text_of_the_users() {
    let mut progress = Progress::new(change(None, Some("new\n")));
    let path = Path::new("/w/a");
    assert_eq!(progress.see_opened(path, &Text::from("\n")), Author::User);
    assert!(!progress.is_moved_on());
    let new = Text::from("new\n");
    assert_eq!(
        progress.see_document(path, &new),
        Author::Delivery(new.clone())
    );
    assert!(progress.is_done());
}

#[test]
fn a_file_that_is_loaded_and_then_edited_is_done_after_the_edit() {
    let mut progress = Progress::new(change(Some("a\n"), Some("b\n")));
    let path = Path::new("/w/a");
    assert_eq!(progress.see_opened(path, &Text::from("a\n")), Author::User);
    assert!(!progress.is_done());
    progress.see_document(path, &Text::from("b\n"));
    assert!(progress.is_done());
}

#[test]
fn a_file_that_the_client_saves_is_seen_on_disk() {
    let mut progress = Progress::new(change(Some("a\n"), Some("b\n")));
    assert!(!progress.see_disk(None, Some(&on_disk("a\n"))));
    assert!(!progress.is_done());
    assert!(progress.see_disk(None, Some(&on_disk("b\n"))));
    assert!(progress.is_done());
}

#[test]
fn a_deleted_file_is_done_when_it_is_gone() {
    let mut progress = Progress::new(change(Some("a\n"), None));
    assert!(!progress.see_disk(None, Some(&on_disk("a\n"))));
    assert!(progress.see_disk(None, Some(&OnDisk::Absent(Folder::There))));
    assert!(progress.is_done());
}

#[test]
fn a_renamed_file_is_done_under_its_new_name_only() {
    let mut renamed = change(Some("a\n"), Some("b\n"));
    renamed.renamed_from = Some("/w/old".into());
    let mut progress = Progress::new(renamed);
    progress.see_document(Path::new("/w/old"), &Text::from("b\n"));
    assert!(!progress.is_done());
    let found = progress.see_name(Path::new("/w/a")).map(Path::to_path_buf);
    assert_eq!(found, Some("/w/old".into()));
    progress.see_opened(Path::new("/w/a"), &Text::from("b\n"));
    assert!(progress.is_done());
}
