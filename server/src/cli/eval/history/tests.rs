//! A small repository made with the real git, and what is read from it.

use std::path::{Path, PathBuf};
use std::process::Command;

use predict::evaluation::{Hunk, Repository};

use super::{range, read};

struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let project = Self { folder };
        project.git(&["init", "--quiet"]);
        project
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn git(&self, arguments: &[&str]) {
        let identity = [
            "-c",
            "user.name=Somebody",
            "-c",
            "user.email=somebody@example.org",
        ];
        let status = Command::new("git")
            .arg("-C")
            .arg(self.path())
            .args(identity)
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .status();
        assert!(
            status.expect("git can be started").success(),
            "git {arguments:?}"
        );
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().expect("it has a folder"))
            .expect("folders can be made");
        std::fs::write(path, text).expect("files can be written");
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "a change"]);
    }
}

fn lines(range: std::ops::Range<usize>) -> String {
    range
        .map(|number| format!("let number_{number} = {number};\n"))
        .collect()
}

fn text<'a>(repository: &'a Repository, id: &str) -> &'a str {
    &repository.texts[id]
}

#[test]
fn reads_what_a_commit_changed_and_the_tree_before_it() {
    let project = Project::new();
    project.write("src/a b.rs", &lines(0..10));
    project.write("src/moved.rs", &lines(20..40));
    project.write("notes.txt", "no source\n");
    project.write("vendor/other.rs", "// not ours\n");
    project.commit();
    project.write(
        "src/a b.rs",
        &(lines(0..2) + "new one;\nnew two;\n" + &lines(4..10)),
    );
    project.git(&["mv", "src/moved.rs", "src/name.rs"]);
    project.write("src/name.rs", &(lines(20..40) + "appended;\n"));
    project.write("src/added.rs", "first;\nsecond;\n");
    project.write("notes.txt", "still no source\n");
    project.commit();

    let repository = read(project.path(), 10).expect("there is one commit with a parent");
    let [commit] = repository.commits.as_slice() else {
        panic!("{:?}", repository.commits)
    };
    let tree: Vec<&Path> = commit.tree.iter().map(|file| file.path.as_path()).collect();
    assert_eq!(tree, [Path::new("src/a b.rs"), Path::new("src/moved.rs")]);
    let [changed, added, renamed] = commit.edits.as_slice() else {
        panic!("{:?}", commit.edits)
    };

    assert_eq!(changed.path, PathBuf::from("src/a b.rs"));
    assert_eq!(
        changed.hunks,
        [Hunk {
            old_start: 2,
            old_count: 2,
            new_start: 2,
            new_count: 2
        }]
    );
    assert_eq!(
        text(
            &repository,
            changed.old_text.as_deref().expect("it was there")
        ),
        lines(0..10)
    );

    assert_eq!(
        (added.path.as_path(), &added.old_path),
        (Path::new("src/added.rs"), &None)
    );
    assert_eq!(
        added.hunks,
        [Hunk {
            old_start: 0,
            old_count: 0,
            new_start: 0,
            new_count: 2
        }]
    );
    assert_eq!(text(&repository, &added.new_text), "first;\nsecond;\n");

    assert_eq!(renamed.old_path, Some(PathBuf::from("src/moved.rs")));
    assert_eq!(
        renamed.hunks,
        [Hunk {
            old_start: 20,
            old_count: 0,
            new_start: 20,
            new_count: 1
        }]
    );
}

#[test]
fn says_what_is_wrong_with_a_folder() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    assert!(read(folder.path(), 10).is_err());
    let project = Project::new();
    project.write("a.rs", "only one commit\n");
    project.commit();
    let error = read(project.path(), 10).expect_err("the first commit has no tree before it");
    assert_eq!(
        error.to_string(),
        "no commit adds 2 to 400 lines of source code"
    );
}

#[test]
fn ranges_count_from_zero() {
    assert_eq!(range("3,2"), Some((2, 2)));
    assert_eq!(range("3"), Some((2, 1)));
    assert_eq!(range("3,0"), Some((3, 0)));
    assert_eq!(range("0,0"), Some((0, 0)));
    assert_eq!(range("x"), None);
}
