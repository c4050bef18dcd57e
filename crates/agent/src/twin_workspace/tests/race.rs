//! Folders of a twin change places with links as fast as they can while files are written: what is outside stays as it was,
//! and what is protected too.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::symlink,
    path::Path,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use fastrand::Rng;
use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::Fixture;
use crate::{Workspace, workspace::FileEdit};

const COMMITS: usize = 1500;
const SWAPS: usize = 2000;
/// So many are to succeed with each seed, however busy the machine is.
const COMMITTED: usize = 26;
/// More are not tried.
const TRIED: usize = 200_000;
const SWAPPED: [&str; 2] = ["folder", "folder/deep"];
const FILES: [&str; 3] = ["folder/file", "folder/deep/file", "folder/deep/new/file"];

/// Makes `one` and `other` change their names, in one step: a commit would make a folder that is missing.
fn swap(one: &Path, other: &Path) {
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).unwrap();
}

/// A random change of a random file, from what is there as far as that can be told.
fn change(fixture: &Fixture, random: &mut Rng) -> FileEdit {
    let mut name = || FILES[random.usize(..FILES.len())];
    let (name, other) = (name(), name());
    let path = fixture.path(name);
    let before = fixture.workspace.read(&path, 1000).ok();
    let after = format!("written {}", random.u16(..)).into_bytes();
    match (before, random.u8(0..4)) {
        (Some(before), 0) => FileEdit::Delete { path, before },
        (Some(before), 1) if name != other => FileEdit::Move {
            from: path,
            before,
            replaced: fixture.workspace.read(&fixture.path(other), 1000).ok(),
            to: fixture.path(other),
            after,
        },
        (before, _) => FileEdit::Write {
            path,
            before,
            after,
        },
    }
}

/// Every file below `folder` and what is in it, links as they are written.
fn contents(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            let text = fs::read_to_string(&path).unwrap();
            found.insert(path.display().to_string(), text);
        }
    }
    found
}

#[test]
fn nothing_outside_is_written_while_links_are_swapped_in() {
    let mut committed = 0;
    for seed in 0..4 {
        let files = ["folder/file", "folder/deep/file"];
        let files = files.map(|name| (name, "original"));
        let fixture = Fixture::new(&files);
        for guarded in ["outside", "twin/.ropewalk"] {
            let guarded = fixture.around.path().join(guarded);
            fs::create_dir_all(guarded.join("deep/new")).unwrap();
            for name in ["file", "deep/file", "deep/new/file"] {
                fs::write(guarded.join(name), "original").unwrap();
            }
        }
        let doubles = [
            ("folder.double", fixture.around.path().join("outside")),
            ("folder/deep.double", "../.ropewalk/deep".into()),
        ];
        for (double, target) in &doubles {
            symlink(target, fixture.twin(double)).unwrap();
        }
        committed += commit_while_swapping(&fixture, seed);
        for guarded in ["outside", "twin/.ropewalk", "user"] {
            let contents = contents(&fixture.around.path().join(guarded));
            assert!(contents.len() >= 2);
            for (path, text) in contents {
                assert_eq!(text, "original", "seed {seed}: {path}");
            }
        }
    }
    assert!(
        committed > 100,
        "hardly anything was committed: {committed}"
    );
}

/// Gives back how many commits were made.
fn commit_while_swapping(fixture: &Fixture, seed: u64) -> usize {
    let swaps = AtomicUsize::new(0);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let swapper = scope.spawn(|| {
            let mut random = Rng::with_seed(seed);
            while !is_over.load(Ordering::Relaxed) {
                let path = fixture.twin(SWAPPED[random.usize(..SWAPPED.len())]);
                let double = path.with_extension("double");
                if fs::symlink_metadata(&path).is_ok() && fs::symlink_metadata(&double).is_ok() {
                    swap(&path, &double);
                }
                swaps.fetch_add(1, Ordering::Relaxed);
            }
        });
        let mut random = Rng::with_seed(!seed);
        let (mut commits, mut committed) = (0, 0);
        let is_enough = |commits, committed| {
            let has_tried = commits >= COMMITS && swaps.load(Ordering::Relaxed) >= SWAPS;
            commits >= TRIED || (has_tried && committed >= COMMITTED)
        };
        while !swapper.is_finished() && !is_enough(commits, committed) {
            let change = change(fixture, &mut random);
            committed += usize::from(fixture.workspace.commit(&[change]).is_ok());
            commits += 1;
        }
        is_over.store(true, Ordering::Relaxed);
        swapper.join().unwrap();
        committed
    })
}
