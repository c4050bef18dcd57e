//! A writer that fails at each of its operations in turn: either everything was changed or nothing, and nothing is left behind.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use fastrand::Rng;

use crate::{
    Workspace,
    folder_workspace::{
        is_left_over,
        writer::{Making, Writer},
    },
    workspace::{FileEdit, FileError},
};

use super::{Fixture, on_both};

on_both![
    what_somebody_saves_while_a_commit_is_prepared_is_not_overwritten,
    a_failure_changes_nothing,
];

/// Fails once, at the operation with the given number.
struct FaultyWriter {
    inner: Box<dyn Writer>,
    faults: Faults,
}

#[derive(Clone)]
struct Faults {
    operations: Arc<AtomicUsize>,
    fails_at: usize,
    links: Links,
}

/// Whether the disk knows second names.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Links {
    Known,
    Unknown,
}

impl Faults {
    fn step(&self) -> io::Result<()> {
        if self.operations.fetch_add(1, Ordering::Relaxed) == self.fails_at {
            return Err(io::Error::other("the disk failed"));
        }
        Ok(())
    }
}

impl Writer for FaultyWriter {
    fn is_there(&self, path: &Path) -> bool {
        self.inner.is_there(path)
    }

    fn create_directory(&self, path: &Path) -> io::Result<()> {
        self.faults.step()?;
        self.inner.create_directory(path)
    }

    fn write_new(&self, path: &Path, bytes: &[u8], making: Making<'_>) -> io::Result<()> {
        if let Err(error) = self.faults.step() {
            assert!(is_left_over(path), "{}", path.display());
            // As a full disk does: a part is written before it fails.
            self.inner
                .write_new(path, &bytes[..bytes.len() / 2], making)?;
            return Err(error);
        }
        self.inner.write_new(path, bytes, making)
    }

    fn link(&self, existing: &Path, new: &Path) -> io::Result<()> {
        self.faults.step()?;
        match self.faults.links {
            Links::Known => self.inner.link(existing, new),
            Links::Unknown => Err(io::ErrorKind::PermissionDenied.into()),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.faults.step()?;
        self.inner.rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.faults.step()?;
        self.inner.remove_file(path)
    }

    fn remove_directory(&self, path: &Path) -> io::Result<()> {
        self.faults.step()?;
        self.inner.remove_directory(path)
    }
}

const NAMES: [&str; 8] = ["a", "b", "c", "d", "e/f", "e/g", "h/i/j", "ü/x y"];

/// While it writes a new file, somebody saves another.
struct BusyWriter {
    inner: Box<dyn Writer>,
    saves: PathBuf,
}

impl Writer for BusyWriter {
    fn is_there(&self, path: &Path) -> bool {
        self.inner.is_there(path)
    }

    fn create_directory(&self, path: &Path) -> io::Result<()> {
        self.inner.create_directory(path)
    }

    fn write_new(&self, path: &Path, bytes: &[u8], making: Making<'_>) -> io::Result<()> {
        self.inner.write_new(path, bytes, making)?;
        fs::write(&self.saves, "saved meanwhile")
    }

    fn link(&self, existing: &Path, new: &Path) -> io::Result<()> {
        self.inner.link(existing, new)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.inner.rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.inner.remove_file(path)
    }

