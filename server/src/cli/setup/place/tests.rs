//! Placing files beside what is there: backups, links, unreadable things.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::{Existing, Outcome, place};
use crate::cli::setup::SetupFile;

fn ours(path: &Path) -> SetupFile {
    SetupFile {
        path: path.to_path_buf(),
        text: "ours\n".into(),
    }
}

/// Every name below `folder` with what a reader finds there, links marked.
fn listing(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let mark = if entry.file_type().unwrap().is_symlink() {
                "@"
            } else {
                ""
            };
            let name = entry.file_name().into_string().unwrap();
            (
                format!("{name}{mark}"),
                fs::read(entry.path()).unwrap_or_default(),
            )
        })
        .collect();
    found.sort();
    found
}

fn named(name: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    (name.to_string(), bytes.to_vec())
}

#[test]
fn bytes_that_are_no_utf_8_are_kept_and_put_aside_like_any_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let theirs = b"# caf\xe9\n";
    fs::write(&path, theirs).unwrap();
    assert_eq!(place(&ours(&path), Existing::Keep).unwrap(), Outcome::Kept);
    assert_eq!(listing(folder.path()), [named("file", theirs)]);
    let backup = folder.path().join("file.before-ropewalk");
    assert_eq!(
        place(&ours(&path), Existing::Replace).unwrap(),
        Outcome::Replaced { backup }
    );
    assert_eq!(
        listing(folder.path()),
        [
            named("file", b"ours\n"),
            named("file.before-ropewalk", theirs)
        ]
    );
    assert_eq!(
        place(&ours(&path), Existing::Replace).unwrap(),
        Outcome::AlreadyThere
    );
}

#[test]
fn no_backup_is_ever_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    for content in ["first", "second", "third"] {
        fs::write(&path, content).unwrap();
        place(&ours(&path), Existing::Replace).unwrap();
    }
    assert_eq!(
        listing(folder.path()),
        [
            named("file", b"ours\n"),
            named("file.before-ropewalk", b"first"),
            named("file.before-ropewalk-2", b"second"),
            named("file.before-ropewalk-3", b"third"),
        ]
    );
}

#[test]
fn a_link_stays_a_link_and_what_it_points_to_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (home, dotfiles) = (folder.path().join("home"), folder.path().join("dotfiles"));
    fs::create_dir(&home).unwrap();
    fs::create_dir(&dotfiles).unwrap();
    fs::write(dotfiles.join("real"), "theirs").unwrap();
    symlink("real", dotfiles.join("inner")).unwrap();
    symlink("../dotfiles/inner", home.join("file")).unwrap();
    place(&ours(&home.join("file")), Existing::Replace).unwrap();
    assert_eq!(
        listing(&home),
        [
            named("file.before-ropewalk", b"theirs"),
            named("file@", b"ours\n")
        ]
    );
    assert_eq!(
        listing(&dotfiles),
        [named("inner@", b"ours\n"), named("real", b"ours\n")]
    );
}

#[test]
fn a_link_to_nothing_gets_its_target() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    symlink("later", &path).unwrap();
    assert_eq!(
        place(&ours(&path), Existing::Keep).unwrap(),
        Outcome::Written
    );
    assert_eq!(
        listing(folder.path()),
        [named("file@", b"ours\n"), named("later", b"ours\n")]
    );
}

#[test]
fn what_is_not_a_readable_file_is_left_alone_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("folder")).unwrap();
    symlink("circle", at("circle")).unwrap();
    symlink("/dev/null", at("device")).unwrap();
    fs::write(at("plain"), "theirs").unwrap();
    let before = listing(folder.path());
    for (path, expected) in [
        (at("folder"), "is not a file"),
        (at("device"), "is not a file"),
        (at("circle"), "is a link that cannot be followed"),
        (at("plain/file"), "cannot be read"),
    ] {
        let error = place(&ours(&path), Existing::Replace).unwrap_err();
        assert!(format!("{error:#}").contains(expected), "{error:#}");
    }
    assert_eq!(listing(folder.path()), before);
}

#[test]
fn a_file_that_may_not_be_read_is_not_taken_for_absent() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "theirs").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    let is_root = fs::read(&path).is_ok();
    let placed = place(&ours(&path), Existing::Keep);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    // Who may read everything finds a file that differs.
    match placed {
        Ok(outcome) => assert_eq!((is_root, outcome), (true, Outcome::Kept)),
        Err(error) => assert!(error.to_string().contains("left alone"), "{error:#}"),
    }
    assert_eq!(listing(folder.path()), [named("file", b"theirs")]);
}

#[test]
fn permissions_are_kept_and_new_files_can_be_read_by_all_who_may() {
    let folder = tempfile::tempdir().unwrap();
    let mode = |name: &str| {
        let metadata = fs::metadata(folder.path().join(name)).unwrap();
        metadata.permissions().mode() & 0o777
    };
    let path = folder.path().join("file");
    fs::write(&path, "theirs").unwrap();
    let usual = mode("file");
    place(&ours(&folder.path().join("new")), Existing::Keep).unwrap();
    assert_eq!(mode("new"), usual);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    place(&ours(&path), Existing::Replace).unwrap();
    assert_eq!((mode("file"), mode("file.before-ropewalk")), (0o640, 0o640));
}
