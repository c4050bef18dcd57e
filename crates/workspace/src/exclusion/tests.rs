//! The rules against lists of paths, against real git, and against links.

mod git_oracle;
mod names;

use std::{fs, os::unix::fs::symlink, path::Path};

use expect_test::{Expect, expect};

use super::{Exclusion, ExclusionOptions, Reach, git};
use crate::fixture::{Fixture, on_every_disk};
use names::all_names_at_once_are_judged_as_each_of_them_is;

on_every_disk![
    secrets_are_hidden_wherever_they_are_and_however_they_are_written,
    outside_the_folders_a_secret_is_still_told_from_other_files,
    a_user_list_extends_the_built_in_one_and_takes_nothing_away,
    private_lists_add_up_and_hide,
    what_is_ignored_can_be_named_unless_it_is_secret,
    links_are_judged_by_where_they_lead,
    a_secret_that_is_open_in_the_editor_stays_hidden,
    a_folder_opened_inside_a_secret_directory_is_hidden_whole,
    a_repository_inside_another_has_its_own_rules,
    a_linked_worktree_uses_the_lists_of_its_repository,
    rules_above_a_folder_hold_in_it_unless_they_ignore_the_folder_itself,
    rules_follow_the_files_they_are_written_in,
    an_ignore_file_that_is_none_says_nothing,
    all_names_at_once_are_judged_as_each_of_them_is,
];

/// Each path, whether it is hidden or skipped, and why.
fn check(fixture: &mut Fixture, paths: &[&str], expected: Expect) {
    let snapshot = fixture.snapshot();
    let lines = paths
        .iter()
        .map(|path| match snapshot.is_excluded(&fixture.path(path)) {
            None => format!("{path}: visible\n"),
            Some(exclusion) => {
                let reach = match exclusion.reach() {
                    Reach::Hidden => "hidden",
                    Reach::Skipped => "skipped",
                };
                format!("{path}: {reach}, {}\n", fixture.message(&exclusion))
            }
        });
    expected.assert_eq(&lines.collect::<String>());
}

fn patterns(patterns: &[&str]) -> ExclusionOptions {
    ExclusionOptions {
        patterns: patterns.iter().map(ToString::to_string).collect(),
        git_excludes_file: None,
    }
}

fn secrets_are_hidden_wherever_they_are_and_however_they_are_written() {
    let secrets = [
        ".env",
        ".env.local",
        ".envrc",
        "prod.env",
        "server.pem",
        "tls.key",
        "id_rsa",
        "id_rsa.pub",
        "id_ed25519",
        "id_ecdsa_work",
        "a.p12",
        "a.pfx",
        "a.jks",
        "a.keystore",
        "a.kdbx",
        ".netrc",
        ".npmrc",
        ".pypirc",
        "credentials",
        "credentials.json",
        "secrets.yml",
        "secrets.toml",
        ".aws/config",
        ".aws/sso/cache/token.json",
        ".ssh/config",
        ".gnupg/trustdb.gpg",
        ".docker/config.json",
        ".kube/config",
        "terraform.tfstate",
        "terraform.tfstate.backup",
        "prod.tfvars",
        "service-account.json",
        "service-account-prod.json",
        ".git-credentials",
        ".pgpass",
        "client_secret_42.json",
        ".cargo/credentials.toml",
    ];
    let shown = [
        ".env.example",
        ".env.sample",
        ".env.template",
        "environment.rs",
        "env",
        "keyboard.rs",
        "pem.rs",
        "secret_santa.rs",
        "src/credentials/store.rs",
        ".docker/Dockerfile",
        "config.json",
        "aws/config",
        "id_card.rs",
        ".gitignore",
        "service.json",
        "monkey",
        "credentials.rs",
        "credentials_store.py",
        "secrets.ts",
    ];
    let mut fixture = Fixture::new(&[]);
    let snapshot = fixture.snapshot();
    for name in secrets {
        for path in [
            name.to_owned(),
            format!("deep/er/{name}"),
            name.to_uppercase(),
        ] {
            let exclusion = snapshot.is_excluded(&fixture.path(&path));
            let exclusion = exclusion.unwrap_or_else(|| panic!("{path} is visible"));
            assert_eq!(exclusion.reach(), Reach::Hidden, "{path}");
        }
    }
    for name in shown {
        for path in [name.to_owned(), format!("deep/er/{name}")] {
            assert_eq!(snapshot.is_excluded(&fixture.path(&path)), None, "{path}");
        }
    }
}

