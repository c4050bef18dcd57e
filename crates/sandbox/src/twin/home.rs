//! The folder of one twin, and the list of all of them: who makes one, who has it now, how it goes.
//!
//! `STATE/twins/ID` is the folder, or a link to it where it had to be made elsewhere. Its `lock` is held by the process that
//! works in it. Whoever makes, takes, judges or removes an entry holds the list's lock meanwhile, so that nobody takes a twin
//! for abandoned that is only just being made. A kill at any step leaves an entry that [`entries`] finds, or nothing.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::{ffi::OsStrExt, fs::OpenOptionsExt},
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{
    error::TwinError,
    place::{create_private_folder, create_private_folders},
    remove::remove_tree,
};

/// Begins the names of entries that are being removed.
const REMOVED: &str = ".removed-";

/// The folder of what the task started from, in a twin's folder.
pub(super) const BASE: &str = "base";

/// The folder of one twin, held by this process.
#[derive(Debug)]
pub(super) struct Home {
    id: String,
    entry: PathBuf,
    path: PathBuf,
    lock: Lock,
}

/// One twin in the list.
#[derive(Debug)]
pub(super) struct ListEntry {
    pub(super) id: String,
    /// The twin's folder.
    pub(super) path: PathBuf,
    pub(super) is_in_use: bool,
}

impl Home {
    /// Makes the folder of the twin `id` in `place`, listed in the state folder.
    pub(super) fn create(state: &Path, id: &str, place: &Path) -> Result<Self, TwinError> {
        check_id(id)?;
        let list = list_folder(state);
        let _guard = lock_list(&list)?;
        let entry = list.join(id);
        if entry.symlink_metadata().is_ok() {
            return Err(TwinError::Exists(id.to_owned()));
        }
        let made = TwinError::io("the twin's folder cannot be made", &entry);
        let path = if same_folder(place, state) {
            create_private_folder(&entry).map(|()| entry.clone())
        } else {
            make_elsewhere(&entry, id, place)
        };
        let path = path.map_err(made)?;
        let lock = Lock::take(&path.join("lock"))
            .map_err(TwinError::io("the twin cannot be locked", &path))?
            .ok_or_else(|| TwinError::InUse(id.to_owned()))?;
        Ok(Self {
            id: id.to_owned(),
            entry,
            path,
            lock,
        })
    }

