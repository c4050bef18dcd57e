//! Nothing outside is reached through links, and nothing is waited for.

use std::{fs, os::unix::fs::symlink};

use super::*;

#[test]
fn links_are_never_followed() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "outside").unwrap();
    let folder = tempfile::tempdir().unwrap();
    symlink(outside.path(), folder.path().join("way")).unwrap();
    symlink("way/secret", folder.path().join("link")).unwrap();
    let tree = Tree::open(folder.path()).unwrap();
    assert_eq!(tree.status(Path::new("way/secret")).unwrap(), None);
    assert!(tree.open_file(Path::new("way/secret")).is_err());
    assert!(tree.open_file(Path::new("link")).is_err());
    assert!(tree.open_file(Path::new("../secret")).is_err());
    assert!(tree.list(Path::new("way")).is_err());
    let kind = tree
        .status(Path::new("way"))
        .unwrap()
        .map(|status| status.kind);
    assert_eq!(kind, Some(FileKind::Link));
    assert_eq!(
        tree.read_link(Path::new("link")).unwrap(),
        Path::new("way/secret")
    );
}

#[test]
fn a_pipe_is_no_file_and_nobody_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        folder.path().join("pipe"),
        FileType::Fifo,
        Mode::RUSR,
        0,
    )
    .unwrap();
    let tree = Tree::open(folder.path()).unwrap();
    assert!(tree.open_file(Path::new("pipe")).is_err());
    let entries = tree.list(Path::new("")).unwrap();
    assert_eq!(entries[0].kind, FileKind::Special);
}
