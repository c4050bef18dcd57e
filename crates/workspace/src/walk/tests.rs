//! What a walk finds and leaves out, and in which order.

use std::{fs, os::unix::fs::symlink};

use expect_test::{Expect, expect};

use super::{IgnoredFiles, WalkOptions, Yields};
use crate::fixture::{Fixture, on_every_disk};

on_every_disk![
    ignored_and_secret_files_are_left_out_and_hidden_ones_are_not,
    ignored_files_can_be_asked_for_but_never_secret_ones,
    a_listing_has_the_direct_children_with_their_directories,
    globs_choose_and_leave_out,
    links_are_not_followed,
    nested_and_repeated_folders_are_walked_once,
    a_folder_that_is_gone_is_a_problem_and_no_end,
    names_that_are_no_text_do_not_stop_a_walk,
];

const PROJECT: &[(&str, &str)] = &[
    (".env", "KEY=1"),
    (".env.example", "KEY="),
    (".github/workflow.yml", ""),
    (".gitignore", "/target\n*.log\n"),
    ("build.log", ""),
    ("docs/guide.md", ""),
    ("node_modules/left-pad/index.js", ""),
    ("src/main.rs", ""),
    ("src/secrets.yml", ""),
    ("target/debug/main", ""),
    ("target/id_rsa", ""),
];

fn check(fixture: &mut Fixture, options: &WalkOptions, expected: Expect) {
    expected.assert_eq(&fixture.walk(options));
}

fn ignored_and_secret_files_are_left_out_and_hidden_ones_are_not() {
    check(
        &mut Fixture::new(PROJECT),
        &WalkOptions::default(),
        expect![[r#"
            root/.env.example
            root/.github/workflow.yml
            root/.gitignore
            root/docs/guide.md
            root/src/main.rs
        "#]],
    );
}

fn ignored_files_can_be_asked_for_but_never_secret_ones() {
    let options = WalkOptions {
        ignored: IgnoredFiles::Include,
        ..WalkOptions::default()
    };
    check(
        &mut Fixture::new(PROJECT),
        &options,
        expect![[r#"
            root/.env.example
            root/.github/workflow.yml
            root/.gitignore
            root/build.log
            root/docs/guide.md
            root/node_modules/left-pad/index.js
            root/src/main.rs
            root/target/debug/main
        "#]],
    );
}

fn a_listing_has_the_direct_children_with_their_directories() {
    let mut fixture = Fixture::new(PROJECT);
    fixture.open("src/new.rs", "");
    fixture.open("src/deeper/new.rs", "");
    let options = WalkOptions {
        under: Some(fixture.path("src")),
        yields: Yields::FilesAndDirectories,
        max_depth: Some(1),
        ..WalkOptions::default()
    };
    fixture.write("src/module/part.rs", "");
    check(
        &mut fixture,
        &options,
        expect![[r#"
            root/src/main.rs
            root/src/module
            root/src/new.rs
        "#]],
    );
}

fn globs_choose_and_leave_out() {
    let mut fixture = Fixture::new(PROJECT);
    fixture.open("src/new.rs", "");
    fixture.open("src/new.txt", "");
    let globs = |globs: &[&str]| WalkOptions {
        globs: globs.iter().map(ToString::to_string).collect(),
        ..WalkOptions::default()
    };
    check(
        &mut fixture,
        &globs(&["*.rs", "/docs/**"]),
        expect![[r#"
            root/docs/guide.md
            root/src/main.rs
            root/src/new.rs
        "#]],
    );
    check(
        &mut fixture,
        &globs(&["!src", "!.*"]),
        expect![[r#"
            root/docs/guide.md
        "#]],
    );
}

#[test]
fn a_glob_that_is_none_is_refused() {
    let options = WalkOptions {
        globs: vec!["src/[".to_owned()],
        ..WalkOptions::default()
    };
    let error = Fixture::new(PROJECT)
        .snapshot()
        .walk(&options)
        .err()
        .unwrap();
    expect![[r#"the pattern `src/[` is no valid glob: error parsing glob 'src/[': unclosed character class; missing ']'"#]]
        .assert_eq(&error.to_string());
}

fn links_are_not_followed() {
    let mut fixture = Fixture::new(&[("dir/file", ""), ("../outside/file", "")]);
    symlink("..", fixture.path("dir/up")).unwrap();
    symlink("../outside", fixture.path("out")).unwrap();
    symlink("dir/file", fixture.path("link")).unwrap();
    check(
        &mut fixture,
        &WalkOptions::default(),
        expect![[r#"
            root/dir/file
        "#]],
    );
}

fn nested_and_repeated_folders_are_walked_once() {
    let mut fixture = Fixture::new(&[
        (".gitignore", "/inner\n"),
        ("a", ""),
        ("inner/b", ""),
        ("inner/.gitignore", "ignored"),
        ("inner/ignored", ""),
        ("z", ""),
    ]);
    symlink("root", fixture.path("../again")).unwrap();
    for folder in ["inner", "../again", "../again/inner", "."] {
        let path = fixture.path(folder);
        fixture.workspace.add_folder(&path).unwrap();
    }
    check(
        &mut fixture,
        &WalkOptions::default(),
        expect![[r#"
            root/.gitignore
            root/a
            root/z
            root/inner/.gitignore
            root/inner/b
        "#]],
    );
    assert!(fixture.workspace.remove_folder(&fixture.path("inner")));
    assert!(!fixture.workspace.remove_folder(&fixture.path("inner")));
    check(
        &mut fixture,
        &WalkOptions::default(),
        expect![[r#"
            root/.gitignore
            root/a
            root/z
        "#]],
    );
}

fn a_folder_that_is_gone_is_a_problem_and_no_end() {
    let mut fixture = Fixture::new(&[("file", "")]);
    let other = fixture.path("../other");
    fixture.workspace.add_folder(&other).unwrap();
    let mut walk = fixture.snapshot().walk(&WalkOptions::default()).unwrap();
    let paths: Vec<_> = walk.by_ref().map(|entry| entry.path).collect();
    assert_eq!(paths, [fixture.path("file")]);
    let problems: Vec<_> = walk
        .problems()
        .iter()
        .map(|problem| problem.path.clone())
        .collect();
    assert_eq!(problems, [Some(crate::normalize(&other))]);
    fs::create_dir(&other).unwrap();
    fs::write(other.join("back"), "").unwrap();
    assert_eq!(
        fixture.walk(&WalkOptions::default()),
        "root/file\nother/back\n"
    );
}

fn names_that_are_no_text_do_not_stop_a_walk() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    let mut fixture = Fixture::new(&[("a", ""), ("z", "")]);
    let strange = OsStr::from_bytes(b"caf\xE9");
    fs::create_dir(fixture.root().join(strange)).unwrap();
    fs::write(
        fixture
            .root()
            .join(strange)
            .join(OsStr::from_bytes(b"\xFF.env")),
        "",
    )
    .unwrap();
    fs::write(
        fixture
            .root()
            .join(strange)
            .join(OsStr::from_bytes(b"\xFF.txt")),
        "",
    )
    .unwrap();
    let paths: Vec<_> = fixture
        .snapshot()
        .walk(&WalkOptions::default())
        .unwrap()
        .map(|entry| entry.path)
        .collect();
    let inner = fixture
        .root()
        .join(strange)
        .join(OsStr::from_bytes(b"\xFF.txt"));
    assert_eq!(paths, [fixture.path("a"), inner, fixture.path("z")]);
}
