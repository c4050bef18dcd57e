//! Looking at all names of a directory at once says what looking at each of them does, whatever they are and hide.

use std::{ffi::OsString, fs, path::Path};

use super::patterns;
use crate::{FileKind, WorkspaceSnapshot, exclusion::Exclusion, fixture::Fixture};

/// Names that are secret, that nearly are, that lists speak of, and that say what is hidden.
const NAMES: &[&str] = &[
    ".env",
    ".ENV",
    ".environment",
    "a.env",
    "env",
    "key",
    "a.key",
    "A.Key",
    "a.\u{212a}ey",
    "a.key.rs",
    "id_rsa",
    "id_rsa.pub",
    ".ssh",
    ".SSH",
    ".aws",
    "credentials",
    "credentials.rs",
    "ſecrets.json",
    "secrets.json",
    "secrets.rs",
    ".cargo",
    ".docker",
    "config.json",
    "a.tfstate.old",
    "client_secret_1.json",
    ".git",
    ".hg",
    "plain",
    "plain.rs",
    "a.plan",
    "b.draft",
    "own.private",
    ".ropewalkignore",
    ".aiexclude",
    ".gitignore",
];

fn build(folder: &Path, depth: usize, random: &mut fastrand::Rng) {
    fs::create_dir_all(folder).unwrap();
    for _ in 0..random.usize(1..12) {
        let name = *random.choice(NAMES).unwrap();
        let path = folder.join(name);
        let is_list = [".ropewalkignore", ".aiexclude", ".gitignore"].contains(&name);
        if path.exists() {
        } else if is_list {
            let lines = [
                "*.plan\n",
                "!*.plan\n",
                "*.draft\n",
                "plain*\n",
                "/a.plan\n",
                "!\n",
            ];
            fs::write(path, *random.choice(&lines).unwrap()).unwrap();
        } else if depth > 0 && random.bool() {
            build(&path, depth - 1, random);
        } else {
            fs::write(path, "").unwrap();
        }
    }
}

/// Compares `folder` and what is below it.
fn compare(one: &WorkspaceSnapshot, other: &WorkspaceSnapshot, folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let names: Vec<(OsString, FileKind)> = entries
        .map(|entry| {
            let is_folder = entry.file_type().unwrap().is_dir();
            let kind = if is_folder {
                FileKind::Directory
            } else {
                FileKind::File
            };
            (entry.file_name(), kind)
        })
        .collect();
    let found = one.hidden_among(folder, &names);
    let each = names
        .iter()
        .enumerate()
        .filter_map(|(position, (name, kind))| {
            let exclusion = other.is_name_excluded(&folder.join(name), *kind)?;
            let is_ignored = matches!(exclusion, Exclusion::Ignored { .. });
            (!is_ignored).then_some((position, exclusion))
        });
    assert_eq!(found, each.collect::<Vec<_>>(), "{}", folder.display());
    let folders = names
        .iter()
        .filter(|(_, kind)| *kind == FileKind::Directory);
    let below = folders.map(|(name, _)| compare(one, other, &folder.join(name)));
    found.len() + below.sum::<usize>()
}

pub(super) fn all_names_at_once_are_judged_as_each_of_them_is() {
    let mut found = 0;
    for seed in 0..60 {
        let mut random = fastrand::Rng::with_seed(seed);
        let fixture = Fixture::new(&[]);
        build(&fixture.root(), 3, &mut random);
        let options = match random.bool() {
            true => patterns(&["*.private"]),
            false => patterns(&[]),
        };
        // The folder of the workspace need not be the outermost one that has lists.
        let inner = fixture.path("plain");
        let folder = match random.bool() && inner.is_dir() {
            true => inner,
            false => fixture.root(),
        };
        let snapshot = || {
            let mut workspace = fixture.workspace(&options);
            workspace.add_folder(&folder).unwrap();
            workspace.snapshot()
        };
        found += compare(&snapshot(), &snapshot(), &folder);
    }
    assert!(found > 300, "{found}");
}
