//! The rules for AGENTS.md, one by one, on real files.

use std::fs::{self, File};
use std::os::unix::fs::symlink;

use ::workspace::RootedDisk;
use expect_test::{Expect, expect};
use tempfile::TempDir;

use super::*;

struct Fixture {
    folder: TempDir,
    limit: Option<usize>,
}

impl Fixture {
    /// Files by their path below the fixture; the project is `project`, the user's folder `user`, the working folder
    /// `project/a/b`.
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("project/a/b/c")).unwrap();
        fs::create_dir_all(folder.path().join("user")).unwrap();
        let fixture = Self {
            folder,
            limit: None,
        };
        for (path, text) in files {
            fixture.write(path, text.as_bytes());
        }
        fixture
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        fs::write(self.path(path), bytes).unwrap();
    }

    fn agents_md(&self) -> AgentsMd {
        AgentsMd::new(self.options())
    }

    /// The same where the project's files are those of `folder`, as with a twin.
    fn agents_md_of(&self, folder: &str) -> AgentsMd {
        let held = File::open(self.path(folder)).unwrap();
        let disk = RootedDisk::new(vec![(self.path("project"), held.into())]);
        AgentsMd::on(Arc::new(disk), self.options())
    }

    fn options(&self) -> AgentsMdOptions {
        AgentsMdOptions {
            user_folder: Some(self.path("user")),
            root: self.path("project"),
            cwd: self.path("project/a/b"),
            limit: self.limit,
        }
    }
}

fn check(fixture: &Fixture, expected: &Expect) {
    expected.assert_eq(&shown(fixture.agents_md().observe()));
    expected.assert_eq(&shown(fixture.agents_md_of("project").observe()));
}

fn shown(parts: &[Part]) -> String {
    let part = |part: &Part| format!("{}: {}\n", part.name, part.text);
    parts.iter().map(part).collect()
}