    fn remove_directory(&self, path: &Path) -> io::Result<()> {
        self.inner.remove_directory(path)
    }
}

fn what_somebody_saves_while_a_commit_is_prepared_is_not_overwritten() {
    let elsewhere = tempfile::tempdir().unwrap();
    let saves = elsewhere.path().join("saved");
    let fixture = Fixture::with_writer(&[("a", "a"), ("b", "b")], |inner| {
        let saves = saves.clone();
        Box::new(BusyWriter { inner, saves })
    });
    fs::remove_file(fixture.path("b")).unwrap();
    // What is saved there is what lies at `b`: two names of one file.
    fs::write(&saves, "b").unwrap();
    fs::hard_link(&saves, fixture.path("b")).unwrap();
    let change = |name: &str, before: Option<&str>| FileEdit::Write {
        path: fixture.path(name),
        before: before.map(|text| text.as_bytes().to_vec()),
        after: b"ours".to_vec(),
    };
    let changes = [
        change("new/c", None),
        change("a", Some("a")),
        change("b", Some("b")),
    ];
    let error = fixture.workspace.commit(&changes).unwrap_err();
    assert!(
        matches!(error, FileError::Stale { .. }),
        "{}",
        fixture.message(&error)
    );
    let expected = [("w/", ""), ("w/a", "a"), ("w/b", "saved meanwhile")];
    let expected = expected.map(|(name, text)| (name.to_owned(), text.to_owned()));
    assert_eq!(fixture.tree(), BTreeMap::from(expected));
}

fn changes(random: &mut Rng, fixture: &Fixture) -> Vec<FileEdit> {
    let mut names = NAMES.to_vec();
    random.shuffle(&mut names);
    let mut changes = Vec::new();
    for _ in 0..random.usize(1..5) {
        let Some(name) = names.pop() else { break };
        let path = fixture.path(name);
        let before = std::fs::read(&path).ok();
        let after = format!("new {name}\n").into_bytes();
        changes.push(match (before, random.u8(0..3)) {
            (Some(before), 0) => FileEdit::Delete { path, before },
            (Some(before), 1) => {
                let Some(to) = names.pop().map(|name| fixture.path(name)) else {
                    break;
                };
                FileEdit::Move {
                    from: path,
                    before,
                    replaced: std::fs::read(&to).ok(),
                    to,
                    after,
                }
            }
            (before, _) => FileEdit::Write {
                path,
                before,
                after,
            },
        });
    }
    changes
}

/// Files, and random changes of them.
fn fixture(seed: u64, faults: Faults) -> (Fixture, Vec<FileEdit>) {
    let mut random = Rng::with_seed(seed);
    let fixture = Fixture::with_writer(&[], |inner| Box::new(FaultyWriter { inner, faults }));
    for name in &NAMES[..6] {
        if random.bool() {
            fixture.write(name, &format!("old {name}\n"));
        }
    }
    let changes = changes(&mut random, &fixture);
    (fixture, changes)
}

fn a_failure_changes_nothing() {
    let mut failures = 0;
    for seed in 0..80 {
        let links = if seed % 3 == 0 {
            Links::Unknown
        } else {
            Links::Known
        };
        let faults = |fails_at| Faults {
            operations: Arc::default(),
            fails_at,
            links,
        };
        let sound = faults(usize::MAX);
        let operations = Arc::clone(&sound.operations);
        let (fixture_done, changes) = fixture(seed, sound);
        fixture_done.workspace.commit(&changes).unwrap();
        let done = fixture_done.tree();
        assert_eq!(done, expected(&fixture(seed, faults(0))), "seed {seed}");
        for fails_at in 0..operations.load(Ordering::Relaxed) {
            let (fixture, changes) = fixture(seed, faults(fails_at));
            let before = fixture.tree();
            let result = fixture.workspace.commit(&changes);
            match result {
                // Only what is swept away in the end may fail without harm.
                Ok(()) => assert_eq!(fixture.tree(), done, "seed {seed}, operation {fails_at}"),
                Err(error) => {
                    assert_eq!(fixture.tree(), before, "seed {seed}, operation {fails_at}");
                    assert!(error.to_string().ends_with(": the disk failed"), "{error}");
                    failures += 1;
                }
            }
        }
    }
    assert!(300 < failures, "{failures}");
}

/// The changes done by hand, one after another, with the standard library.
fn expected((fixture, changes): &(Fixture, Vec<FileEdit>)) -> BTreeMap<String, String> {
    let write = |path: &Path, bytes: &[u8]| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    for change in changes {
        match change {
            FileEdit::Write { path, after, .. } => write(path, after),
            FileEdit::Delete { path, .. } => std::fs::remove_file(path).unwrap(),
            FileEdit::Move {
                from, to, after, ..
            } => {
                std::fs::remove_file(from).unwrap();
                write(to, after);
            }
        }
    }
    fixture.tree()
}
