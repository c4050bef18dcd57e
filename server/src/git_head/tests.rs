//! What is told of a real repository.
use std::path::Path;
use std::process::Command;

use text::Text;

use super::{stamp, texts, top_of};

fn git(folder: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=a", "-c", "user.email=a@example.org"])
        .args(arguments)
        .stdout(std::process::Stdio::null())
        .status()
        .expect("git runs");
    assert!(status.success(), "{arguments:?}");
}

#[test]
fn the_texts_of_the_last_commit_are_told_and_what_is_not_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let top = folder.path();
    let paths = ["a b.txt", "é/😀", "new", "binary", "empty"].map(|name| top.join(name));
    git(top, &["init", "-q"]);
    let nothing = texts(top, &paths);
    assert!(
        nothing.iter().all(|(_, text)| text.is_none()),
        "{nothing:?}"
    );
    std::fs::create_dir(top.join("é")).expect("it is made");
    for (name, content) in [
        ("a b.txt", &b"one\r\ntwo"[..]),
        ("é/😀", b"missing\n"),
        ("binary", b"\xff\x00"),
        ("empty", b""),
    ] {
        std::fs::write(top.join(name), content).expect("it is written");
    }
    let before = stamp(top);
    git(top, &["-c", "core.autocrlf=false", "add", "."]);
    git(top, &["commit", "-qm", "a"]);
    assert_ne!(before, stamp(top));
    std::fs::write(top.join("a b.txt"), "other").expect("it is written");
    assert_eq!(
        texts(top, &paths),
        [
            (paths[0].clone(), Some(Text::from("one\r\ntwo"))),
            (paths[1].clone(), Some(Text::from("missing\n"))),
            (paths[2].clone(), None),
            (paths[4].clone(), Some(Text::default())),
        ]
    );
    assert_eq!(top_of(&paths[1]).as_deref(), Some(top));
}

#[test]
fn without_a_repository_nothing_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(texts(folder.path(), &[folder.path().join("a")]), []);
}
