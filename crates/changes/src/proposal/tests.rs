//! What a proposal is made of: order, what vanishes, kinds, and renames beside those that git finds.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use fastrand::Rng;

use super::*;
use crate::random::{change, executable, file, link};

#[test]
fn changes_are_in_order_and_empty_ones_vanish() {
    let proposal = Proposal::new(vec![
        change("/w/b", None, Some(file("new"))),
        change("/w/same", Some(file("x")), Some(file("x"))),
        change("/w/never", None, None),
        change("/w/a/c", Some(link("x")), Some(link("y"))),
        change("/w/a", Some(file("old")), Some(file("new"))),
    ]);
    let paths: Vec<_> = proposal
        .files
        .iter()
        .map(|file| file.path.to_str())
        .collect();
    assert_eq!(paths, [Some("/w/a"), Some("/w/a/c"), Some("/w/b")]);
    assert!(Proposal::new(vec![change("/w/a", None, None)]).is_empty());
}

#[test]
fn of_several_changes_of_one_path_the_net_counts() {
    let proposal = Proposal::new(vec![
        change("/w/a", Some(file("1")), Some(file("2"))),
        change("/w/b", None, Some(file("1"))),
        change("/w/a", Some(file("2")), Some(file("3"))),
        change("/w/b", Some(file("1")), None),
    ]);
    assert_eq!(
        proposal.files,
        [change("/w/a", Some(file("1")), Some(file("3")))]
    );
}

#[test]
fn every_change_has_its_kind() {
    let unknown = |after| FileChange {
        base: Base::Unknown,
        ..change("/w/a", None, after)
    };
    let renamed = FileChange {
        renamed_from: Some("/w/b".into()),
        ..change("/w/a", Some(file("1")), Some(file("1")))
    };
    for (change, kind, new_mode) in [
        (
            change("/w/a", None, Some(executable("1"))),
            ChangeKind::Created,
            None,
        ),
        (
            change("/w/a", Some(file("1")), None),
            ChangeKind::Deleted,
            None,
        ),
        (
            change("/w/a", Some(file("1")), Some(executable("2"))),
            ChangeKind::Modified,
            Some(true),
        ),
        (
            change("/w/a", Some(executable("1")), Some(file("1"))),
            ChangeKind::Mode,
            Some(false),
        ),
        (
            change("/w/a", Some(executable("1")), Some(link("1"))),
            ChangeKind::Modified,
            None,
        ),
        (unknown(Some(file("1"))), ChangeKind::Modified, None),
        (unknown(None), ChangeKind::Deleted, None),
        (renamed, ChangeKind::Renamed, None),
    ] {
        assert_eq!(
            (change.kind(), change.new_mode()),
            (kind, new_mode),
            "{change:?}"
        );
        assert_eq!(Proposal::new(vec![change.clone()]).files, [change]);
    }
}

#[test]
fn a_file_that_moved_is_a_rename_with_its_other_changes() {
    let old = numbered(0..10);
    let new = format!("{}last\n", numbered(0..9));
    let proposal = Proposal::new(vec![
        change("/w/old", Some(file(&old)), None),
        change("/w/new", None, Some(executable(&new))),
    ]);
    let expected = FileChange {
        renamed_from: Some("/w/old".into()),
        ..change("/w/new", Some(file(&old)), Some(executable(&new)))
    };
    assert_eq!(proposal.files, [expected]);
    assert_eq!(Proposal::new(proposal.files.clone()), proposal);
}

#[test]
fn what_is_no_rename_stays_two_changes() {
    let half = format!("{}{}", numbered(0..5), numbered(100..106));
    let text = numbered(0..10);
    for [deleted, created] in [
        // Empty, of another kind, unlike, binary and not equal.
        [
            change("/w/a", Some(file("")), None),
            change("/w/b", None, Some(file(""))),
        ],
        [
            change("/w/a", Some(link("x")), None),
            change("/w/b", None, Some(file("x"))),
        ],
        [
            change("/w/a", Some(file(&text)), None),
            change("/w/b", None, Some(file(&half))),
        ],
        [
            change("/w/a", Some(file(b"\0aa")), None),
            change("/w/b", None, Some(file(b"\0ab"))),
        ],
        // A file where a folder was, a folder where a file was.
        [
            change("/w/a", Some(file(&text)), None),
            change("/w/a/b", None, Some(file(&text))),
        ],
        [
            change("/w/a", None, Some(file(&text))),
            change("/w/a/b", Some(file(&text)), None),
        ],
    ] {
        let files = vec![deleted, created];
        assert_eq!(Proposal::new(files.clone()).files, files);
    }
    // What lives on elsewhere but has got new content is modified, and its copy is created.
    let files = vec![
        change("/w/a", Some(file(&text)), Some(file("other\n"))),
        change("/w/b", None, Some(file(&text))),
    ];
    assert_eq!(Proposal::new(files.clone()).files, files);
}

