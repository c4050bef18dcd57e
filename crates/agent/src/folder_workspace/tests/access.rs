//! What may be read and changed, and what becomes of links, permissions and files that others changed.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
};

use expect_test::{Expect, expect};

use crate::{Workspace, workspace::FileEdit};

use super::{Fixture, on_both};

on_both![
    reading_gives_exact_bytes,
    reading_has_bounds,
    what_is_out_of_bounds_is_not_written,
    a_file_that_was_changed_meanwhile_is_not_overwritten,
    one_file_is_changed_once,
    a_read_only_file_is_left,
    permissions_stay_and_go_along,
    a_link_is_written_through_and_removed_itself,
    another_hard_link_keeps_the_old_content,
];

const LIMIT: u64 = 1000;

fn write(fixture: &Fixture, name: &str, before: Option<&str>, after: &str) -> FileEdit {
    FileEdit::Write {
        path: fixture.path(name),
        before: before.map(|text| text.as_bytes().to_vec()),
        after: after.as_bytes().to_vec(),
    }
}

fn delete(fixture: &Fixture, name: &str, before: &str) -> FileEdit {
    FileEdit::Delete {
        path: fixture.path(name),
        before: before.as_bytes().to_vec(),
    }
}

/// Commits, expects a refusal, and that nothing has changed.
fn check_refused(fixture: &Fixture, changes: &[FileEdit], expected: &Expect) {
    let before = fixture.tree();
    let error = fixture.workspace.commit(changes).unwrap_err();
    expected.assert_eq(&fixture.message(&error));
    assert_eq!(fixture.tree(), before);
}

fn reading_gives_exact_bytes() {
    let fixture = Fixture::new(&[]);
    let bytes = b"\xEF\xBB\xBF\xFF\0\r\n";
    fs::write(fixture.path("a"), bytes).unwrap();
    let read = fixture.workspace.read(&fixture.path("./x/../a"), LIMIT);
    assert_eq!(read.unwrap(), bytes);
}

