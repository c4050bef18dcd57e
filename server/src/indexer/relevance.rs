//! Which files are worth learning from, and which first. Pure.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use predict::FileStamp;

/// Endings of files that programs write or that hold data; the rest is judged by its content.
const UNLEARNED_ENDINGS: [&str; 26] = [
    ".lock", ".map", ".min.js", ".min.css", ".svg", ".csv", ".tsv", ".log", ".snap", ".patch",
    ".diff", ".po", ".pot", ".ipynb", ".jsonl", ".ndjson", ".sum", ".pdf", ".png", ".jpg", ".gif",
    ".zip", ".gz", ".woff2", ".wasm", ".bin",
];
const UNLEARNED_NAMES: [&str; 5] = [
    "package-lock.json",
    "npm-shrinkwrap.json",
    "pnpm-lock.yaml",
    "composer.lock",
    "flake.lock",
];

/// Whether a file's name promises text that a person wrote.
pub(super) fn is_worth_learning(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return false;
    };
    let name = name.to_ascii_lowercase();
    !UNLEARNED_NAMES.contains(&name.as_str())
        && !UNLEARNED_ENDINGS
            .iter()
            .any(|ending| name.ends_with(ending))
}

/// A file's place in line: nearest to an open document, of the same kind, recently changed; the path settles the rest.
///
/// Smaller is earlier.
pub(super) fn rank(
    path: &Path,
    stamp: FileStamp,
    focus: &[PathBuf],
) -> (usize, bool, Reverse<u64>, PathBuf) {
    let distance = focus
        .iter()
        .map(|open| distance(path, open))
        .min()
        .unwrap_or(0);
    let is_other_kind = !focus.is_empty()
        && focus
            .iter()
            .all(|open| open.extension() != path.extension());
    (
        distance,
        is_other_kind,
        Reverse(stamp.modified),
        path.to_path_buf(),
    )
}

/// Steps from one file's folder up and down to the other's.
fn distance(path: &Path, other: &Path) -> usize {
    let count = |path: &Path| path.components().count();
    let common = path
        .components()
        .zip(other.components())
        .take_while(|(a, b)| a == b)
        .count();
    (count(path) - common).max(1) + (count(other) - common).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_the_open_file_come_first() {
        let focus = [PathBuf::from("/w/app/src/main.rs")];
        let mut paths = [
            "/w/README.md",
            "/w/app/src/main.rs",
            "/w/other/src/lib.rs",
            "/w/app/src/deep/x.rs",
            "/w/app/src/notes.txt",
            "/w/app/src/util.rs",
        ];
        paths.sort_by_key(|path| rank(Path::new(path), FileStamp::default(), &focus));
        assert_eq!(
            paths,
            [
                "/w/app/src/main.rs",
                "/w/app/src/util.rs",
                "/w/app/src/notes.txt",
                "/w/app/src/deep/x.rs",
                "/w/README.md",
                "/w/other/src/lib.rs",
            ]
        );
    }

    #[test]
    fn recent_changes_come_first_where_nothing_is_open() {
        let stamp = |modified| FileStamp { size: 1, modified };
        assert!(rank(Path::new("/b"), stamp(2), &[]) < rank(Path::new("/a"), stamp(1), &[]));
    }

    #[test]
    fn data_and_lock_files_teach_nothing() {
        for (path, expected) in [
            ("/w/Cargo.lock", false),
            ("/w/package-lock.json", false),
            ("/w/dist/app.min.js", false),
            ("/w/LOGO.SVG", false),
            ("/w/src/lib.rs", true),
            ("/w/Makefile", true),
        ] {
            assert_eq!(is_worth_learning(Path::new(path)), expected, "{path}");
        }
    }
}