    /// Takes up the twin `id`.
    pub(super) fn open(state: &Path, id: &str) -> Result<Self, TwinError> {
        check_id(id)?;
        let list = list_folder(state);
        let entry = list.join(id);
        let missing = || TwinError::Missing(id.to_owned());
        if entry.symlink_metadata().is_err() {
            return Err(missing());
        }
        let _guard = lock_list(&list)?;
        if let Ok(target) = fs::read_link(&entry)
            && !target.exists()
        {
            // Its maker was killed between the two.
            create_private_folder(&target)
                .map_err(TwinError::io("the twin's folder cannot be made", target))?;
        }
        let path = entry.canonicalize().map_err(|_| missing())?;
        let lock = Lock::take(&path.join("lock"))
            .map_err(TwinError::io("the twin cannot be locked", &path))?
            .ok_or_else(|| TwinError::InUse(id.to_owned()))?;
        Ok(Self {
            id: id.to_owned(),
            entry,
            path,
            lock,
        })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The folder of all that is the twin's.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What tasks write in the workspace's folder `number`.
    pub(super) fn upper(&self, number: usize) -> PathBuf {
        self.path.join("upper").join(number.to_string())
    }

    /// The kernel's own, for the overlay over the workspace's folder `number`.
    pub(super) fn work(&self, number: usize) -> PathBuf {
        self.path.join("work").join(number.to_string())
    }

    /// The copy of the workspace's folder `number`.
    pub(super) fn copy(&self, number: usize) -> PathBuf {
        self.path.join("copy").join(number.to_string())
    }

    /// The list of what was copied there.
    pub(super) fn manifest(&self, number: usize) -> PathBuf {
        self.path.join("copy").join(format!("{number}.manifest"))
    }

    /// What the task started from.
    pub(super) fn base(&self) -> PathBuf {
        self.path.join(BASE)
    }

    /// What commands write outside of the workspace: their `/tmp`, their caches.
    pub(super) fn scratch(&self) -> PathBuf {
        self.path.join("scratch")
    }

    /// Removes the twin with all that is in it.
    pub(super) fn remove(self) -> Result<(), TwinError> {
        let list = self
            .entry
            .parent()
            .expect("an entry is in the list's folder");
        let unlisted = {
            let _guard = lock_list(list)?;
            let unlisted = list.join(format!("{REMOVED}{}-{}", self.id, nanoseconds()));
            fs::rename(&self.entry, &unlisted)
                .map_err(TwinError::io("the twin cannot be removed", &self.entry))?;
            unlisted
        };
        let removed = remove_entry(&unlisted);
        // Others must not find it unlocked while it is half removed.
        drop(self.lock);
        removed.map_err(TwinError::io(
            "not all of the twin can be removed",
            unlisted,
        ))
    }
}

/// All twins in the list. What somebody was removing when it was killed is removed on the way.
pub(super) fn entries(state: &Path) -> Vec<ListEntry> {
    let list = list_folder(state);
    if !list.is_dir() {
        return Vec::new();
    }
    let Ok(_guard) = lock_list(&list) else {
        return Vec::new();
    };
    let names = fs::read_dir(&list).into_iter().flatten().flatten();
    let names = names.filter_map(|entry| entry.file_name().into_string().ok());
    let mut entries: Vec<_> = names.filter_map(|name| list_entry(&list, name)).collect();
    entries.sort_by(|first, second| first.id.cmp(&second.id));
    entries
}

/// Finishes removals whose process was killed. May take long.
pub(super) fn finish_removals(state: &Path) {
    let list = list_folder(state);
    for entry in fs::read_dir(&list).into_iter().flatten().flatten() {
        if entry.file_name().as_bytes().starts_with(REMOVED.as_bytes())
            && let Err(error) = remove_entry(&entry.path())
        {
            tracing::warn!(%error, path = %entry.path().display(), "a removed twin is still there");
        }
    }
}

fn list_entry(list: &Path, id: String) -> Option<ListEntry> {
    check_id(&id).ok()?;
    let entry = list.join(&id);
    // A link that leads nowhere yet: its maker was killed.
    let path = entry.canonicalize().unwrap_or(entry);
    let is_in_use = path.is_dir() && matches!(Lock::take(&path.join("lock")), Ok(None));
    Some(ListEntry {
        id,
        path,
        is_in_use,
    })
}

/// The link comes first: who is killed between the two leaves something that is found.
fn make_elsewhere(entry: &Path, id: &str, place: &Path) -> io::Result<PathBuf> {
    let path = place.join(format!("{id}-{}", nanoseconds()));
    std::os::unix::fs::symlink(&path, entry)?;
    create_private_folder(&path)?;
    Ok(path)
}

fn remove_entry(entry: &Path) -> io::Result<()> {
    match fs::read_link(entry) {
        Ok(target) => {
            remove_tree(&target)?;
            match fs::remove_file(entry) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        }
        Err(_) => remove_tree(entry),
    }
}

fn list_folder(state: &Path) -> PathBuf {
    state.join("twins")
}

fn lock_list(list: &Path) -> Result<Lock, TwinError> {
    let make = || -> io::Result<Lock> {
        create_private_folders(list)?;
        let file = open_lock(&list.join(".lock"))?;
        file.lock()?;
        Ok(Lock(file))
    };
    make().map_err(TwinError::io("the list of twins cannot be locked", list))
}

/// Names are plain: they are parts of paths, and what begins with a dot is the list's own.
fn check_id(id: &str) -> Result<(), TwinError> {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    if !id.is_empty() && id.len() <= 100 && !id.starts_with('.') && id.chars().all(is_plain) {
        return Ok(());
    }
    Err(TwinError::BadId(id.to_owned()))
}

fn same_folder(first: &Path, second: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    real(first) == real(second)
}

fn nanoseconds() -> u128 {
    let since = SystemTime::UNIX_EPOCH.elapsed();
    since.map_or(0, |since| since.as_nanos())
}

/// A lock that the system releases when its process ends, however it ends.
#[derive(Debug)]
struct Lock(File);

impl Lock {
    /// `None` when somebody else has it.
    fn take(path: &Path) -> io::Result<Option<Self>> {
        let file = open_lock(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Drop for Lock {
    /// Closing the file would not be enough: a process that is being started at this moment still has a copy of it, until
    /// its own program begins.
    fn drop(&mut self) {
        drop(self.0.unlock());
    }
}

fn open_lock(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
}

#[cfg(test)]
mod tests;
