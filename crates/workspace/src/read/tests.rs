//! The text of a file under every name and state it can have, and what refusals say.

use std::{fs, process::Command};

use expect_test::{Expect, expect};
use text::Text;

use super::{FileSource, FileText, ReadError};
use crate::{
    Decoding, Fidelity, LineEnding, TextEncoding,
    fixture::{Fixture, on_every_disk},
};

on_every_disk![
    unsaved_text_covers_the_file_until_the_document_is_closed,
    a_document_is_found_under_every_name_of_its_file,
    a_new_document_is_read_before_it_has_a_file,
    refusals_say_what_is_wrong,
    nothing_that_would_block_is_opened,
    links_that_lead_nowhere_or_in_a_circle_are_told_apart,
    the_limit_is_the_largest_size_that_is_read,
    a_file_that_may_not_be_read_is_told_apart_from_a_missing_one,
    a_file_with_strange_bytes_in_its_name_is_read,
];

fn from_disk(text: &str) -> FileText {
    let decoding = Decoding {
        encoding: TextEncoding::Utf8,
        fidelity: Fidelity::Exact,
    };
    FileText {
        text: Text::from(text),
        source: FileSource::Disk { decoding },
    }
}

fn check_refused(fixture: &mut Fixture, path: &str, expected: Expect) {
    let error = fixture.snapshot().read(&fixture.path(path)).unwrap_err();
    expected.assert_eq(&fixture.message(&error));
}

fn unsaved_text_covers_the_file_until_the_document_is_closed() {
    let mut fixture = Fixture::new(&[("a.rs", "on disk\r\n")]);
    let path = fixture.path("a.rs");
    assert_eq!(
        fixture.snapshot().read(&path).unwrap(),
        from_disk("on disk\r\n")
    );
    fixture.open("a.rs", "in the editor\n");
    let unsaved = FileText {
        text: Text::from("in the editor\n"),
        source: FileSource::Document { version: 1 },
    };
    assert_eq!(fixture.snapshot().read(&path).unwrap(), unsaved);
    let before = fixture.snapshot();
    fixture.workspace.close_document(&path);
    assert_eq!(
        before.read(&path).unwrap(),
        unsaved,
        "a snapshot does not change"
    );
    assert_eq!(
        fixture.snapshot().read(&path).unwrap(),
        from_disk("on disk\r\n")
    );
    assert_eq!(
        fixture.snapshot().read(&path).unwrap().line_ending(),
        LineEnding::CrLf
    );
}

fn a_document_is_found_under_every_name_of_its_file() {
    let mut fixture = Fixture::new(&[("real/a.rs", "on disk")]);
    std::os::unix::fs::symlink(fixture.path("real"), fixture.path("alias")).unwrap();
    for (opened, other) in [
        ("real/a.rs", "alias/a.rs"),
        ("alias/a.rs", "real/./../real/a.rs"),
    ] {
        fixture.open(opened, "unsaved");
        let read = fixture.snapshot().read(&fixture.path(other)).unwrap();
        assert_eq!(read.text, Text::from("unsaved"), "{opened} read as {other}");
        fixture.workspace.close_document(&fixture.path(opened));
    }
}

fn a_new_document_is_read_before_it_has_a_file() {
    let mut fixture = Fixture::new(&[]);
    fixture.open("new/file.rs", "fn main() {}");
    let read = fixture
        .snapshot()
        .read(&fixture.path("new/file.rs"))
        .unwrap();
    assert_eq!(read.text, Text::from("fn main() {}"));
}

