//! Dots and links taken out of paths, to places that may not exist.

use std::{fs, os::unix::fs::symlink, path::Path};

use expect_test::expect;

use super::{normalize, real_path};

#[test]
fn dots_are_taken_out() {
    let paths = [
        "/",
        "/a/b/",
        "/a/./b",
        "/a/../b",
        "/../../a",
        "/a/b/../../..",
        "a/../b",
        "../a",
        "a/../../b",
        "./a",
        ".",
        "",
    ];
    let lines: String = paths
        .iter()
        .map(|path| format!("{path} -> {}\n", normalize(Path::new(path)).display()))
        .collect();
    expect![[r#"
        / -> /
        /a/b/ -> /a/b
        /a/./b -> /a/b
        /a/../b -> /b
        /../../a -> /a
        /a/b/../../.. -> /
        a/../b -> b
        ../a -> ../a
        a/../../b -> ../b
        ./a -> a
        . -> 
         -> 
    "#]]
    .assert_eq(&lines);
}

#[test]
fn links_are_followed_to_places_that_do_not_exist() {
    let folder = tempfile::tempdir().unwrap();
    let base = fs::canonicalize(folder.path()).unwrap();
    fs::create_dir(base.join("real")).unwrap();
    fs::write(base.join("file"), "").unwrap();
    symlink("real", base.join("alias")).unwrap();
    symlink("alias/later", base.join("dangling")).unwrap();
    symlink("dangling", base.join("twice")).unwrap();
    let lead = |path: &str| real_path(&base.join(path)).unwrap();
    assert_eq!(lead("alias"), base.join("real"));
    assert_eq!(lead("alias/new/file"), base.join("real/new/file"));
    assert_eq!(lead("dangling"), base.join("real/later"));
    assert_eq!(lead("twice/below"), base.join("real/later/below"));
    assert_eq!(lead("none/at/all"), base.join("none/at/all"));
    assert_eq!(lead("file/below"), base.join("file/below"));
}

#[test]
fn a_circle_of_links_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    symlink("b", folder.path().join("a")).unwrap();
    symlink("a", folder.path().join("b")).unwrap();
    let error = real_path(&folder.path().join("a/below")).unwrap_err();
    assert!(super::is_link_loop(&error), "{error}");
}
