//! Folders and links change places as fast as they can while others read, walk and search: what is outside, or hidden, is
//! never seen. With the system's own disk under the same workspace this fails at once.

use std::{
    fs::{self, File},
    ops::ControlFlow,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use fastrand::Rng;

use super::super::RootedDisk;
use crate::{
    CancellationFlag, ExclusionOptions, SearchOptions, WalkOptions, Workspace, WorkspaceSnapshot,
};

const CANARY: &str = "what must never be seen";
const OPERATIONS: usize = 1500;
const SWAPS: usize = 3000;

/// Makes `one` and `other` change their names; for a moment both may be missing.
fn swap(one: &Path, other: &Path) {
    let aside = one.with_extension("aside");
    fs::rename(one, &aside).unwrap();
    fs::rename(other, one).unwrap();
    fs::rename(&aside, other).unwrap();
}

/// Each of these has a double that is a link to where a canary lies under the same names.
const SWAPPED: [&str; 3] = ["folder", "folder/deep/er", "file"];

fn lay_out(around: &Path) -> PathBuf {
    let root = around.join("root");
    for (base, text) in [
        (root.clone(), "harmless"),
        (around.join("outside"), CANARY),
        (root.join(".ssh"), CANARY),
    ] {
        fs::create_dir_all(base.join("folder/deep/er")).unwrap();
        for file in [
            "file",
            "folder/file",
            "folder/deep/file",
            "folder/deep/er/file",
        ] {
            fs::write(base.join(file), text).unwrap();
        }
    }
    let targets = [
        around.join("outside"),
        root.join(".ssh"),
        PathBuf::from(".ssh"),
    ];
    for (target, name) in targets.iter().zip(SWAPPED) {
        let double = root.join(name).with_extension("double");
        symlink(target.join(name), double).unwrap();
    }
    root
}

/// One thing that a task might do; gives back whether it saw a harmless file.
fn act(snapshot: &WorkspaceSnapshot, root: &Path, random: &mut Rng) -> bool {
    let paths = [
        "file",
        "folder/file",
        "folder/deep/file",
        "folder/deep/er/file",
    ];
    let path = root.join(paths[random.usize(..paths.len())]);
    match random.u8(0..20) {
        0 => {
            let options = SearchOptions::literal(CANARY);
            let outcome = snapshot.search(&options, &CancellationFlag::default(), |found| {
                panic!("a search found {found:?}");
            });
            outcome.is_ok_and(|outcome| outcome.files_searched > 0)
        }
        1 => {
            let mut harmless = SearchOptions::literal("harmless");
            harmless.files.under = path.parent().map(Path::to_path_buf);
            let mut seen = false;
            let _refused = snapshot.search(&harmless, &CancellationFlag::default(), |_| {
                seen = true;
                ControlFlow::Continue(())
            });
            seen
        }
        2 => {
            let mut walk = snapshot.walk(&WalkOptions::default()).unwrap();
            walk.any(|entry| look(snapshot, &entry.path))
        }
        3 => {
            // Not resolved before, as no careful caller does it.
            let opened = snapshot.disk().open(&path);
            let read = opened.and_then(std::io::read_to_string);
            assert_ne!(read.as_deref().ok(), Some(CANARY));
            false
        }
        _ => look(snapshot, &path),
    }
}

fn look(snapshot: &WorkspaceSnapshot, path: &Path) -> bool {
    let Ok(bytes) = snapshot.read_bytes(path, 100) else {
        return false;
    };
    assert_eq!(bytes, b"harmless", "{}", path.display());
    true
}

fn run(disk: impl FnOnce(PathBuf) -> RootedDisk, seed: u64) {
    let around = tempfile::tempdir().unwrap();
    let root = lay_out(around.path());
    let disk = Arc::new(disk(root.clone()));
    let mut workspace = Workspace::over(&ExclusionOptions::default(), disk).unwrap();
    workspace.add_folder(&root).unwrap();
    let snapshot = workspace.snapshot();
    assert!(look(&snapshot, &root.join("folder/deep/er/file")));

    let swaps = AtomicUsize::new(0);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut random = Rng::with_seed(seed);
            while !is_over.load(Ordering::Relaxed) {
                // The inner one first: while the outer one is away it cannot be reached.
                let path = root.join(SWAPPED[random.usize(..SWAPPED.len())]);
                let double = path.with_extension("double");
                if fs::symlink_metadata(&path).is_ok() && fs::symlink_metadata(&double).is_ok() {
                    swap(&path, &double);
                }
                swaps.fetch_add(1, Ordering::Relaxed);
            }
        });
        let actors: Vec<_> = (1..3)
            .map(|actor| {
                let (snapshot, root, swaps) = (&snapshot, &root, &swaps);
                scope.spawn(move || {
                    let mut random = Rng::with_seed(seed ^ actor << 32);
                    let mut operations = 0;
                    while operations < OPERATIONS || swaps.load(Ordering::Relaxed) < SWAPS {
                        act(snapshot, root, &mut random);
                        operations += 1;
                    }
                })
            })
            .collect();
        let ends: Vec<_> = actors
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        is_over.store(true, Ordering::Relaxed);
        for end in ends {
            end.unwrap();
        }
    });
    for canary in [
        "outside/file",
        "outside/folder/deep/er/file",
        "root/.ssh/file",
    ] {
        assert_eq!(
            fs::read_to_string(around.path().join(canary)).unwrap(),
            CANARY
        );
    }
}

fn held(root: PathBuf) -> Vec<(PathBuf, std::os::fd::OwnedFd)> {
    let descriptor = File::open(&root).unwrap().into();
    vec![(root, descriptor)]
}

#[test]
fn nothing_outside_is_seen_while_links_are_swapped_in() {
    for seed in 0..3 {
        run(|root| RootedDisk::new(held(root)), seed);
    }
}

#[test]
fn nothing_outside_is_seen_where_names_are_opened_one_by_one() {
    for seed in 3..6 {
        run(|root| RootedDisk::by_component(held(root)), seed);
    }
}
