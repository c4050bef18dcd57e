//! What a proposal may not change, however it is named.

use std::{fs, os::unix::fs::symlink};

use expect_test::{Expect, expect};

use super::{Fixture, Tree, tree};

/// Applies a change of `name`, which must be refused and change nothing.
fn check_refused(fixture: &Fixture, name: &str, expected: &Expect) {
    let before = everything(fixture);
    let change = fixture.change(name, None, Some("from the task\n"));
    let landed = fixture.apply(vec![change]).unwrap();
    assert_eq!((landed.applied, landed.checkpoint), (vec![], None));
    let [conflict] = &landed.conflicts[..] else {
        panic!("{name}: {:?}", landed.conflicts)
    };
    expected.assert_eq(&fixture.message(&conflict.obstacle));
    assert_eq!(everything(fixture), before, "{name}");
}

fn everything(fixture: &Fixture) -> Tree {
    let mut tree = Tree::new();
    let around = fixture.path("..").canonicalize().unwrap();
    super::collect(&around, &around, &mut tree);
    tree.retain(|name, _| !name.starts_with("state"));
    tree
}

#[test]
fn what_steers_agents_and_version_control_is_protected() {
    let fixture = Fixture::new(&[(".git/config", ""), ("src/lib.rs", "")]);
    check_refused(
        &fixture,
        ".git/hooks/pre-commit",
        &expect!["is not changed: it belongs to version control (`.git`)"],
    );
    check_refused(
        &fixture,
        "src/.GIT/config",
        &expect!["is not changed: it belongs to version control (`.git`)"],
    );
    check_refused(
        &fixture,
        ".ropewalk/config.toml",
        &expect!["is not changed: `.ropewalk` is protected"],
    );
    check_refused(
        &fixture,
        "src/.agents/skill.md",
        &expect!["is not changed: `.agents` is protected"],
    );
    check_refused(
        &fixture,
        ".ropewalkignore",
        &expect!["is not changed: `.ropewalkignore` is protected"],
    );
}

/// `git init --separate-git-dir` and bare repositories with worktrees beside them.
#[test]
fn a_repository_under_another_name_is_protected() {
    let fixture = Fixture::new(&[
        ("store/HEAD", "ref: refs/heads/main\n"),
        ("store/objects/info/packs", ""),
        ("store/refs/heads/main", ""),
        ("src/HEAD", ""),
    ]);
    for name in ["store/hooks/post-checkout", "store/new"] {
        check_refused(
            &fixture,
            name,
            &expect!["is not changed: git keeps a repository in w/store"],
        );
    }
    let change = fixture.change("src/new", None, Some("from the task\n"));
    let landed = fixture.apply(vec![change]).unwrap();
    assert_eq!(landed.conflicts, vec![]);
}

#[test]
fn secrets_are_not_changed() {
    let fixture = Fixture::new(&[(".env", "KEY=1\n"), (".aiexclude", "private/\n")]);
    check_refused(
        &fixture,
        ".env",
        &expect!["is not changed: it may hold secrets (built-in pattern `.env*`)"],
    );
    check_refused(
        &fixture,
        "private/notes",
        &expect!["is not changed: `w/.aiexclude` excludes it (line `private/`)"],
    );
}

#[test]
fn nothing_outside_is_changed() {
    let fixture = Fixture::new(&[("a", "a\n"), ("../outside/file", "theirs\n")]);
    symlink(fixture.path("../outside"), fixture.path("out")).unwrap();
    symlink(fixture.path(".git"), fixture.path("git")).unwrap();
    check_refused(
        &fixture,
        "../outside/file",
        &expect!["does not name a file"],
    );
    let outside = fixture
        .path("../outside")
        .canonicalize()
        .unwrap()
        .join("file");
    let outside = outside.to_str().unwrap().to_owned();
    check_refused(
        &fixture,
        &outside,
        &expect!["is outside of the workspace's folders"],
    );
    check_refused(
        &fixture,
        "out/file",
        &expect!["is not changed: it leads to `outside`: it is outside the workspace's folders"],
    );
    check_refused(
        &fixture,
        "git/config",
        &expect!["is not changed: it leads to `w/.git`: it belongs to version control (`.git`)"],
    );
    check_refused(&fixture, "", &expect!["does not name a file"]);
    check_refused(&fixture, "b/../c", &expect!["does not name a file"]);
}

