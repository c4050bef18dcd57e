//! Which threads an editor's tasks have begun, for the server that comes after this one: one small file a thread, in `tasks/`
//! of the state folder, under a lock for as long as the server that wrote it lives.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::{Access, LandingMode, TaskKind};

/// How long somebody else may have a file that is to be taken over.
const PATIENCE: Duration = Duration::from_millis(200);
const PAUSE: Duration = Duration::from_millis(5);

/// What is remembered of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Remembered {
    /// The agent's thread, which is also the name of its twin.
    pub(crate) thread: String,
    /// What the user called it.
    pub(crate) title: String,
    /// What it was told first.
    pub(crate) prompt: String,
    /// What kind of work.
    pub(crate) kind: TaskKind,
    /// What it may do.
    pub(crate) access: Access,
    /// What becomes of its changes, if that was said.
    pub(crate) mode: Option<LandingMode>,
    /// The workspace's folders, absolute.
    pub(crate) folders: Vec<PathBuf>,
}

/// The file of a task that this process has. Dropping it leaves it for the next one.
#[derive(Debug)]
pub(crate) struct Marker {
    path: PathBuf,
    _lock: File,
}

impl Marker {
    /// Writes down a task.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn write(state_folder: &Path, task: &Remembered) -> io::Result<Self> {
        let folder = folder(state_folder);
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{}.json", task.thread));
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)?;
        lock_soon(&file)?;
        file.set_len(0)?;
        file.write_all(&serde_json::to_vec(task)?)?;
        Ok(Self { path, _lock: file })
    }

    /// Removes the file: there is nothing left to ask about.
    pub(crate) fn remove(self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "a finished task is still written down");
        }
    }

    /// Takes over what servers that have ended left behind of tasks that worked in any of `folders`.
    pub(crate) fn left_behind(state_folder: &Path, folders: &[PathBuf]) -> Vec<(Self, Remembered)> {
        let Ok(entries) = fs::read_dir(folder(state_folder)) else {
            return Vec::new();
        };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        // Ids sort by time.
        paths.sort();
        let taken = paths.into_iter().filter_map(take_over);
        let is_here = |(_, task): &(Self, Remembered)| {
            task.folders.iter().any(|folder| folders.contains(folder))
        };
        taken.filter(is_here).collect()
    }
}

/// Nothing for a file that somebody has, or that is not ours.
fn take_over(path: PathBuf) -> Option<(Marker, Remembered)> {
    if path.extension()? != "json" {
        return None;
    }
    let mut file = OpenOptions::new().read(true).write(true).open(&path).ok()?;
    lock_soon(&file).ok()?;
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    let task = serde_json::from_str(&text).ok()?;
    Some((Marker { path, _lock: file }, task))
}

/// Whoever has the file lets it go soon, or lives: a process that is being started has the files of the one that starts it
/// for a moment, also when that was killed.
fn lock_soon(file: &File) -> Result<(), TryLockError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => thread::sleep(PAUSE),
            locked => return locked,
        }
    }
}

fn folder(state_folder: &Path) -> PathBuf {
    state_folder.join("tasks")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(thread: &str, folder: &str) -> Remembered {
        Remembered {
            thread: thread.into(),
            title: "Fix: a".into(),
            prompt: "Fix it.".into(),
            kind: TaskKind::Fix,
            access: Access::Write,
            mode: None,
            folders: vec![folder.into()],
        }
    }

    #[test]
    fn only_what_a_dead_server_left_in_these_folders_is_taken_over() {
        let state = tempfile::tempdir().unwrap();
        let folders = ["/w".into()];
        let alive = Marker::write(state.path(), &task("1", "/w")).unwrap();
        let dead = Marker::write(state.path(), &task("2", "/w")).unwrap();
        let elsewhere = Marker::write(state.path(), &task("3", "/other")).unwrap();
        let finished = Marker::write(state.path(), &task("4", "/w")).unwrap();
        drop((dead, elsewhere));
        finished.remove();
        fs::write(state.path().join("tasks/5.json"), "{").unwrap();

        let left = Marker::left_behind(state.path(), &folders);
        let tasks: Vec<&Remembered> = left.iter().map(|(_, task)| task).collect();
        assert_eq!(tasks, [&task("2", "/w")]);
        // As long as it is asked about here, nobody else asks.
        assert!(Marker::left_behind(state.path(), &folders).is_empty());
        drop((left, alive));
        assert_eq!(Marker::left_behind(state.path(), &folders).len(), 2);
    }

    #[test]
    fn a_further_turn_writes_the_task_down_anew() {
        let state = tempfile::tempdir().unwrap();
        let first = Marker::write(state.path(), &task("1", "/w")).unwrap();
        drop(first);
        let longer = Remembered {
            title: String::new(),
            ..task("1", "/w")
        };
        drop(Marker::write(state.path(), &longer).unwrap());
        let left = Marker::left_behind(state.path(), &["/w".into()]);
        assert_eq!(left[0].1, longer);
    }
}
