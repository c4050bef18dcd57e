//! The repository a folder belongs to and its branch, read from `.git` without starting git.
//!
//! Source: gitrepository-layout(5): `.git` is a folder, or a file that says `gitdir: PATH`; `HEAD` in it says
//! `ref: refs/heads/BRANCH` or holds a commit's id.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The nearest folder at or above `folder` that has a `.git`.
pub(crate) fn root(folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .find(|ancestor| ancestor.join(".git").symlink_metadata().is_ok())
        .map(Path::to_path_buf)
}

/// The branch that is checked out below `root`, or where a detached head stands; nothing when that cannot be told.
pub(super) fn branch(root: &Path) -> Option<String> {
    let head = read_line(&git_folder(root)?.join("HEAD"))?;
    match head.strip_prefix("ref: ") {
        Some(reference) => {
            let branch = reference.strip_prefix("refs/heads/").unwrap_or(reference);
            Some(branch.to_owned())
        }
        None if 7 < head.len() && head.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            Some(format!("none, detached at {}", &head[..7]))
        }
        None => None,
    }
}

fn git_folder(root: &Path) -> Option<PathBuf> {
    let entry = root.join(".git");
    if entry.is_dir() {
        return Some(entry);
    }
    let line = read_line(&entry)?;
    Some(root.join(line.strip_prefix("gitdir: ")?))
}

/// The first line of a small regular file.
fn read_line(path: &Path) -> Option<String> {
    const LONGEST: u64 = 4096;
    if !path.is_file() {
        return None;
    }
    let mut text = String::new();
    let file = File::open(path).ok()?;
    file.take(LONGEST).read_to_string(&mut text).ok()?;
    let line = text.lines().next()?.trim_end();
    (!line.is_empty()).then(|| line.to_owned())
}
