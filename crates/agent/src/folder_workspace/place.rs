//! Where a path leads on disk, and whether it may be read or changed there.

use std::{
    ffi::OsStr,
    io,
    path::{Path, PathBuf},
};

use ::workspace::{Disk, Exclusion, FileKind, Reach, ReadError, WorkspaceSnapshot, normalize};

use crate::workspace::FileError;

/// What steers us and what guards the user's secrets: readable as far as any rule allows, never to be changed.
const PROTECTED: [&str; 5] = [
    ".agents",
    ".aiexclude",
    ".git",
    ".ropewalk",
    ".ropewalkignore",
];

/// A place that may be written to.
pub(super) struct Place {
    /// The path itself, in a folder that is reached without links: this is what is removed.
    pub(super) entry: PathBuf,
    /// What it leads to: this is what is read and written.
    pub(super) target: PathBuf,
}

/// The bytes at `path`.
pub(super) fn read(
    snapshot: &WorkspaceSnapshot,
    path: &Path,
    limit: u64,
) -> Result<Vec<u8>, FileError> {
    snapshot
        .read_bytes(path, limit)
        .map_err(|error| file_error(snapshot, error))
}

/// Where a file under the name `path` is written.
pub(super) fn writable(snapshot: &WorkspaceSnapshot, path: &Path) -> Result<Place, FileError> {
    let (target, exclusion) = snapshot.locate(path);
    if let Some(exclusion) = exclusion.filter(|exclusion| exclusion.reach() == Reach::Hidden) {
        return Err(excluded(snapshot, path, exclusion));
    }
    let named = normalize(path);
    refuse_protected(snapshot, path, [&named, &target])?;
    if let Some(directory) = snapshot.git_directory_above(&target) {
        return Err(FileError::Excluded {
            path: text(path),
            reason: format!(
                "git keeps a repository in {}, agents may not change it",
                directory.display()
            ),
        });
    }
    let entry = match (named.parent(), named.file_name()) {
        (Some(parent), Some(name)) => snapshot.locate(parent).0.join(name),
        _ => named,
    };
    Ok(Place { entry, target })
}

/// Whether nothing is at `path`.
///
/// # Errors
/// Something is there that is no regular file, or the system does not say.
pub(super) fn is_vacant(disk: &dyn Disk, shown: &Path, path: &Path) -> Result<bool, FileError> {
    match disk.link_metadata(path) {
        Ok(metadata) if metadata.kind == FileKind::File => Ok(false),
        Ok(_) => Err(FileError::NotAFile { path: text(shown) }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            let message = "a part of the path is a file and no folder";
            Err(io_error(shown, io::Error::new(error.kind(), message)))
        }
        Err(source) => Err(io_error(shown, source)),
    }
}

pub(crate) fn io_error(path: &Path, source: io::Error) -> FileError {
    let path = text(path);
    FileError::Io { path, source }
}

pub(super) fn text(path: &Path) -> String {
    path.display().to_string()
}

fn refuse_protected(
    snapshot: &WorkspaceSnapshot,
    shown: &Path,
    paths: [&PathBuf; 2],
) -> Result<(), FileError> {
    for folder in snapshot.folders() {
        for path in paths {
            let below = path
                .strip_prefix(folder.path())
                .or_else(|_| path.strip_prefix(folder.real_path()));
            let Some(name) = below
                .ok()
                .and_then(|below| below.iter().find_map(protected))
            else {
                continue;
            };
            return Err(FileError::Excluded {
                path: text(shown),
                reason: format!("`{name}` is protected, agents may not change it"),
            });
        }
    }
    Ok(())
}

/// The protected name that `name` is, if it is one: what steers agents or version control, and no agent may change.
pub fn protected(name: &OsStr) -> Option<&'static str> {
    // File systems that ignore case would open `.GIT` as well.
    PROTECTED
        .into_iter()
        .find(|protected| name.eq_ignore_ascii_case(protected))
}

fn excluded(snapshot: &WorkspaceSnapshot, path: &Path, exclusion: Exclusion) -> FileError {
    let path = text(path);
    match exclusion {
        Exclusion::OutsideFolders => {
            let folders: Vec<String> = snapshot
                .folders()
                .map(|folder| text(folder.path()))
                .collect();
            FileError::Outside {
                path,
                folders: folders.join(" or "),
            }
        }
        other => FileError::Excluded {
            path,
            reason: other.to_string(),
        },
    }
}

fn file_error(snapshot: &WorkspaceSnapshot, error: ReadError) -> FileError {
    match error {
        ReadError::NotFound { path } => FileError::Missing { path: text(&path) },
        ReadError::Excluded { path, exclusion } => excluded(snapshot, &path, exclusion),
        ReadError::NotAFile { path, .. } | ReadError::Binary { path } => {
            FileError::NotAFile { path: text(&path) }
        }
        ReadError::TooLarge { path, size, limit } => FileError::TooLarge {
            path: text(&path),
            size,
            limit,
        },
        ReadError::PermissionDenied { path } => {
            io_error(&path, io::ErrorKind::PermissionDenied.into())
        }
        ReadError::LinkLoop { path } => io_error(&path, io::Error::other("it links to itself")),
        ReadError::Io { path, source } => io_error(&path, source),
    }
}
