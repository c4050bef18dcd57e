//! What to permit so that everything is readable but some places.
//!
//! A rule holds for all that is below its path, and rules only permit. So the folders that lead to a hidden place get no
//! rule, and each of their other children gets one.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The largest files and folders that have none of `hidden` in or below them, as they are now.
///
/// Links are left out: what they lead to is reached in its own place, or hidden. So is what cannot be listed.
pub(super) fn around(hidden: &[PathBuf]) -> Vec<PathBuf> {
    let hidden: BTreeSet<_> = hidden
        .iter()
        .map(|path| fs::canonicalize(path).unwrap_or_else(|_| path.clone()))
        .collect();
    let leading = hidden.iter().flat_map(|path| path.ancestors().skip(1));
    let leading: BTreeSet<&Path> = leading.collect();
    let root = Path::new("/");
    if hidden.contains(root) {
        return Vec::new();
    }
    if !leading.contains(root) {
        return vec![root.into()];
    }
    let mut openings = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for child in children(&folder) {
            if hidden.contains(&child) {
                continue;
            }
            match leading.contains(child.as_path()) {
                true => folders.push(child),
                false => openings.push(child),
            }
        }
    }
    openings
}

fn children(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let is_no_link = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| !kind.is_symlink());
    entries
        .filter_map(Result::ok)
        .filter(is_no_link)
        .map(|entry| entry.path())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Random trees with random hidden places: a file is below an opening exactly when it is neither hidden nor below a
    /// hidden place nor behind a link.
    #[test]
    fn everything_but_the_hidden_places_is_open() {
        for seed in 0..100 {
            let mut random = fastrand::Rng::with_seed(seed);
            let root = tempfile::tempdir().unwrap();
            let root = root.path().canonicalize().unwrap();
            let mut folders = vec![root.clone()];
            let mut files = Vec::new();
            for number in 0..40 {
                let parent = folders[random.usize(..folders.len())].clone();
                let path = parent.join(format!("{number}"));
                if random.u8(..3) == 0 {
                    fs::create_dir(&path).unwrap();
                    folders.push(path);
                } else {
                    fs::write(&path, "").unwrap();
                    files.push(path);
                }
            }
            std::os::unix::fs::symlink(&folders[folders.len() - 1], root.join("link")).unwrap();
            let all = [folders, files.clone()].concat();
            let mut hidden: Vec<_> = (0..random.usize(1..5))
                .map(|_| all[random.usize(1..all.len())].clone())
                .collect();
            hidden.push(root.join("link/missing"));
            hidden.push(root.join("not there"));

            let openings = around(&hidden);
            for file in &files {
                let is_open = openings.iter().any(|opening| file.starts_with(opening));
                let is_hidden = hidden.iter().any(|hidden| file.starts_with(hidden));
                assert_eq!(is_open, !is_hidden, "seed {seed}: {}", file.display());
            }
            for opening in &openings {
                assert!(
                    !hidden.iter().any(|hidden| hidden.starts_with(opening)),
                    "seed {seed}: {} is open",
                    opening.display()
                );
                assert!(!opening.is_symlink());
            }
        }
    }
}
