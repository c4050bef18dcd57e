//! What of git's layout matters here: where a repository begins, where its own lists are, and where its hooks are.
//! Only reads; starts no git.

use std::path::{Path, PathBuf};

use ignore::gitignore::gitconfig_excludes_path;

use crate::disk::{Disk, FileKind, RealDisk, read_bytes};

/// The pointer files in a linked worktree are one short line.
const POINTER_LIMIT: u64 = 64 * 1024;

/// The file that git's configuration names for rules over all repositories, where there is one.
pub fn default_git_excludes_file() -> Option<PathBuf> {
    gitconfig_excludes_path().filter(|path| path.is_file())
}

/// Where git keeps the repository whose top is `directory`, with its hooks and settings: `.git` itself, or where that leads.
/// It need not exist.
pub fn git_directory(directory: &Path) -> PathBuf {
    followed(&RealDisk, common_directory(&RealDisk, directory))
}

/// Whether git would take `directory` for one in which it keeps a repository, whatever its name is.
pub(crate) fn is_git_directory(disk: &dyn Disk, directory: &Path) -> bool {
    let is_there = |name: &str| disk.link_metadata(&directory.join(name)).is_ok();
    let is_directory = |name: &str| {
        let metadata = disk.metadata(&directory.join(name));
        metadata.is_ok_and(|metadata| metadata.kind == FileKind::Directory)
    };
    is_there("HEAD") && is_directory("objects") && is_directory("refs")
}

/// The nearest directory at or above `directory` that is a repository's top.
pub(super) fn repository_above(disk: &dyn Disk, directory: &Path) -> Option<PathBuf> {
    directory
        .ancestors()
        .find(|ancestor| is_repository(disk, ancestor))
        .map(Path::to_path_buf)
}

/// Whether `directory` is the top of a repository, a linked worktree or a submodule.
pub(super) fn is_repository(disk: &dyn Disk, directory: &Path) -> bool {
    disk.metadata(&directory.join(".git")).is_ok()
}

/// The list that belongs to the repository at `top` without being part of its tree.
pub(super) fn info_exclude(disk: &dyn Disk, top: &Path) -> PathBuf {
    common_directory(disk, top).join("info").join("exclude")
}

/// The `.git` directory shared by all worktrees; see `gitrepository-layout(5)` on `commondir` and `gitdir:`.
fn common_directory(disk: &dyn Disk, top: &Path) -> PathBuf {
    let dot_git = top.join(".git");
    let Some(line) = pointer(disk, &dot_git) else {
        return dot_git;
    };
    let Some(target) = line.strip_prefix("gitdir:") else {
        return dot_git;
    };
    let git_directory = followed(disk, top.join(target.trim()));
    match pointer(disk, &git_directory.join("commondir")) {
        Some(common) => followed(disk, git_directory.join(common)),
        None => git_directory,
    }
}

/// These paths have `..` in them, and may lead over links.
fn followed(disk: &dyn Disk, path: PathBuf) -> PathBuf {
    disk.real_path(&path).unwrap_or(path)
}

fn pointer(disk: &dyn Disk, path: &Path) -> Option<String> {
    let bytes = read_bytes(disk, path, POINTER_LIMIT).ok()?;
    Some(String::from_utf8(bytes).ok()?.trim().to_owned())
}
