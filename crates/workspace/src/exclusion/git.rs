//! What of git's layout matters to ignore rules: where a repository begins and where its own lists are.
//! Only reads; starts no git.

use std::path::{Path, PathBuf};

use ignore::gitignore::gitconfig_excludes_path;

use crate::disk::read_bytes;

/// The pointer files in a linked worktree are one short line.
const POINTER_LIMIT: u64 = 64 * 1024;

/// The file that git's configuration names for rules over all repositories, where there is one.
pub fn default_git_excludes_file() -> Option<PathBuf> {
    gitconfig_excludes_path().filter(|path| path.is_file())
}

/// The nearest directory at or above `directory` that is a repository's top.
pub(super) fn repository_above(directory: &Path) -> Option<PathBuf> {
    directory
        .ancestors()
        .find(|ancestor| is_repository(ancestor))
        .map(Path::to_path_buf)
}

/// Whether `directory` is the top of a repository, a linked worktree or a submodule.
pub(super) fn is_repository(directory: &Path) -> bool {
    directory.join(".git").exists()
}

/// The list that belongs to the repository at `top` without being part of its tree.
pub(super) fn info_exclude(top: &Path) -> PathBuf {
    common_directory(top).join("info").join("exclude")
}

/// The `.git` directory shared by all worktrees; see `gitrepository-layout(5)` on `commondir` and `gitdir:`.
fn common_directory(top: &Path) -> PathBuf {
    let dot_git = top.join(".git");
    let Some(line) = pointer(&dot_git) else {
        return dot_git;
    };
    let Some(target) = line.strip_prefix("gitdir:") else {
        return dot_git;
    };
    let git_directory = top.join(target.trim());
    match pointer(&git_directory.join("commondir")) {
        Some(common) => git_directory.join(common),
        None => git_directory,
    }
}

fn pointer(path: &Path) -> Option<String> {
    let bytes = read_bytes(path, POINTER_LIMIT).ok()?;
    Some(String::from_utf8(bytes).ok()?.trim().to_owned())
}