#[test]
fn the_users_own_comes_first_then_from_the_root_to_the_working_folder() {
    let fixture = Fixture::new(&[
        ("project/a/b/c/AGENTS.md", "below"),
        ("project/a/b/AGENTS.md", "  here\n\n"),
        ("project/a/AGENTS.md", "between"),
        ("project/AGENTS.md", "root"),
        ("user/AGENTS.md", "user"),
        ("AGENTS.md", "above the root"),
    ]);
    check(
        &fixture,
        &expect![[r#"
            (the user's own) AGENTS.md: user
            AGENTS.md: root
            a/AGENTS.md: between
            a/b/AGENTS.md: here
        "#]],
    );
}

#[test]
fn an_override_takes_the_place_of_the_file_beside_it_only() {
    let fixture = Fixture::new(&[
        ("user/AGENTS.md", "user"),
        ("user/AGENTS.override.md", "user, today"),
        ("project/AGENTS.md", "root"),
        ("project/a/AGENTS.md", "switched off"),
        ("project/a/AGENTS.override.md", "\n"),
        ("project/a/b/AGENTS.override.md", "here, today"),
    ]);
    check(
        &fixture,
        &expect![[r#"
            (the user's own) AGENTS.override.md: user, today
            AGENTS.md: root
            a/b/AGENTS.override.md: here, today
        "#]],
    );
}

#[test]
fn without_any_there_is_nothing_to_say() {
    check(&Fixture::new(&[]), &expect![""]);
}

#[test]
fn all_together_are_cut_at_the_limit_and_that_is_said() {
    let mut fixture = Fixture::new(&[
        ("user/AGENTS.md", "user"),
        ("project/AGENTS.md", "rööt"),
        ("project/a/AGENTS.md", "between"),
    ]);
    fixture.limit = Some(7);
    check(
        &fixture,
        &expect![[r#"
            (the user's own) AGENTS.md: user
            AGENTS.md: rö
            [cut here: the AGENTS.md files are longer than may be told at once; read the file for the rest]
            a/AGENTS.md: 
            [cut here: the AGENTS.md files are longer than may be told at once; read the file for the rest]
        "#]],
    );
}

#[test]
fn a_file_of_any_length_is_cut_to_32_kib() {
    for length in [LIMIT - 1, LIMIT, LIMIT + 1, LIMIT + 4096, 3 * LIMIT] {
        let mut fixture = Fixture::new(&[("project/AGENTS.md", &"ä".repeat(length / 2))]);
        fixture.limit = Some(1 << 30);
        let text = fixture.agents_md().observe()[0].text.clone();
        let told = text.split("\n[cut here").next().unwrap_or_default().len();
        assert_eq!(told, (length / 2 * 2).min(LIMIT), "length {length}");
        assert_eq!(text.contains("[cut here"), LIMIT < length / 2 * 2);
    }
}

#[test]
fn what_is_not_text_is_named_and_not_used() {
    let fixture = Fixture::new(&[("user/AGENTS.md", "\u{feff}a byte order mark")]);
    fixture.write("project/AGENTS.md", b"latin-1: \xe4");
    fixture.write("project/a/AGENTS.md", b"zero: \0");
    fs::create_dir(fixture.path("project/a/b/AGENTS.md")).unwrap();
    check(
        &fixture,
        &expect![[r#"
            (the user's own) AGENTS.md: a byte order mark
            AGENTS.md: [not used: it is not UTF-8 text]
            a/AGENTS.md: [not used: it is not UTF-8 text]
            a/b/AGENTS.md: [not used: it is not a regular file]
        "#]],
    );
}

#[test]
fn links_stay_within_the_project_and_lead_to_texts() {
    let fixture = Fixture::new(&[
        ("project/CLAUDE.md", "linked"),
        ("project/.env", "KEY=1"),
        ("secret.md", "outside"),
    ]);
    symlink("../secret.md", fixture.path("project/AGENTS.md")).unwrap();
    symlink("../CLAUDE.md", fixture.path("project/a/AGENTS.md")).unwrap();
    symlink("../../.env", fixture.path("project/a/b/AGENTS.md")).unwrap();
    symlink("../secret.md", fixture.path("user/AGENTS.md")).unwrap();
    check(
        &fixture,
        &expect![[r#"
            (the user's own) AGENTS.md: outside
            AGENTS.md: [not used: it is a link that leads out of the project]
            a/AGENTS.md: linked
            a/b/AGENTS.md: [not used: it is a link to something that is not a text for reading]
        "#]],
    );
}

#[test]
fn a_link_to_nothing_is_said_and_a_pipe_is_not_waited_for() {
    let fixture = Fixture::new(&[]);
    symlink("nowhere.md", fixture.path("project/AGENTS.md")).unwrap();
    let pipe = fixture.path("project/a/AGENTS.md");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    check(
        &fixture,
        &expect![[r#"
            AGENTS.md: [not used: it cannot be read: No such file or directory (os error 2)]
            a/AGENTS.md: [not used: it is not a regular file]
        "#]],
    );
}

#[test]
fn changes_are_seen_and_what_did_not_change_is_not_read_again() {
    let fixture = Fixture::new(&[("project/AGENTS.md", "one")]);
    let mut agents_md = fixture.agents_md();
    assert_eq!(shown(agents_md.observe()), "AGENTS.md: one\n");
    fixture.write("project/AGENTS.md", b"one and two");
    assert_eq!(shown(agents_md.observe()), "AGENTS.md: one and two\n");
    fixture.write("project/AGENTS.override.md", b"three");
    assert_eq!(shown(agents_md.observe()), "AGENTS.override.md: three\n");
    fs::remove_file(fixture.path("project/AGENTS.override.md")).unwrap();
    assert_eq!(shown(agents_md.observe()), "AGENTS.md: one and two\n");

    // Other bytes under the same stamp are not noticed, which shows that nothing was read.
    let path = fixture.path("project/AGENTS.md");
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    fixture.write("project/AGENTS.md", b"ONE AND TWO");
    let file = File::options().write(true).open(&path).unwrap();
    file.set_modified(modified).unwrap();
    assert_eq!(shown(agents_md.observe()), "AGENTS.md: one and two\n");
}

#[test]
fn a_twin_has_its_own_files_and_the_users() {
    let fixture = Fixture::new(&[
        ("project/AGENTS.md", "the folder's"),
        ("user/AGENTS.md", "u"),
    ]);
    fs::create_dir_all(fixture.path("twin/a/b")).unwrap();
    fixture.write("twin/AGENTS.md", b"the twin's");
    let mut agents_md = fixture.agents_md_of("twin");
    assert_eq!(
        shown(agents_md.observe()),
        "(the user's own) AGENTS.md: u\nAGENTS.md: the twin's\n"
    );
    fixture.write("twin/a/AGENTS.md", b"written by a command");
    assert_eq!(
        shown(agents_md.observe()),
        "(the user's own) AGENTS.md: u\nAGENTS.md: the twin's\na/AGENTS.md: written by a command\n"
    );
}

#[test]
fn without_a_repository_only_the_working_folder_counts() {
    let fixture = Fixture::new(&[
        ("project/AGENTS.md", "root"),
        ("project/a/AGENTS.md", "here"),
    ]);
    let mut agents_md = AgentsMd::new(AgentsMdOptions {
        user_folder: None,
        root: fixture.path("project/a"),
        cwd: fixture.path("project/a"),
        limit: None,
    });
    assert_eq!(shown(agents_md.observe()), "AGENTS.md: here\n");
}
