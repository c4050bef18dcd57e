//! Finds the secret files of a folder fast: names and kinds only, as folders list them, on all processors.
//!
//! Ignored folders are searched too: an environment file lies as well in `node_modules` or `target`. Only `.git` is not: it
//! has no such files of its own, and commands can only read it.

#[cfg(target_os = "linux")]
use std::os::unix::ffi::OsStrExt;
use std::{
    ffi::OsStr,
    num::NonZero,
    path::{Path, PathBuf},
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use workspace::FileKind;

use super::tree::Tree;

/// More threads only wait for each other: the kernel's work is short.
const MOST_THREADS: usize = 8;

/// Whether a path of the workspace, absolute, is secret.
pub type IsSecret<'a> = dyn Fn(&Path, FileKind) -> bool + Sync + 'a;

/// The secret files and folders in `tree`, relative to it, in order; of a secret folder nothing below. `folder` is its name
/// in the workspace. Folders that cannot be read are passed over: commands cannot read them either.
pub(super) fn find(tree: &Tree, folder: &Path, is_secret: &IsSecret<'_>) -> Vec<PathBuf> {
    let threads = thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(MOST_THREADS);
    let search = Search {
        tree,
        folder,
        is_secret,
        threads,
        shared: Mutex::new(Shared {
            folders: vec![PathBuf::new()],
            idle: 0,
        }),
        idle: AtomicUsize::new(0),
        changed: Condvar::new(),
    };
    let mut found = thread::scope(|scope| {
        let others: Vec<_> = (1..threads)
            .map(|_| scope.spawn(|| Worker::new(&search).run()))
            .collect();
        let mut found = Worker::new(&search).run();
        for other in others {
            found.extend(other.join().expect("a search does not panic"));
        }
        found
    });
    found.sort();
    found
}

struct Search<'a> {
    tree: &'a Tree,
    folder: &'a Path,
    is_secret: &'a IsSecret<'a>,
    threads: usize,
    shared: Mutex<Shared>,
    /// As in `shared`, to be looked at without the lock.
    idle: AtomicUsize,
    changed: Condvar,
}

struct Shared {
    /// To be searched by whoever has nothing to do.
    folders: Vec<PathBuf>,
    /// How many threads have nothing to do. When all have not, all is done.
    idle: usize,
}

impl Search<'_> {
    /// Waits for a folder; `None` when all are done.
    fn take(&self) -> Option<PathBuf> {
        let mut shared = self.shared();
        if let Some(folder) = shared.folders.pop() {
            return Some(folder);
        }
        self.set_idle(&mut shared, 1);
        if shared.idle == self.threads {
            self.changed.notify_all();
        }
        loop {
            if shared.idle == self.threads {
                return None;
            }
            shared = self
                .changed
                .wait(shared)
                .unwrap_or_else(PoisonError::into_inner);
            if let Some(folder) = shared.folders.pop() {
                self.set_idle(&mut shared, -1);
                return Some(folder);
            }
        }
    }

    /// Gives away half of `folders` if somebody waits for some.
    fn share(&self, folders: &mut Vec<PathBuf>) {
        if folders.len() > 1 && self.idle.load(Ordering::Relaxed) > 0 {
            let half = folders.drain(..folders.len() / 2);
            self.shared().folders.extend(half);
            self.changed.notify_all();
        }
    }

    fn set_idle(&self, shared: &mut Shared, by: isize) {
        shared.idle = shared.idle.saturating_add_signed(by);
        self.idle.store(shared.idle, Ordering::Relaxed);
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Worker<'a> {
    search: &'a Search<'a>,
    /// To be searched, relative to the tree.
    folders: Vec<PathBuf>,
    found: Vec<PathBuf>,
    #[cfg(target_os = "linux")]
    buffer: Vec<std::mem::MaybeUninit<u8>>,
}

impl<'a> Worker<'a> {
    fn new(search: &'a Search<'a>) -> Self {
        Self {
            search,
            folders: Vec::new(),
            found: Vec::new(),
            #[cfg(target_os = "linux")]
            buffer: vec![std::mem::MaybeUninit::uninit(); 32 * 1024],
        }
    }

    fn run(mut self) -> Vec<PathBuf> {
        loop {
            let Some(folder) = self.folders.pop().or_else(|| self.search.take()) else {
                return self.found;
            };
            self.look_through(&folder);
            self.search.share(&mut self.folders);
        }
    }

    #[cfg(target_os = "linux")]
    fn look_through(&mut self, relative: &Path) {
        use rustix::fs::{FileType, RawDir};

        let Ok(folder) = self.search.tree.open_folder(relative) else {
            return;
        };
        let mut path = self.search.folder.join(relative);
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut entries = RawDir::new(folder, &mut buffer);
        while let Some(Ok(entry)) = entries.next() {
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::Directory => FileKind::Directory,
                FileType::Symlink => FileKind::Link,
                FileType::RegularFile => FileKind::File,
                FileType::Unknown => self.kind_of(&relative.join(name)),
                _ => FileKind::Special,
            };
            // One buffer for all paths: most names are looked at and never kept.
            path.push(name);
            self.judge(relative, name, &path, kind);
            path.pop();
        }
        self.buffer = buffer;
    }

    #[cfg(not(target_os = "linux"))]
    fn look_through(&mut self, relative: &Path) {
        let folder = self.search.folder.join(relative);
        for entry in self.search.tree.list(relative).unwrap_or_default() {
            self.judge(relative, &entry.name, &folder.join(&entry.name), entry.kind);
        }
    }

    fn judge(&mut self, relative: &Path, name: &OsStr, path: &Path, kind: FileKind) {
        if kind == FileKind::Directory && name == ".git" {
            return;
        }
        if (self.search.is_secret)(path, kind) {
            self.found.push(relative.join(name));
        } else if kind == FileKind::Directory {
            self.folders.push(relative.join(name));
        }
    }

    /// For file systems whose folders do not say it.
    #[cfg(target_os = "linux")]
    fn kind_of(&self, relative: &Path) -> FileKind {
        let status = self.search.tree.status(relative).ok().flatten();
        status.map_or(FileKind::Special, |status| status.kind)
    }
}

#[cfg(test)]
mod tests;