#[test]
fn of_equal_files_those_that_kept_their_name_belong_together() {
    let files = |folder: &str, is_deleted: bool| -> Vec<FileChange> {
        let one = |name: &str| {
            let path = format!("/w/{folder}/{name}");
            let (before, after) = if is_deleted {
                (Some(file("same\n")), None)
            } else {
                (None, Some(file("same\n")))
            };
            change(path, before, after)
        };
        ["a", "b", "c"].map(one).into()
    };
    let proposal = Proposal::new([files("old", true), files("new", false)].concat());
    let renames: Vec<_> = proposal.files.iter().map(names).collect();
    let expected = ["a", "b", "c"].map(|name| (format!("/w/old/{name}"), format!("/w/new/{name}")));
    assert_eq!(renames, expected);
}

#[test]
fn a_moved_folder_of_many_files_is_as_many_renames() {
    let mut files = Vec::new();
    for number in 0..3000 {
        let text = numbered(number..number + 20);
        files.push(change(format!("/w/old/{number}"), Some(file(&text)), None));
        let text = text + if number % 3 == 0 { "more\n" } else { "" };
        files.push(change(format!("/w/new/{number}"), None, Some(file(text))));
    }
    let proposal = Proposal::new(files);
    assert_eq!(proposal.files.len(), 3000);
    for file in &proposal.files {
        let (old, new) = names(file);
        assert_eq!(old, new.replace("new", "old"));
    }
}

#[test]
fn renames_are_those_that_git_finds() {
    let mut found = 0;
    for seed in 0..60 {
        let mut random = Rng::with_seed(seed);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut files = Vec::new();
        let mut write = |side: &str, name: &str, text: &str| {
            let path = folder.path().join(side).join(name);
            fs::create_dir_all(path.parent().expect("it has one")).expect("the folder is writable");
            fs::write(&path, text).expect("the folder is writable");
            let (before, after) = match side {
                "before" => (Some(file(text)), None),
                _ => (None, Some(file(text))),
            };
            files.push(change(format!("/{name}"), before, after));
        };
        write("before", "kept", "kept\n");
        write("after", "kept", "kept\n");
        for number in 0..random.usize(1..12) {
            // Lines that no other file has, so that there is one best answer.
            let lines: Vec<String> = (0..random.usize(20..60))
                .map(|line| format!("file {number} line {line}\n"))
                .collect();
            let name = |random: &mut Rng| format!("{}/{number}-{}", random.u8(..3), random.u16(..));
            let (old, new) = (name(&mut random), name(&mut random));
            let kept = match random.usize(..4) {
                0 => lines.len(),
                1 => lines.len() * 4 / 5,
                2 => lines.len() * 3 / 5,
                _ => lines.len() / 4,
            };
            let added: String = (kept..lines.len())
                .map(|line| format!("else {number} with {line}\n"))
                .collect();
            write("before", &old, &lines.concat());
            if random.usize(..4) > 0 {
                write("after", &new, &(lines[..kept].concat() + &added));
            }
        }
        let proposal = Proposal::new(files);
        let ours: BTreeSet<_> = proposal
            .files
            .iter()
            .filter(|file| file.kind() == ChangeKind::Renamed)
            .map(names)
            .collect();
        assert_eq!(ours, git_renames(folder.path()), "seed {seed}");
        found += ours.len();
    }
    assert!(found > 100, "renames must be tried often: {found}");
}

fn names(file: &FileChange) -> (String, String) {
    let name = |path: &Path| {
        path.to_str()
            .expect("the tests' names are UTF-8")
            .to_owned()
    };
    (name(file.base_path()), name(&file.path))
}

fn numbered(lines: std::ops::Range<usize>) -> String {
    lines.map(|line| format!("line {line:05}\n")).collect()
}

/// What `git diff -M` calls renames between the folders `before` and `after`.
fn git_renames(folder: &Path) -> BTreeSet<(String, String)> {
    let output = Command::new("git")
        .args([
            "diff",
            "--no-index",
            "-M50%",
            "-z",
            "--name-status",
            "before",
            "after",
        ])
        .current_dir(folder)
        .output()
        .expect("git is the oracle of this test: install git and have it in PATH");
    let text = String::from_utf8(output.stdout).expect("the names are UTF-8");
    let mut fields = text.split_terminator('\0');
    let mut renames = BTreeSet::new();
    while let Some(status) = fields.next() {
        let mut name = |side: &str| {
            let name = fields.next().expect("a name follows");
            name.strip_prefix(side).unwrap_or(name).to_owned()
        };
        if status.starts_with('R') {
            renames.insert((name("before"), name("after")));
        } else {
            name("");
        }
    }
    renames
}
