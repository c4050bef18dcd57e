//! Where the paths lie that a model names, and how paths are named to it.
//!
//! A path may be relative to the working directory or to one of the folders, or absolute; it is shown relative to its
//! folder. Used by the tools that read and by those that change many files.

use std::path::{Path, PathBuf};

use ::workspace::{
    Exclusion, FileKind, IgnoredFiles, Reach, ReadError, WalkOptions, WorkspaceSnapshot, Yields,
    normalize,
};

use super::nearest::nearest;
use crate::ToolContext;

/// What lies at a path.
#[derive(Debug)]
pub(super) enum Place {
    File,
    Folder,
    Missing,
    /// It may not be seen.
    Hidden(Exclusion),
    /// Neither file nor folder, or not to be read; why, as a sentence's end.
    Unusable(String),
}

/// The place that a model means by `given`.
pub(super) fn resolve(
    context: &ToolContext<'_>,
    snapshot: &WorkspaceSnapshot,
    given: &str,
) -> PathBuf {
    let from_cwd = normalize(&context.cwd.join(given.trim()));
    let exists = |path: &PathBuf| !matches!(place(snapshot, path), Place::Missing);
    if exists(&from_cwd) {
        return from_cwd;
    }
    let mut below_folders = context
        .workspace
        .folders()
        .iter()
        .map(|folder| normalize(&folder.join(given.trim())));
    below_folders.find(exists).unwrap_or(from_cwd)
}

/// What lies at `path`.
pub(super) fn place(snapshot: &WorkspaceSnapshot, path: &Path) -> Place {
    // Only an empty file is read with this limit; the refusals tell the rest.
    match snapshot.read_up_to(path, 0) {
        Ok(_) | Err(ReadError::TooLarge { .. } | ReadError::Binary { .. }) => Place::File,
        Err(ReadError::NotAFile {
            kind: FileKind::Directory,
            ..
        }) => Place::Folder,
        Err(ReadError::NotFound { .. }) => Place::Missing,
        Err(ReadError::Excluded { exclusion, .. }) => Place::Hidden(exclusion),
        Err(ReadError::NotAFile { kind, .. }) => Place::Unusable(format!("it is {kind}")),
        Err(ReadError::PermissionDenied { .. }) => {
            Place::Unusable("its permissions do not allow it".into())
        }
        Err(ReadError::LinkLoop { .. }) => {
            Place::Unusable("it is a link that leads back to itself".into())
        }
        Err(ReadError::Io { source, .. }) => Place::Unusable(source.to_string()),
    }
}

/// `path` as the model gets to read it: relative to its folder, absolute where several folders could be meant.
pub(super) fn shown(context: &ToolContext<'_>, path: &Path) -> String {
    let folders = context.workspace.folders();
    let innermost = folders
        .iter()
        .filter(|folder| path.starts_with(folder))
        .max_by_key(|folder| folder.components().count());
    let is_plain = |folder: &&PathBuf| folders.len() == 1 || context.cwd.starts_with(folder);
    match innermost
        .filter(is_plain)
        .and_then(|folder| path.strip_prefix(folder).ok())
    {
        Some(relative) if relative.as_os_str().is_empty() => ".".into(),
        Some(relative) => relative.display().to_string(),
        None => path.display().to_string(),
    }
}

/// Why a path that may not be seen is not; its content appears nowhere.
pub(super) fn hidden(context: &ToolContext<'_>, path: &Path, exclusion: &Exclusion) -> String {
    format!("{} is not accessible: {exclusion}.", shown(context, path))
}

/// That nothing lies at `path`, with the names that come nearest.
pub(super) fn missing(
    context: &ToolContext<'_>,
    snapshot: &WorkspaceSnapshot,
    path: &Path,
) -> String {
    let name = shown(context, path);
    let options = WalkOptions {
        yields: Yields::FilesAndDirectories,
        ..WalkOptions::default()
    };
    let files = snapshot
        .walk(&options)
        .into_iter()
        .flatten()
        .take(MOST_NAMES);
    let names = files.map(|entry| shown(context, &entry.path));
    let near = nearest(&name, names, 5);
    if near.is_empty() {
        return format!("{name} does not exist. Look around with list_files.");
    }
    format!("{name} does not exist. Similar names: {}", near.join(", "))
}

/// So many files are looked through for similar names.
const MOST_NAMES: usize = 100_000;

/// Which files a tool goes through: those below `path` that match `glob`.
///
/// # Errors
/// The answer to the model: the path does not exist or may not be seen.
pub(super) fn files_under(
    context: &ToolContext<'_>,
    snapshot: &WorkspaceSnapshot,
    path: Option<&str>,
    glob: Option<&str>,
) -> Result<WalkOptions, String> {
    let globs = glob
        .filter(|glob| !glob.trim().is_empty())
        .map(|glob| glob.trim().to_owned());
    let mut options = WalkOptions {
        globs: globs.into_iter().collect(),
        ..WalkOptions::default()
    };
    let Some(given) = path.filter(|path| !path.trim().is_empty()) else {
        return Ok(options);
    };
    let path = resolve(context, snapshot, given);
    match place(snapshot, &path) {
        Place::File | Place::Folder => {}
        Place::Missing => return Err(missing(context, snapshot, &path)),
        Place::Hidden(exclusion) => return Err(hidden(context, &path, &exclusion)),
        Place::Unusable(reason) => {
            return Err(format!(
                "{} cannot be used: {reason}.",
                shown(context, &path)
            ));
        }
    }
    // Whoever names an ignored folder means it.
    let is_ignored = snapshot
        .is_excluded(&path)
        .is_some_and(|exclusion| exclusion.reach() == Reach::Skipped);
    if is_ignored {
        options.ignored = IgnoredFiles::Include;
    }
    options.under = Some(path);
    Ok(options)
}
