//! The text files of the workspace, read once for all rules.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::code::Code;

/// Folders that hold nothing written by hand.
const SKIPPED_FOLDERS: &[&str] = &["target", "node_modules", ".git", ".tools"];

/// The endings of files that are read.
const TEXT_ENDINGS: &[&str] = &[
    "json", "lua", "md", "mjs", "py", "rs", "scm", "sh", "toml", "ts", "txt", "vim", "yaml", "yml",
];

/// A text file.
pub(super) struct Source {
    /// Relative to the workspace.
    pub(super) path: PathBuf,
    /// The whole text.
    pub(super) text: String,
    /// Its code, for Rust files.
    pub(super) code: Option<Code>,
    /// Whether all of it is only compiled for tests.
    pub(super) is_test: bool,
}

/// Reads every text file below the workspace's root, in the order of their paths.
pub(super) fn read(root: &Path) -> anyhow::Result<Vec<Source>> {
    let mut paths = BTreeSet::new();
    collect(root, &mut paths).with_context(|| format!("{} could not be listed", root.display()))?;
    let mut sources = Vec::new();
    for path in paths {
        let bytes =
            fs::read(&path).with_context(|| format!("{} could not be read", path.display()))?;
        // A file that is no UTF-8 is a fixture, not something written by hand.
        if let Ok(text) = String::from_utf8(bytes) {
            sources.push(Source::new(path.strip_prefix(root).unwrap_or(&path), text));
        }
    }
    mark_tests(&mut sources);
    Ok(sources)
}

impl Source {
    /// A file by its path relative to the workspace.
    pub(super) fn new(path: &Path, text: String) -> Self {
        let is_rust = path.extension().is_some_and(|ending| ending == "rs");
        let code = is_rust.then(|| Code::of(&text));
        Self {
            path: path.to_path_buf(),
            text,
            code,
            is_test: is_test_by_name(path),
        }
    }
}

/// Marks the files of modules that another file declares for tests only.
pub(super) fn mark_tests(sources: &mut [Source]) {
    let modules: Vec<PathBuf> = sources
        .iter()
        .flat_map(|source| {
            let names = source.code.iter().flat_map(Code::test_modules);
            names.map(|name| module_folder(&source.path).join(name))
        })
        .collect();
    for source in sources {
        let without_ending = source.path.with_extension("");
        source.is_test |= modules
            .iter()
            .any(|module| without_ending.starts_with(module));
    }
}

/// The folder in which a file's own modules lie: `a/b.rs` has them in `a/b/`, `a/lib.rs` in `a/`.
fn module_folder(path: &Path) -> PathBuf {
    let is_crate_root = ["lib.rs", "main.rs"]
        .iter()
        .any(|name| path.ends_with(name));
    if is_crate_root {
        path.parent().unwrap_or(path).to_path_buf()
    } else {
        path.with_extension("")
    }
}

fn is_test_by_name(path: &Path) -> bool {
    path.ends_with("tests.rs")
        || path
            .iter()
            .any(|folder| folder == "tests" || folder == "benches")
}

fn collect(folder: &Path, paths: &mut BTreeSet<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let path = entry.path();
        let kind = entry.file_type()?;
        if kind.is_dir() && !SKIPPED_FOLDERS.iter().any(|skipped| name == *skipped) {
            collect(&path, paths)?;
        } else if kind.is_file() && is_text(&path) {
            paths.insert(path);
        }
    }
    Ok(())
}

fn is_text(path: &Path) -> bool {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some(ending) => TEXT_ENDINGS.contains(&ending),
        // Scripts such as `.ci/run`, and `.gitignore` and its like.
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_modules_for_tests_are_tests() {
        let root = tempfile::tempdir().unwrap();
        let files = [
            ("crates/a/src/lib.rs", "mod b;\n#[cfg(test)]\nmod oracle;\n"),
            (
                "crates/a/src/b.rs",
                "#[cfg(test)]\nmod random;\nmod plain;\n",
            ),
            ("crates/a/src/b/plain.rs", ""),
            ("crates/a/src/b/random.rs", ""),
            ("crates/a/src/b/random/deep.rs", ""),
            ("crates/a/src/b/tests.rs", ""),
            ("crates/a/src/oracle.rs", ""),
            ("crates/a/tests/whole.rs", ""),
            ("target/debug/generated.rs", ""),
            ("image.png", ""),
        ];
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let sources = read(root.path()).unwrap();
        let seen: Vec<(&str, bool)> = sources
            .iter()
            .map(|source| (source.path.to_str().unwrap(), source.is_test))
            .collect();
        assert_eq!(
            seen,
            [
                ("crates/a/src/b/plain.rs", false),
                ("crates/a/src/b/random/deep.rs", true),
                ("crates/a/src/b/random.rs", true),
                ("crates/a/src/b/tests.rs", true),
                ("crates/a/src/b.rs", false),
                ("crates/a/src/lib.rs", false),
                ("crates/a/src/oracle.rs", true),
                ("crates/a/tests/whole.rs", true),
            ]
        );
    }
}