fn refusals_say_what_is_wrong() {
    let mut fixture = Fixture::new(&[("a/file", "text"), ("binary", "PNG\0"), (".env", "KEY=1")]);
    check_refused(
        &mut fixture,
        "missing",
        expect!["`root/missing` does not exist"],
    );
    check_refused(
        &mut fixture,
        "a/file/below",
        expect!["`root/a/file/below` does not exist"],
    );
    check_refused(
        &mut fixture,
        "a",
        expect!["`root/a` is a directory, not a file"],
    );
    check_refused(
        &mut fixture,
        "binary",
        expect!["`root/binary` is a binary file"],
    );
    check_refused(
        &mut fixture,
        ".env",
        expect!["`root/.env` is not read: it may hold secrets (built-in pattern `.env*`)"],
    );
    check_refused(
        &mut fixture,
        "../beside",
        expect!["`root/../beside` is not read: it is outside the workspace's folders"],
    );
}

fn nothing_that_would_block_is_opened() {
    let mut fixture = Fixture::new(&[]);
    let pipe = fixture.path("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let _socket = std::os::unix::net::UnixListener::bind(fixture.path("socket")).unwrap();
    std::os::unix::fs::symlink(&pipe, fixture.path("link to pipe")).unwrap();
    for name in ["pipe", "socket", "link to pipe"] {
        let error = fixture.snapshot().read(&fixture.path(name)).unwrap_err();
        let expected = format!("`root/{name}` is a pipe, a socket or a device, not a file");
        assert_eq!(fixture.message(&error), expected);
    }
}

fn links_that_lead_nowhere_or_in_a_circle_are_told_apart() {
    let mut fixture = Fixture::new(&[]);
    std::os::unix::fs::symlink("nowhere", fixture.path("dangling")).unwrap();
    std::os::unix::fs::symlink("circle", fixture.path("circle")).unwrap();
    std::os::unix::fs::symlink(".", fixture.path("here")).unwrap();
    fixture.write("file", "text");
    check_refused(
        &mut fixture,
        "dangling",
        expect!["`root/dangling` does not exist"],
    );
    check_refused(
        &mut fixture,
        "circle",
        expect!["`root/circle` is a link that leads back to itself"],
    );
    let read = fixture
        .snapshot()
        .read(&fixture.path("here/here/here/file"))
        .unwrap();
    assert_eq!(read, from_disk("text"));
}

fn the_limit_is_the_largest_size_that_is_read() {
    let mut fixture = Fixture::new(&[("file", "12345")]);
    fixture.open("document", "12345");
    for name in ["file", "document"] {
        let path = fixture.path(name);
        let snapshot = fixture.snapshot();
        assert_eq!(
            snapshot.read_up_to(&path, 5).unwrap().text,
            Text::from("12345")
        );
        let error = snapshot.read_up_to(&path, 4).unwrap_err();
        assert!(
            matches!(
                error,
                ReadError::TooLarge {
                    size: 5,
                    limit: 4,
                    ..
                }
            ),
            "{error}"
        );
        let expected = format!("`root/{name}` has 5 bytes, more than the limit of 4");
        assert_eq!(fixture.message(&error), expected);
    }
}

fn a_file_that_may_not_be_read_is_told_apart_from_a_missing_one() {
    use std::os::unix::fs::PermissionsExt;

    let mut fixture = Fixture::new(&[("closed", "text")]);
    fs::set_permissions(fixture.path("closed"), fs::Permissions::from_mode(0o000)).unwrap();
    match fs::File::open(fixture.path("closed")) {
        // The superuser may read everything.
        Ok(_) => assert_eq!(
            fixture.snapshot().read(&fixture.path("closed")).unwrap(),
            from_disk("text")
        ),
        Err(_) => check_refused(
            &mut fixture,
            "closed",
            expect!["`root/closed` may not be read: its permissions do not allow it"],
        ),
    }
}

fn a_file_with_strange_bytes_in_its_name_is_read() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    let mut fixture = Fixture::new(&[]);
    let path = fixture.root().join(OsStr::from_bytes(b"caf\xE9.txt"));
    fs::write(&path, "text").unwrap();
    assert_eq!(fixture.snapshot().read(&path).unwrap(), from_disk("text"));
}
