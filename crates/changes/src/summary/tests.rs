//! What the summary says of every kind of change, and its counts beside those of `git diff`.

use std::fs;
use std::process::Command;

use expect_test::{Expect, expect};
use fastrand::Rng;

use super::*;
use crate::random::{change, edited, executable, file, lines, link};

#[test]
fn every_kind_of_change_has_its_line() {
    let text = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    check(
        vec![
            change("/w/src/created.rs", None, Some(file("one\ntwo"))),
            change("/w/src/empty", None, Some(file(""))),
            change(
                "/w/src/lib.rs",
                Some(file("a\nb\nc\n")),
                Some(file("a\nB\n")),
            ),
            change("/w/src/run", Some(file("a\n")), Some(executable("b\n"))),
            change("/w/gone", Some(file("a\r\nb\r\n")), None),
            change("/w/old", Some(file(text)), None),
            change("/w/new", None, Some(executable(text.replace('5', "five")))),
            change("/w/moved", Some(file("same\n")), None),
            change("/w/moved too", None, Some(file("same\n"))),
            change("/w/tool", Some(executable("a")), Some(file("a"))),
        ],
        expect![[r#"
            8 files: +5 −6
              deleted   gone  −2
              renamed   moved → moved too
              renamed   old → new  +1 −1  now executable
              created   src/created.rs  +2
              created   src/empty  empty
              modified  src/lib.rs  +1 −2
              modified  src/run  +1 −1  now executable
              mode      tool  no longer executable
        "#]],
    );
}

#[test]
fn what_has_no_lines_is_told_otherwise() {
    let unknown = FileChange {
        base: Base::Unknown,
        ..change("/w/unknown", None, Some(file("x")))
    };
    check(
        vec![
            change("/w/logo.png", Some(file([0; 1])), Some(file([0; 1500]))),
            change("/w/same size", Some(file(b"\0a")), Some(file(b"\0b"))),
            change("/w/new.bin", None, Some(file(vec![0; 3 << 20]))),
            change("/w/old.bin", Some(file(b"\xff")), None),
            change("/w/link", Some(link("a")), Some(link("b\n"))),
            change("/w/no link", Some(link("a")), Some(file("a"))),
            change("/w/now link", Some(file("a")), Some(link("/a"))),
            change("/w/gone link", Some(link("a")), None),
            change("/w/\u{1b}[31m", None, Some(file("x"))),
            unknown,
        ],
        expect![[r#"
            10 files: +1
              created   "\033[31m"  +1
              deleted   gone link  link
              modified  link  link to "b\n"
              modified  logo.png  binary, 1 byte → 2 KiB
              created   new.bin  binary, 3 MiB
              modified  no link  no longer a link
              modified  now link  link to /a
              deleted   old.bin  binary, 1 byte
              modified  same size  binary, 2 bytes
              modified  unknown  also changed by you, and what the task started from is not known
        "#]],
    );
}

#[test]
fn nothing_and_too_much_have_short_words() {
    check(
        vec![],
        expect![[r#"
        no changes
    "#]],
    );
    check(
        vec![change("/w/a", None, Some(file("a")))],
        expect![[r#"
        1 file: +1
          created   a  +1
    "#]],
    );
    let files = |count: usize| -> Vec<FileChange> {
        let file = |number| change(format!("/w/{number:02}"), Some(file("a\n")), None);
        (0..count).map(file).collect()
    };
    check(
        files(11),
        expect![[r#"
        11 files: −11
          deleted   00  −1
          deleted   01  −1
          deleted   02  −1
          deleted   03  −1
          deleted   04  −1
          deleted   05  −1
          deleted   06  −1
          deleted   07  −1
          deleted   08  −1
          deleted   09  −1
          and 1 more file
    "#]],
    );
    check(
        files(12),
        expect![[r#"
        12 files: −12
          deleted   00  −1
          deleted   01  −1
          deleted   02  −1
          deleted   03  −1
          deleted   04  −1
          deleted   05  −1
          deleted   06  −1
          deleted   07  −1
          deleted   08  −1
          deleted   09  −1
          and 2 more files
    "#]],
    );
}

#[test]
fn lines_are_counted_as_git_counts_them() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for seed in 0..100 {
        let mut random = Rng::with_seed(seed);
        let before = lines(&mut random, 20) + "old\rmac\n";
        let after = edited(&mut random, &before, 20);
        let proposal = Proposal::new(vec![change(
            "/w/a",
            Some(file(&before)),
            Some(file(&after)),
        )]);
        for (name, text) in [("before", &before), ("after", &after)] {
            fs::write(folder.path().join(name), text).expect("the folder is writable");
        }
        let output = Command::new("git")
            .args([
                "diff",
                "--no-index",
                "--minimal",
                "--numstat",
                "before",
                "after",
            ])
            .current_dir(folder.path())
            .output()
            .expect("git is the oracle of this test: install git and have it in PATH");
        let text = String::from_utf8(output.stdout).expect("the names are UTF-8");
        let mut numbers = text.split('\t').map(|number| number.parse().unwrap_or(0));
        let expected = LineCounts {
            added: numbers.next().unwrap_or(0),
            removed: numbers.next().unwrap_or(0),
        };
        assert_eq!(
            proposal.summary(&[]).lines(),
            expected,
            "seed {seed}: {before:?} {after:?}"
        );
    }
}

#[track_caller]
fn check(files: Vec<FileChange>, expect: Expect) {
    let summary = Proposal::new(files).summary(&["/w".into()]);
    expect.assert_eq(&summary.text(10));
}
