//! Where logs lie: `YYYY/MM/TIME-ID.jsonl`, times in UTC, and `archive/TIME-ID.jsonl` for those put away.
//!
//! Folders and files are for their owner alone.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{Shelf, StoreError, ThreadId};

const EXTENSION: &str = "jsonl";
const ARCHIVE: &str = "archive";
/// The length of a thread's id as text.
const ID_LENGTH: usize = 36;

/// A log that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) id: ThreadId,
    pub(super) shelf: Shelf,
    pub(super) path: PathBuf,
}

/// Where the log of a thread belongs.
pub(super) fn path(folder: &Path, shelf: Shelf, created: Timestamp, id: ThreadId) -> PathBuf {
    let name = format!("{}-{id}.{EXTENSION}", created.strftime("%Y-%m-%dT%H-%M-%S"));
    on_shelf(folder, shelf, &name)
}

/// Where a log belongs once it is on `shelf`.
pub(super) fn moved(folder: &Path, shelf: Shelf, from: &Location) -> PathBuf {
    let name = from.path.file_name().unwrap_or_default();
    on_shelf(folder, shelf, &name.to_string_lossy())
}

fn on_shelf(folder: &Path, shelf: Shelf, name: &str) -> PathBuf {
    match (shelf, name.get(..4), name.get(5..7)) {
        (Shelf::Current, Some(year), Some(month)) => folder.join(year).join(month).join(name),
        _ => folder.join(ARCHIVE).join(name),
    }
}

/// All logs, those that began last first.
pub(super) fn scan(folder: &Path) -> Result<Vec<Location>, StoreError> {
    let mut locations = logs_in(&folder.join(ARCHIVE), Shelf::Archived)?;
    for year in entries(folder)? {
        if is_number(&year) {
            for month in entries(&year)? {
                locations.extend(logs_in(&month, Shelf::Current)?);
            }
        }
    }
    locations.sort_by(|one, other| other.path.file_name().cmp(&one.path.file_name()));
    Ok(locations)
}

fn logs_in(folder: &Path, shelf: Shelf) -> Result<Vec<Location>, StoreError> {
    let location = |path: PathBuf| {
        let id = id_of(&path)?;
        Some(Location { id, shelf, path })
    };
    Ok(entries(folder)?.into_iter().filter_map(location).collect())
}

/// The id in a log's name; nothing for a file that is no log.
fn id_of(path: &Path) -> Option<ThreadId> {
    let is_log = path.extension().is_some_and(|found| found == EXTENSION);
    let stem = path.file_stem()?.to_str()?;
    let start = stem.len().checked_sub(ID_LENGTH)?;
    is_log.then(|| stem.get(start..)?.parse().ok()).flatten()
}

fn is_number(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What is in a folder; nothing when it is none.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let failed = |error| StoreError::io("read", folder, error);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(failed(error)),
    };
    entries
        .map(|entry| Ok(entry.map_err(failed)?.path()))
        .collect()
}

/// The bytes of a log.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, StoreError> {
    fs::read(path).map_err(|error| StoreError::io("read", path, error))
}

/// Creates the folder that `path` lies in.
pub(super) fn create_folder_of(path: &Path) -> Result<(), StoreError> {
    let folder = path.parent().unwrap_or(path);
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .recursive(true)
        .create(folder)
        .map_err(|error| StoreError::io("create", folder, error))
}

/// Creates a log, which must not exist.
pub(super) fn create(path: &Path) -> Result<File, StoreError> {
    create_folder_of(path)?;
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .read(true)
        .append(true)
        .create_new(true)
        .open(path)
        .map_err(|error| StoreError::io("create", path, error))
}

/// Opens a log for reading and appending.
pub(super) fn open(path: &Path) -> Result<File, StoreError> {
    OpenOptions::new()
        .read(true)
        .append(true)
        .open(path)
        .map_err(|error| StoreError::io("open", path, error))
}
