//! What is particular to a twin: its files stand elsewhere than their paths say, what is replaced is kept, and nothing leads
//! out of it (`race`).

mod race;

use std::{
    fs::{self, File},
    io,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use ::workspace::ExclusionOptions;
use changes::{Content, FileState};
use expect_test::expect;
use tempfile::TempDir;

use super::TwinWorkspace;
use crate::{
    Workspace,
    folder_workspace::BaseKeeper,
    workspace::{FileEdit, FileError},
};

/// Notes what it is told to keep.
#[derive(Default)]
struct Notes {
    kept: Mutex<Vec<(PathBuf, Option<FileState>)>>,
    refuses: bool,
}

impl BaseKeeper for Notes {
    fn keep_base(&self, path: &Path, before: Option<FileState>) -> io::Result<()> {
        if self.refuses {
            return Err(io::Error::other("the disk is full"));
        }
        self.kept.lock().unwrap().push((path.to_owned(), before));
        Ok(())
    }
}

/// The user's folder is `user`; the twin's files, found at its path, are in `twin`.
struct Fixture {
    around: TempDir,
    notes: Arc<Notes>,
    workspace: TwinWorkspace,
}

impl Fixture {
    fn new(files: &[(&str, &str)]) -> Self {
        Self::with_keeper(files, Notes::default())
    }

    fn with_keeper(files: &[(&str, &str)], notes: Notes) -> Self {
        let around = tempfile::tempdir().unwrap();
        for (name, text) in files {
            for folder in ["user", "twin"] {
                let path = around.path().join(folder).join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
        }
        let notes = Arc::new(notes);
        let twin = File::open(around.path().join("twin")).unwrap();
        let roots = vec![(around.path().join("user"), twin.into())];
        let options = ExclusionOptions::default();
        let keeper: Arc<dyn BaseKeeper> = Arc::clone(&notes) as _;
        let workspace = TwinWorkspace::new(roots, &options, keeper).unwrap();
        Self {
            around,
            notes,
            workspace,
        }
    }

    /// As the task names it.
    fn path(&self, name: &str) -> PathBuf {
        self.around.path().join("user").join(name)
    }

    /// Where it really is.
    fn twin(&self, name: &str) -> PathBuf {
        self.around.path().join("twin").join(name)
    }

    fn write(&self, name: &str, before: Option<&str>, after: &str) -> FileEdit {
        FileEdit::Write {
            path: self.path(name),
            before: before.map(|text| text.as_bytes().to_vec()),
            after: after.as_bytes().to_vec(),
        }
    }
}

fn plain(text: &str) -> FileState {
    FileState {
        content: Content::Bytes(Arc::from(text.as_bytes())),
        is_executable: false,
    }
}

#[test]
fn a_task_reads_and_writes_the_twin_and_not_the_users_folder() {
    let fixture = Fixture::new(&[("a", "a"), ("b/c", "c"), ("gone", "gone")]);
    fs::write(fixture.path("a"), "saved by the user meanwhile").unwrap();
    let read = fixture.workspace.read(&fixture.path("a"), 100).unwrap();
    assert_eq!(read, b"a");
    let changes = [
        fixture.write("a", Some("a"), "A"),
        fixture.write("new/folder/d", None, "d"),
        FileEdit::Move {
            from: fixture.path("b/c"),
            to: fixture.path("moved"),
            before: b"c".to_vec(),
            replaced: None,
            after: b"C".to_vec(),
        },
        FileEdit::Delete {
            path: fixture.path("gone"),
            before: b"gone".to_vec(),
        },
    ];
    fixture.workspace.check(&changes).unwrap();
    fixture.workspace.commit(&changes).unwrap();
    let text = |path: PathBuf| fs::read_to_string(path).unwrap();
    assert_eq!(text(fixture.twin("a")), "A");
    assert_eq!(text(fixture.twin("new/folder/d")), "d");
    assert_eq!(text(fixture.twin("moved")), "C");
    assert!(!fixture.twin("b/c").exists() && !fixture.twin("gone").exists());
    assert_eq!(text(fixture.path("a")), "saved by the user meanwhile");
    assert_eq!(text(fixture.path("b/c")), "c");
    assert!(fixture.path("gone").exists() && !fixture.path("new").exists());
    let walked = fixture.workspace.snapshot().walk(&Default::default());
    let walked: Vec<PathBuf> = walked.unwrap().map(|entry| entry.path).collect();
    assert_eq!(
        walked,
        ["a", "moved", "new/folder/d"].map(|name| fixture.path(name))
    );
}

#[test]
fn what_a_commit_replaces_is_kept_first() {
    let fixture = Fixture::new(&[("a", "a"), ("script", "run"), ("moved", "m"), ("over", "o")]);
    fs::set_permissions(fixture.twin("script"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink("a", fixture.twin("link")).unwrap();
    symlink("script", fixture.twin("through")).unwrap();
    let changes = [
        fixture.write("new", None, "new"),
        fixture.write("through", Some("run"), "ran"),
        FileEdit::Move {
            from: fixture.path("moved"),
            to: fixture.path("over"),
            before: b"m".to_vec(),
            replaced: Some(b"o".to_vec()),
            after: b"M".to_vec(),
        },
        FileEdit::Delete {
            path: fixture.path("link"),
            before: b"a".to_vec(),
        },
    ];
    fixture.workspace.commit(&changes).unwrap();
    let mut script = plain("run");
    script.is_executable = true;
    let mut link = plain("");
    link.content = Content::Link("a".into());
    let expected = [
        ("new", None),
        ("script", Some(script)),
        ("moved", Some(plain("m"))),
        ("over", Some(plain("o"))),
        ("link", Some(link)),
    ];
    let kept = fixture.notes.kept.lock().unwrap();
    assert_eq!(
        *kept,
        expected.map(|(name, state)| (fixture.path(name), state))
    );
}

#[test]
fn what_cannot_be_kept_is_not_replaced() {
    let notes = Notes {
        refuses: true,
        ..Notes::default()
    };
    let fixture = Fixture::with_keeper(&[("a", "a")], notes);
    let changes = [
        fixture.write("new/b", None, "b"),
        fixture.write("a", Some("a"), "A"),
    ];
    let error = fixture.workspace.commit(&changes).unwrap_err();
    assert!(error.to_string().ends_with("the disk is full"), "{error}");
    assert_eq!(fs::read_to_string(fixture.twin("a")).unwrap(), "a");
    let names: Vec<_> = fs::read_dir(fixture.twin("")).unwrap().collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

#[test]
fn links_mean_what_they_mean_in_the_workspace() {
    let fixture = Fixture::new(&[("folder/a", "a"), ("../outside/b", "b"), (".agents/c", "c")]);
    symlink(fixture.path("folder"), fixture.twin("absolute")).unwrap();
    symlink("../outside", fixture.twin("out")).unwrap();
    symlink(".agents", fixture.twin("protected")).unwrap();
    let change = fixture.write("absolute/a", Some("a"), "A");
    fixture.workspace.commit(&[change]).unwrap();
    assert_eq!(fs::read_to_string(fixture.twin("folder/a")).unwrap(), "A");
    assert_eq!(fs::read_to_string(fixture.path("folder/a")).unwrap(), "a");
    let refusals: String = [
        fixture.write("out/b", Some("b"), "B"),
        fixture.write("out/new", None, "new"),
        fixture.write("protected/c", Some("c"), "C"),
    ]
    .into_iter()
    .map(|change| {
        let error = fixture.workspace.commit(&[change]).unwrap_err();
        let prefix = format!("{}/", fixture.around.path().display());
        error.to_string().replace(&prefix, "") + "\n"
    })
    .collect();
    expect![[r#"
        user/out/b may not be accessed: it leads to `outside/b`: it is outside the workspace's folders
        user/out/new may not be accessed: it leads to `outside/new`: it is outside the workspace's folders
        user/protected/c may not be accessed: `.agents` is protected, agents may not change it
    "#]].assert_eq(&refusals);
}

#[test]
fn a_change_that_was_overtaken_by_a_command_is_refused() {
    let fixture = Fixture::new(&[("a", "a")]);
    fs::write(fixture.twin("a"), "written by a command").unwrap();
    let change = fixture.write("a", Some("a"), "A");
    let error = fixture.workspace.commit(&[change]).unwrap_err();
    assert!(matches!(error, FileError::Stale { .. }), "{error}");
}