fn outside_the_folders_a_secret_is_still_told_from_other_files() {
    let mut fixture = Fixture::new(&[]);
    let snapshot = fixture.snapshot();
    let secret = |path: &str| {
        matches!(
            snapshot.is_excluded(Path::new(path)),
            Some(Exclusion::Secret { .. })
        )
    };
    assert!(secret("/elsewhere/.env"));
    assert!(secret("/elsewhere/.ssh/config"));
    assert!(!secret("/elsewhere/main.rs"));
    let other = snapshot.is_excluded(Path::new("/elsewhere/main.rs"));
    assert_eq!(other, Some(Exclusion::OutsideFolders));
}

fn a_user_list_extends_the_built_in_one_and_takes_nothing_away() {
    let mut fixture = Fixture::new(&[]);
    let options = patterns(&[
        "*.internal",
        "/private/",
        "!.env",
        "!*",
        "!shown.internal",
        "!**/.ssh/",
    ]);
    fixture.workspace.set_exclusions(&options).unwrap();
    check(
        &mut fixture,
        &["a.internal", ".env", ".ssh/config"],
        expect![[r#"
        a.internal: visible
        .env: hidden, it may hold secrets (built-in pattern `.env*`)
        .ssh/config: hidden, it may hold secrets (built-in pattern `.ssh`)
    "#]],
    );
    let options = patterns(&["*.internal", "/private/", "!shown.internal"]);
    fixture.workspace.set_exclusions(&options).unwrap();
    fixture.write("private/file", "");
    fixture.write("below/private/file", "");
    let paths = [
        "a.INTERNAL",
        "shown.internal",
        "private/file",
        "below/private/file",
        "private",
    ];
    check(
        &mut fixture,
        &paths,
        expect![[r#"
        a.INTERNAL: hidden, your configuration excludes it (pattern `*.internal`)
        shown.internal: visible
        private/file: hidden, your configuration excludes it (pattern `/private/`)
        below/private/file: visible
        private: hidden, your configuration excludes it (pattern `/private/`)
    "#]],
    );
}

#[test]
fn a_pattern_that_is_no_glob_is_refused_and_changes_nothing() {
    let mut fixture = Fixture::new(&[]);
    fixture
        .workspace
        .set_exclusions(&patterns(&["*.internal"]))
        .unwrap();
    let error = fixture
        .workspace
        .set_exclusions(&patterns(&["fine", "a[b"]))
        .unwrap_err();
    expect!["the pattern `a[b` is no valid glob: error parsing glob 'a[b': unclosed character class; missing ']'"]
        .assert_eq(&error.to_string());
    check(
        &mut fixture,
        &["a.internal", "fine"],
        expect![[r#"
        a.internal: hidden, your configuration excludes it (pattern `*.internal`)
        fine: visible
    "#]],
    );
}

fn private_lists_add_up_and_hide() {
    let mut fixture = Fixture::new(&[
        (".ropewalkignore", "*.plan\n!generated/\n/vault/\n"),
        (".aiexclude", "!*.plan\n*.draft\n"),
        (".gitignore", "generated/\n"),
        ("below/.aiexclude", "!keep.draft\n!*.pem\n"),
        ("generated/code.rs", ""),
        ("vault/.ropewalkignore", "!*\n"),
    ]);
    let paths = [
        "a.plan",
        "a.draft",
        "below/keep.draft",
        "below/a.pem",
        "generated/code.rs",
        "vault/key.txt",
    ];
    check(
        &mut fixture,
        &paths,
        expect![[r#"
        a.plan: hidden, `root/.ropewalkignore` excludes it (line `*.plan`)
        a.draft: hidden, `root/.aiexclude` excludes it (line `*.draft`)
        below/keep.draft: visible
        below/a.pem: hidden, it may hold secrets (built-in pattern `*.pem`)
        generated/code.rs: visible
        vault/key.txt: hidden, `root/.ropewalkignore` excludes it (line `/vault/`)
    "#]],
    );
}

fn what_is_ignored_can_be_named_unless_it_is_secret() {
    let mut fixture = Fixture::new(&[
        (".gitignore", "/target\n"),
        (".ignore", "*.snap\n!kept.snap\n"),
        ("web/.gitignore", "!node_modules/\n"),
        ("web/node_modules/a.js", ""),
        ("node_modules/a.js", ""),
        ("target/.env", ""),
    ]);
    let paths = [
        "target",
        "target/out.rs",
        "target/.env",
        "a.snap",
        "kept.snap",
        "node_modules/a.js",
        "web/node_modules/a.js",
        ".git/config",
        "sub/.GIT/config",
        ".svn",
    ];
    check(
        &mut fixture,
        &paths,
        expect![[r#"
        target: skipped, `root/.gitignore` ignores it (line `/target`)
        target/out.rs: skipped, `root/.gitignore` ignores it (line `/target`)
        target/.env: hidden, it may hold secrets (built-in pattern `.env*`)
        a.snap: skipped, `root/.ignore` ignores it (line `*.snap`)
        kept.snap: visible
        node_modules/a.js: skipped, it is generated (built-in pattern `node_modules/`)
        web/node_modules/a.js: visible
        .git/config: hidden, it belongs to version control (`.git`)
        sub/.GIT/config: hidden, it belongs to version control (`.git`)
        .svn: hidden, it belongs to version control (`.svn`)
    "#]],
    );
    assert!(
        fixture
            .snapshot()
            .read(&fixture.path("node_modules/a.js"))
            .is_ok()
    );
    assert!(
        fixture
            .snapshot()
            .read(&fixture.path("target/.env"))
            .is_err()
    );
}

fn links_are_judged_by_where_they_lead() {
    let mut fixture = Fixture::new(&[
        (".env", ""),
        (".ssh/config", ""),
        (".gitignore", "/target\n"),
        ("target/out", ""),
        ("plain", ""),
        ("../outside/file", ""),
    ]);
    let links = [
        (".env", "settings"),
        ("../outside", "out"),
        ("../outside/missing", "dangling"),
        (".ssh", "keys"),
        ("target", "built"),
        ("plain", "fine"),
        ("plain", ".env.local"),
        ("circle", "circle"),
    ];
    for (target, link) in links {
        symlink(target, fixture.path(link)).unwrap();
    }
    let paths = [
        "settings",
        "out/file",
        "out/new",
        "dangling",
        "keys/config",
        "built/out",
        "fine",
        ".env.local",
        "circle",
        "out/../plain",
        "../outside/file",
    ];
    check(
        &mut fixture,
        &paths,
        expect![[r#"
        settings: hidden, it leads to `root/.env`: it may hold secrets (built-in pattern `.env*`)
        out/file: hidden, it leads to `outside/file`: it is outside the workspace's folders
        out/new: hidden, it leads to `outside/new`: it is outside the workspace's folders
        dangling: hidden, it leads to `outside/missing`: it is outside the workspace's folders
        keys/config: hidden, it leads to `root/.ssh/config`: it may hold secrets (built-in pattern `.ssh`)
        built/out: skipped, it leads to `root/target/out`: `root/.gitignore` ignores it (line `/target`)
        fine: visible
        .env.local: hidden, it may hold secrets (built-in pattern `.env*`)
        circle: visible
        out/../plain: visible
        ../outside/file: hidden, it is outside the workspace's folders
    "#]],
    );
    for path in [
        "settings",
        "out/file",
        "out/new",
        "dangling",
        "keys/config",
        ".env.local",
    ] {
        let error = fixture.snapshot().read(&fixture.path(path)).unwrap_err();
        assert!(
            matches!(error, crate::ReadError::Excluded { .. }),
            "{path}: {error}"
        );
    }
}

fn a_secret_that_is_open_in_the_editor_stays_hidden() {
    let mut fixture = Fixture::new(&[]);
    fixture.open(".env", "KEY=unsaved");
    fixture.open("shown", "KEY=unsaved");
    assert!(fixture.snapshot().read(&fixture.path(".env")).is_err());
    assert_eq!(fixture.walk(&crate::WalkOptions::default()), "root/shown\n");
}

fn a_folder_opened_inside_a_secret_directory_is_hidden_whole() {
    let mut fixture = Fixture::new(&[(".ssh/keys/readme", "")]);
    let mut workspace = fixture.workspace(&ExclusionOptions::default());
    workspace.add_folder(&fixture.path(".ssh/keys")).unwrap();
    fixture.workspace = workspace;
    check(
        &mut fixture,
        &[".ssh/keys/readme"],
        expect![[r#"
        .ssh/keys/readme: hidden, it may hold secrets (built-in pattern `.ssh`)
    "#]],
    );
    assert_eq!(fixture.walk(&crate::WalkOptions::default()), "");
}

fn a_repository_inside_another_has_its_own_rules() {
    let mut fixture = Fixture::new(&[
        (".git/info/exclude", "*.mine\n"),
        (".gitignore", "*.log\n"),
        ("inner/.git/HEAD", ""),
        ("inner/.gitignore", "*.tmp\n"),
    ]);
    check(
        &mut fixture,
        &[
            "a.mine",
            "a.log",
            "inner/a.mine",
            "inner/a.log",
            "inner/a.tmp",
        ],
        expect![[r#"
        a.mine: skipped, `root/.git/info/exclude` ignores it (line `*.mine`)
        a.log: skipped, `root/.gitignore` ignores it (line `*.log`)
        inner/a.mine: visible
        inner/a.log: visible
        inner/a.tmp: skipped, `root/inner/.gitignore` ignores it (line `*.tmp`)
    "#]],
    );
}

fn a_linked_worktree_uses_the_lists_of_its_repository() {
    let mut fixture = Fixture::new(&[
        ("../main/.git/info/exclude", "*.mine\n"),
        ("../main/.git/worktrees/root/commondir", "../..\n"),
        (".git", "gitdir: ../main/.git/worktrees/root\n"),
    ]);
    let list = git::info_exclude(fixture.snapshot().disk().as_ref(), &fixture.root());
    assert_eq!(
        fs::canonicalize(list).unwrap(),
        fs::canonicalize(fixture.path("../main/.git/info/exclude")).unwrap()
    );
    let exclusion = fixture
        .snapshot()
        .is_excluded(&fixture.path("a.mine"))
        .unwrap();
    assert_eq!(exclusion.reach(), Reach::Skipped);
}

fn rules_above_a_folder_hold_in_it_unless_they_ignore_the_folder_itself() {
    let mut fixture = Fixture::new(&[
        ("../.git/HEAD", ""),
        ("../.gitignore", "*.log\n/ignored/\n"),
        ("../ignored/file", ""),
    ]);
    let ignored = fixture.path("../ignored");
    fixture.workspace.add_folder(&ignored).unwrap();
    check(
        &mut fixture,
        &["a.log", "a.rs", "../ignored/file", "../ignored/a.log"],
        expect![[r#"
        a.log: skipped, `.gitignore` ignores it (line `*.log`)
        a.rs: visible
        ../ignored/file: visible
        ../ignored/a.log: visible
    "#]],
    );
}

fn rules_follow_the_files_they_are_written_in() {
    let mut fixture = Fixture::new(&[("a.log", "")]);
    check(
        &mut fixture,
        &["a.log"],
        expect![[r#"
        a.log: visible
    "#]],
    );
    fixture.write(".gitignore", "*.log");
    let event = crate::FileEvent {
        path: fixture.path(".gitignore"),
        kind: crate::FileEventKind::Created,
    };
    fixture.workspace.files_changed(&[event]);
    check(
        &mut fixture,
        &["a.log"],
        expect![[r#"
        a.log: skipped, `root/.gitignore` ignores it (line `*.log`)
    "#]],
    );
}

fn an_ignore_file_that_is_none_says_nothing() {
    let mut fixture = Fixture::new(&[("lists/rules", "*\n"), ("a/.gitignore/file", "")]);
    symlink("../lists/rules", fixture.path("lists/.gitignore")).unwrap();
    let status = std::process::Command::new("mkfifo")
        .arg(fixture.path(".gitignore"))
        .status();
    assert!(status.unwrap().success());
    fixture.write("broken/.gitignore", b"\xFF\xFE[\na[b\n*.log\r\n".as_slice());
    let paths = ["x", "lists/x", "a/x", "broken/x", "broken/x.log"];
    check(
        &mut fixture,
        &paths,
        expect![[r#"
        x: visible
        lists/x: visible
        a/x: visible
        broken/x: visible
        broken/x.log: skipped, `root/broken/.gitignore` ignores it (line `*.log`)
    "#]],
    );
}
