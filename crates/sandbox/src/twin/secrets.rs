//! Finds the secret files of a folder fast: names and kinds only, as folders list them, on all processors.
//!
//! Ignored folders are searched too: an environment file lies as well in `node_modules` or `target`. Only `.git` is not: it
//! has no such files of its own, and commands can only read it.

#[cfg(target_os = "linux")]
use std::os::unix::ffi::OsStrExt;
use std::{
    ffi::{OsStr, OsString},
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

/// Says what of a workspace is secret. It is asked about all that is there, on several threads: it should be quick, and
/// look at names alone.
pub trait IsSecret: Sync {
    /// Whether what has this path, absolute, is secret, with all that is in it.
    fn is_secret(&self, path: &Path, kind: FileKind) -> bool;

    /// Which of `names`, all that is in `folder`, are secret: their positions, in order.
    fn secrets_among(&self, folder: &Path, names: &[(OsString, FileKind)]) -> Vec<usize> {
        let is_secret = |(_, (name, kind)): &(usize, &(OsString, FileKind))| {
            self.is_secret(&folder.join(name), *kind)
        };
        let secrets = names.iter().enumerate().filter(is_secret);
        secrets.map(|(position, _)| position).collect()
    }
}

impl<F: Fn(&Path, FileKind) -> bool + Sync> IsSecret for F {
    fn is_secret(&self, path: &Path, kind: FileKind) -> bool {
        self(path, kind)
    }
}

/// The secret files and folders in `tree`, relative to it, in order; of a secret folder nothing below. `folder` is its name
/// in the workspace. Folders that cannot be read are passed over: commands cannot read them either.
pub(super) fn find(tree: &Tree, folder: &Path, is_secret: &dyn IsSecret) -> Vec<PathBuf> {
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
    is_secret: &'a dyn IsSecret,
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
    /// Of the folder that is looked through.
    names: Vec<(OsString, FileKind)>,
    #[cfg(target_os = "linux")]
    buffer: Vec<std::mem::MaybeUninit<u8>>,
}

impl<'a> Worker<'a> {
    fn new(search: &'a Search<'a>) -> Self {
        Self {
            search,
            folders: Vec::new(),
            found: Vec::new(),
            names: Vec::new(),
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

    fn look_through(&mut self, relative: &Path) {
        let mut names = std::mem::take(&mut self.names);
        self.list(relative, &mut names);
        let folder = self.search.folder.join(relative);
        let mut secrets = self
            .search
            .is_secret
            .secrets_among(&folder, &names)
            .into_iter()
            .peekable();
        for (position, (name, kind)) in names.drain(..).enumerate() {
            if secrets.next_if_eq(&position).is_some() {
                self.found.push(relative.join(name));
            } else if kind == FileKind::Directory {
                self.folders.push(relative.join(name));
            }
        }
        self.names = names;
    }

    /// All that is in a folder; nothing if it cannot be read, and nothing of a repository's own.
    #[cfg(target_os = "linux")]
    fn list(&mut self, relative: &Path, names: &mut Vec<(OsString, FileKind)>) {
        use rustix::fs::{FileType, RawDir};

        let Ok(folder) = self.search.tree.open_folder(relative) else {
            return;
        };
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut entries = RawDir::new(folder, &mut buffer);
        while let Some(Ok(entry)) = entries.next() {
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            let kind = match entry.file_type() {
                FileType::Directory => FileKind::Directory,
                FileType::Symlink => FileKind::Link,
                FileType::RegularFile => FileKind::File,
                FileType::Unknown => self.kind_of(&relative.join(name)),
                _ => FileKind::Special,
            };
            if name != "." && name != ".." && !is_repository(name, kind) {
                names.push((name.to_owned(), kind));
            }
        }
        self.buffer = buffer;
    }

    #[cfg(not(target_os = "linux"))]
    fn list(&mut self, relative: &Path, names: &mut Vec<(OsString, FileKind)>) {
        let entries = self
            .search
            .tree
            .list(relative)
            .unwrap_or_default()
            .into_iter();
        let entries = entries.map(|entry| (entry.name, entry.kind));
        names.extend(entries.filter(|(name, kind)| !is_repository(name, *kind)));
    }

    /// For file systems whose folders do not say it.
    #[cfg(target_os = "linux")]
    fn kind_of(&self, relative: &Path) -> FileKind {
        let status = self.search.tree.status(relative).ok().flatten();
        status.map_or(FileKind::Special, |status| status.kind)
    }
}

/// Commands can read it, and it holds no file of the workspace.
fn is_repository(name: &OsStr, kind: FileKind) -> bool {
    kind == FileKind::Directory && name == ".git"
}

#[cfg(test)]
mod tests;