#[test]
fn what_ropewalk_keeps_is_not_changed_where_it_lies_in_the_workspace() {
    let mut fixture = Fixture::new(&[("../state/threads/log", "a log\n"), ("w", "")]);
    fixture.folders = vec![fixture.path("..").canonicalize().unwrap()];
    let change = fixture.change("state/threads/log", Some("a log\n"), Some("another\n"));
    let landed = fixture.apply(vec![change]).unwrap();
    let texts: Vec<String> = landed
        .conflicts
        .iter()
        .map(|conflict| conflict.obstacle.to_string())
        .collect();
    assert_eq!(
        texts,
        ["is not changed: it belongs to what ropewalk itself keeps"]
    );
    assert_eq!(fixture.read("state/threads/log"), "a log\n");
}

#[test]
fn a_link_within_the_workspace_is_followed_to_a_files_folder_but_is_itself_what_changes() {
    let fixture = Fixture::new(&[("src/a", "a\n"), ("b", "b\n")]);
    symlink("src", fixture.path("source")).unwrap();
    symlink("b", fixture.path("link")).unwrap();
    let landed = fixture
        .apply(vec![
            fixture.change("source/a", Some("a\n"), Some("new a\n")),
            fixture.change("link", Some("-> b"), Some("no link any more\n")),
        ])
        .unwrap();
    assert_eq!(landed.conflicts, []);
    let expected = [
        ("b", "b\n"),
        ("link", "no link any more\n"),
        ("source", "-> src"),
        ("src/", ""),
        ("src/a", "new a\n"),
    ];
    assert_eq!(fixture.tree(), tree(&expected));
}

#[test]
fn one_file_under_two_names_is_not_changed_twice() {
    let fixture = Fixture::new(&[("src/a", "a\n")]);
    symlink("src", fixture.path("source")).unwrap();
    let landed = fixture
        .apply(vec![
            fixture.change("source/a", Some("a\n"), Some("one\n")),
            fixture.change("src/a", Some("a\n"), Some("other\n")),
        ])
        .unwrap();
    let texts: Vec<String> = landed
        .conflicts
        .iter()
        .map(|conflict| conflict.obstacle.to_string())
        .collect();
    assert_eq!(
        texts,
        ["is changed twice, under two names that a link gives it"]
    );
    assert_eq!(fixture.read("src/a"), "one\n");
}

/// The link leads out today; the proposal removes it and makes a folder of that name.
#[test]
fn a_folder_that_replaces_a_link_is_not_reached_through_it() {
    let fixture = Fixture::new(&[("../outside/file", "theirs\n")]);
    symlink("../outside", fixture.path("folder")).unwrap();
    let landed = fixture
        .apply(vec![
            fixture.change("folder", Some("-> ../outside"), None),
            fixture.change("folder/file", None, Some("ours\n")),
        ])
        .unwrap();
    assert_eq!(landed.conflicts, []);
    let expected = [("folder/", ""), ("folder/file", "ours\n")];
    assert_eq!(fixture.tree(), tree(&expected));
    assert_eq!(
        fs::read_to_string(fixture.path("../outside/file")).unwrap(),
        "theirs\n"
    );
}

#[test]
fn a_link_that_leads_out_is_made_and_told() {
    let fixture = Fixture::new(&[("a", "a\n")]);
    let landed = fixture
        .apply(vec![
            fixture.change("inside", None, Some("-> a")),
            fixture.change("outside", None, Some("-> /etc/passwd")),
        ])
        .unwrap();
    let notes: Vec<String> = landed
        .notes
        .iter()
        .map(|note| fixture.message(note))
        .collect();
    assert_eq!(
        notes,
        ["w/outside is a link that leads out of the workspace, to /etc/passwd"]
    );
}