fn reading_has_bounds() {
    let fixture = Fixture::new(&[
        ("large", &"x".repeat(2000)),
        (".env", "KEY=1"),
        (".git/config", ""),
        ("folder/a", ""),
        (".ropewalkignore", "private\n"),
        ("private", ""),
        ("../outside", ""),
    ]);
    symlink(fixture.path("../outside"), fixture.path("link")).unwrap();
    symlink(fixture.path("loop"), fixture.path("loop")).unwrap();
    let answers: String = [
        "large",
        "missing",
        "large/below",
        "folder",
        "../outside",
        "link",
        "loop",
        ".env",
        ".git/config",
        "private",
    ]
    .iter()
    .map(|name| {
        let error = fixture
            .workspace
            .read(&fixture.path(name), LIMIT)
            .unwrap_err();
        fixture.message(&error) + "\n"
    })
    .collect();
    expect![[r#"
        w/large has 2000 bytes, more than the 1000 that can be handled here
        w/missing does not exist
        w/large/below does not exist
        w/folder is not a regular file
        w/../outside is outside the workspace; use a path below w
        w/link may not be accessed: it leads to `outside`: it is outside the workspace's folders
        w/loop: it links to itself
        w/.env may not be accessed: it may hold secrets (built-in pattern `.env*`)
        w/.git/config may not be accessed: it belongs to version control (`.git`)
        w/private may not be accessed: `w/.ropewalkignore` excludes it (line `private`)
    "#]]
    .assert_eq(&answers);
}

fn what_is_out_of_bounds_is_not_written() {
    let fixture = Fixture::new(&[
        (".agents/skill.md", "old"),
        (".ropewalkignore", "private\n"),
        ("folder/a", ""),
        ("store/HEAD", ""),
        ("store/objects/a", ""),
        ("store/refs/a", ""),
        ("../outside", "old"),
    ]);
    symlink(fixture.path("../outside"), fixture.path("link")).unwrap();
    symlink(fixture.path("../new"), fixture.path("dangling")).unwrap();
    symlink(fixture.path("../"), fixture.path("up")).unwrap();
    symlink(fixture.path(".agents"), fixture.path("skills")).unwrap();
    let mut answers = String::new();
    for (name, before) in [
        ("../outside", Some("old")),
        ("../new", None),
        ("link", Some("old")),
        ("dangling", None),
        ("up/new", None),
        (".env", None),
        ("a.pem", None),
        ("private", None),
        (".git/hooks/pre-commit", None),
        (".GIT/config", None),
        ("store/hooks/pre-commit", None),
        (".ropewalk/config.toml", None),
        ("sub/.ropewalk/config.toml", None),
        (".agents/skill.md", Some("old")),
        ("skills/skill.md", Some("old")),
        (".ropewalkignore", Some("private\n")),
        (".aiexclude", None),
        ("folder", None),
        ("folder/a/b", None),
    ] {
        let tree = fixture.tree();
        let change = write(&fixture, name, before, "new");
        let error = fixture.workspace.commit(&[change]).unwrap_err();
        answers.push_str(&format!("{}\n", fixture.message(&error)));
        assert_eq!(fixture.tree(), tree, "{name}");
    }
    expect![[r#"
        w/../outside is outside the workspace; use a path below w
        w/../new is outside the workspace; use a path below w
        w/link may not be accessed: it leads to `outside`: it is outside the workspace's folders
        w/dangling may not be accessed: it leads to `new`: it is outside the workspace's folders
        w/up/new may not be accessed: it leads to `new`: it is outside the workspace's folders
        w/.env may not be accessed: it may hold secrets (built-in pattern `.env*`)
        w/a.pem may not be accessed: it may hold secrets (built-in pattern `*.pem`)
        w/private may not be accessed: `w/.ropewalkignore` excludes it (line `private`)
        w/.git/hooks/pre-commit may not be accessed: it belongs to version control (`.git`)
        w/.GIT/config may not be accessed: it belongs to version control (`.git`)
        w/store/hooks/pre-commit may not be accessed: git keeps a repository in w/store, agents may not change it
        w/.ropewalk/config.toml may not be accessed: `.ropewalk` is protected, agents may not change it
        w/sub/.ropewalk/config.toml may not be accessed: `.ropewalk` is protected, agents may not change it
        w/.agents/skill.md may not be accessed: `.agents` is protected, agents may not change it
        w/skills/skill.md may not be accessed: `.agents` is protected, agents may not change it
        w/.ropewalkignore may not be accessed: `.ropewalkignore` is protected, agents may not change it
        w/.aiexclude may not be accessed: `.aiexclude` is protected, agents may not change it
        w/folder is not a regular file
        w/folder/a/b: a part of the path is a file and no folder
    "#]].assert_eq(&answers);
}

fn a_file_that_was_changed_meanwhile_is_not_overwritten() {
    let fixture = Fixture::new(&[("a", "mine"), ("b", "b")]);
    for change in [
        write(&fixture, "a", Some("what it was"), "new"),
        write(&fixture, "a", Some("longer than mine"), "new"),
        write(&fixture, "a", None, "new"),
        write(&fixture, "gone", Some("old"), "new"),
        delete(&fixture, "a", "what it was"),
        delete(&fixture, "gone", "old"),
    ] {
        let changes = [write(&fixture, "b", Some("b"), "new"), change];
        let before = fixture.tree();
        let error = fixture.workspace.commit(&changes).unwrap_err();
        let message = fixture.message(&error);
        assert!(
            message.ends_with(
                "was changed by someone else meanwhile; read it again and repeat the change"
            ),
            "{message}"
        );
        assert_eq!(fixture.tree(), before);
    }
}

fn one_file_is_changed_once() {
    let fixture = Fixture::new(&[("a", "a")]);
    symlink("a", fixture.path("link")).unwrap();
    let changes = [
        write(&fixture, "a", Some("a"), "1"),
        write(&fixture, "link", Some("a"), "2"),
    ];
    check_refused(
        &fixture,
        &changes,
        &expect!["w/link: the same file is changed twice, perhaps through a link; name it once"],
    );
}

fn a_read_only_file_is_left() {
    let fixture = Fixture::new(&[("a", "a")]);
    fs::set_permissions(fixture.path("a"), fs::Permissions::from_mode(0o444)).unwrap();
    let changes = [write(&fixture, "a", Some("a"), "new")];
    check_refused(
        &fixture,
        &changes,
        &expect!["w/a: its permissions make it read-only; leave it, or ask the user"],
    );
}

fn permissions_stay_and_go_along() {
    let fixture = Fixture::new(&[("script", "old"), ("plain", "old")]);
    let mode = |name: &str| fs::metadata(fixture.path(name)).unwrap().mode() & 0o7777;
    fs::set_permissions(fixture.path("script"), fs::Permissions::from_mode(0o4751)).unwrap();
    let change = write(&fixture, "script", Some("old"), "new");
    fixture.workspace.commit(&[change]).unwrap();
    // What ran as somebody else does not with other bytes in it.
    assert_eq!(mode("script"), 0o751);
    let moved = FileEdit::Move {
        from: fixture.path("script"),
        to: fixture.path("plain"),
        before: b"new".to_vec(),
        replaced: Some(b"old".to_vec()),
        after: b"newer".to_vec(),
    };
    fixture.workspace.commit(&[moved]).unwrap();
    assert_eq!(mode("plain"), 0o751);
}

fn a_link_is_written_through_and_removed_itself() {
    let fixture = Fixture::new(&[("folder/target", "old")]);
    symlink("folder/target", fixture.path("link")).unwrap();
    symlink("folder/new", fixture.path("dangling")).unwrap();
    let changes = [
        write(&fixture, "link", Some("old"), "written"),
        write(&fixture, "dangling", None, "made"),
    ];
    fixture.workspace.commit(&changes).unwrap();
    let change = delete(&fixture, "link", "written");
    fixture.workspace.commit(&[change]).unwrap();
    let tree: Vec<(String, String)> = fixture.tree().into_iter().collect();
    let tree: Vec<(&str, &str)> = tree
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    assert_eq!(
        tree,
        [
            ("w/", ""),
            ("w/dangling", "-> folder/new"),
            ("w/folder/", ""),
            ("w/folder/new", "made"),
            ("w/folder/target", "written"),
        ]
    );
}

fn another_hard_link_keeps_the_old_content() {
    let fixture = Fixture::new(&[("a", "old")]);
    fs::hard_link(fixture.path("a"), fixture.path("b")).unwrap();
    let change = write(&fixture, "a", Some("old"), "new");
    fixture.workspace.commit(&[change]).unwrap();
    assert_eq!(fs::read_to_string(fixture.path("a")).unwrap(), "new");
    assert_eq!(fs::read_to_string(fixture.path("b")).unwrap(), "old");
}

#[test]
fn a_workspace_needs_absolute_folders() {
    let new = |paths: &[std::path::PathBuf]| {
        let options = ::workspace::ExclusionOptions::default();
        let error = crate::FolderWorkspace::new(paths, &options).err().unwrap();
        error.to_string()
    };
    assert_eq!(new(&[]), "there is no folder to work in; name at least one");
    assert_eq!(
        new(&["relative".into()]),
        "the workspace folder `relative` is not an absolute path; give the full path"
    );
}
