//! The parallel search finds what a plain recursion finds.

use std::{collections::BTreeSet, fs};

use super::*;

/// The oracle: what a plain recursion finds.
fn find_plainly(folder: &Path, relative: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder.join(relative)).unwrap() {
        let entry = entry.unwrap();
        let path = relative.join(entry.file_name());
        let is_folder = entry.file_type().unwrap().is_dir();
        if is_folder && entry.file_name() == ".git" {
            continue;
        }
        if is_secret(&path, FileKind::File) {
            found.insert(path);
        } else if is_folder {
            find_plainly(folder, &path, found);
        }
    }
}

fn is_secret(path: &Path, _: FileKind) -> bool {
    let name = path.file_name().unwrap().to_string_lossy();
    name.starts_with(".env") || name == ".ssh"
}

#[test]
fn finds_what_a_plain_recursion_finds() {
    for seed in 0..20 {
        let mut random = fastrand::Rng::with_seed(seed);
        let folder = tempfile::tempdir().unwrap();
        let mut folders = vec![PathBuf::new()];
        for number in 0..random.usize(1..400) {
            let name = match random.u8(0..20) {
                0 => ".env".to_owned(),
                1 => format!(".env.{number}"),
                2 => ".ssh".to_owned(),
                3 => ".git".to_owned(),
                _ => format!("name-{number}"),
            };
            let path = random.choice(&folders).unwrap().join(name);
            if folder.path().join(&path).symlink_metadata().is_ok() {
                continue;
            }
            if random.u8(0..3) == 0 {
                fs::create_dir(folder.path().join(&path)).unwrap();
                folders.push(path);
            } else if random.u8(0..10) == 0 {
                // A loop for whoever follows links.
                std::os::unix::fs::symlink(folder.path(), folder.path().join(&path)).unwrap();
            } else {
                fs::write(folder.path().join(&path), "").unwrap();
            }
        }
        let mut expected = BTreeSet::new();
        find_plainly(folder.path(), Path::new(""), &mut expected);
        let tree = Tree::open(folder.path()).unwrap();
        let found = find(&tree, folder.path(), &is_secret);
        assert_eq!(found, Vec::from_iter(expected), "seed {seed}");
    }
}
