//! The diffs beside `git apply`, and what they say of links and binary files.

use std::fs;
use std::process::Command;

use expect_test::expect;
use fastrand::Rng;

use super::text_diff;
use crate::Base;
use crate::random::{change, edited, file, lines, link};

#[test]
fn a_change_stands_between_three_lines() {
    let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n";
    let new = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11\n12\n13";
    expect![[r#"
        @@ -2,7 +2,7 @@
         2
         3
         4
        -5
        +five
         6
         7
         8
        @@ -10,4 +10,4 @@
         10
         11
         12
        -13
        +13
        \ No newline at end of file
    "#]]
    .assert_eq(&text_diff(old, new));
    assert_eq!(text_diff(old, old), "");
    assert_eq!(text_diff("", "a\n"), "@@ -0,0 +1 @@\n+a\n");
    assert_eq!(text_diff("a\n", ""), "@@ -1 +0,0 @@\n-a\n");
}

#[test]
fn git_makes_the_text_after_of_the_text_before() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name);
    for seed in 0..60 {
        let mut random = Rng::with_seed(seed);
        let before = lines(&mut random, 10) + "\u{1}x\ry\n\nwört\n";
        let mut after = edited(&mut random, &before, 10);
        if random.bool() {
            // A return and the characters that could stand for one are different.
            after = after.replace(['\r', '\u{1}'], "\u{2}") + "\r";
        }
        if before == after {
            continue;
        }
        let diff = text_diff(&before, &after);
        fs::write(path("file"), &before).expect("the folder is writable");
        fs::write(path("diff"), format!("--- a/file\n+++ b/file\n{diff}"))
            .expect("the folder is writable");
        let output = Command::new("git")
            .args(["apply", "--whitespace=nowarn", "diff"])
            .current_dir(folder.path())
            .env(
                "GIT_CEILING_DIRECTORIES",
                folder.path().parent().expect("it has one"),
            )
            .output()
            .expect("git is the oracle of this test: install git and have it in PATH");
        assert!(output.status.success(), "seed {seed}: {output:?}\n{diff}");
        let made = fs::read_to_string(path("file")).expect("git has written it");
        assert_eq!(made, after, "seed {seed}\n{diff}");
    }
}

#[test]
fn links_are_texts_and_what_has_no_text_has_no_diff() {
    let moved = change("/w/a", Some(link("old")), Some(link("new")));
    let no_end = "\\ No newline at end of file\n";
    let expected = format!("@@ -1 +1 @@\n-old\n{no_end}+new\n{no_end}");
    assert_eq!(moved.text_diff(), Some(expected));
    let mut text = change("/w/a", Some(file("a\n")), None);
    assert_eq!(text.text_diff().as_deref(), Some("@@ -1 +0,0 @@\n-a\n"));
    text.base = Base::Unknown;
    let binary = change("/w/a", None, Some(file(b"\0")));
    let retyped = change("/w/a", Some(file("a")), Some(link("a")));
    for change in [text, binary, retyped] {
        assert_eq!(change.text_diff(), None, "{change:?}");
    }
}
