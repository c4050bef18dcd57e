//! Tests on real folders. Here: the folders of a test and a disk that misbehaves; the properties are in the files below.

mod access;
mod changing;
mod editing;
mod faults;
mod interference;
mod killed;
mod model;
mod random;
mod undoing;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs, io,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use ::workspace::ExclusionOptions;
use changes::{Base, Content, FileChange, FileState, Proposal};
use tempfile::TempDir;

use super::{
    ConflictPolicy, Landed, LandingError, LandingOptions, RealDisk, Recovered, Wanted,
    disk::{Disk, Found, NewContent, Permissions},
    lander::{self, Request},
    recovery, undo,
};

/// What there is: folders end with `/`, links say where they lead, executable files begin with `*`.
pub(super) type Tree = BTreeMap<String, String>;

/// A workspace of one folder, `w`, in a folder of its own, with the state beside it.
pub(super) struct Fixture {
    _around: Option<TempDir>,
    folders: Vec<PathBuf>,
    state_folder: PathBuf,
    exclusions: ExclusionOptions,
    pub(super) conflicts: ConflictPolicy,
}

impl Fixture {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        let around = tempfile::tempdir().unwrap();
        let mut fixture = Self::existing(&around.path().canonicalize().unwrap());
        fixture._around = Some(around);
        fs::create_dir(&fixture.folders[0]).unwrap();
        for (name, text) in files {
            fixture.write(name, text);
        }
        fixture
    }

    /// As another process has made it, which removes it too.
    pub(super) fn existing(around: &Path) -> Self {
        Self {
            _around: None,
            folders: vec![around.join("w")],
            state_folder: around.join("state"),
            exclusions: ExclusionOptions::default(),
            conflicts: ConflictPolicy::KeepForLater,
        }
    }

    pub(super) fn of(tree: &Tree) -> Self {
        let fixture = Self::new(&[]);
        for (name, text) in tree {
            fixture.put(name, Some(text));
        }
        fixture
    }

    /// `name` is relative to the folder; `../x` is outside.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folders[0].join(name)
    }

    pub(super) fn state_folder(&self) -> PathBuf {
        self.state_folder.clone()
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        self.put(name, Some(text));
    }

    pub(super) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Makes what a tree says of `name`, without regard for what is there.
    pub(super) fn put(&self, name: &str, text: Option<&str>) {
        let path = self.path(name);
        let _ = fs::remove_file(&path);
        let Some(text) = text else { return };
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if let Some(target) = text.strip_prefix("-> ") {
            symlink(target, &path).unwrap();
        } else {
            fs::write(&path, text.trim_start_matches('*')).unwrap();
            if text.starts_with('*') {
                fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            }
        }
    }

    /// All that is in the folder, files of our own too.
    pub(super) fn tree(&self) -> Tree {
        let mut tree = Tree::new();
        collect(&self.folders[0], &self.folders[0], &mut tree);
        tree
    }

    /// What is in the folder of checkpoints.
    pub(super) fn kept(&self) -> Vec<String> {
        let names = match fs::read_dir(self.state_folder().join("checkpoints")) {
            Ok(entries) => entries.map(|entry| entry.unwrap().file_name()),
            Err(_) => return Vec::new(),
        };
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.retain(|name| name != "lock");
        names.sort();
        names
    }

    pub(super) fn change(&self, name: &str, base: Option<&str>, after: Option<&str>) -> FileChange {
        FileChange {
            path: self.path(name),
            renamed_from: None,
            base: base.map_or(Base::Absent, |text| Base::Known(state(text))),
            after: after.map(state),
        }
    }

    pub(super) fn apply(&self, changes: Vec<FileChange>) -> Result<Landed, LandingError> {
        self.apply_on(&RealDisk, &Proposal::new(changes))
    }

    pub(super) fn apply_on(
        &self,
        disk: &dyn Disk,
        proposal: &Proposal,
    ) -> Result<Landed, LandingError> {
        let request = Request {
            proposal,
            modes: Default::default(),
            title: "a task",
            undoes: None,
        };
        self.with_options(|options| lander::land(disk, &request, options))
    }

    pub(super) fn undo(&self, wanted: Wanted) -> Result<Landed, LandingError> {
        self.with_options(|options| undo::undo(&RealDisk, &wanted, options))
            .map(|(_, landed)| landed)
    }

    pub(super) fn recover(&self) -> Result<Option<Recovered>, LandingError> {
        recovery::recover(&RealDisk, &self.state_folder())
    }

    pub(super) fn with_options<T>(&self, with: impl FnOnce(&LandingOptions<'_>) -> T) -> T {
        with(&LandingOptions {
            state_folder: &self.state_folder(),
            folders: &self.folders,
            exclusions: &self.exclusions,
            title: "a task",
            thread: Some("a thread"),
            conflicts: self.conflicts,
            limits: Default::default(),
        })
    }

    /// `error` without the machine's path.
    pub(super) fn message(&self, error: &impl ToString) -> String {
        let prefix = format!("{}/", self.folders[0].parent().unwrap().display());
        error.to_string().replace(&prefix, "")
    }
}

/// What a tree's text says of a file.
pub(super) fn state(text: &str) -> FileState {
    match text.strip_prefix("-> ") {
        Some(target) => FileState {
            content: Content::Link(target.into()),
            is_executable: false,
        },
        None => FileState {
            content: Content::Bytes(Arc::from(text.trim_start_matches('*').as_bytes())),
            is_executable: text.starts_with('*'),
        },
    }
}

pub(super) fn tree(entries: &[(&str, &str)]) -> Tree {
    let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    entries.iter().map(owned).collect()
}

fn collect(around: &Path, folder: &Path, tree: &mut Tree) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(around).unwrap().display().to_string();
        let metadata = fs::symlink_metadata(&path).unwrap();
        if metadata.is_symlink() {
            let target = fs::read_link(&path).unwrap();
            tree.insert(name, format!("-> {}", target.display()));
        } else if metadata.is_dir() {
            tree.insert(format!("{name}/"), String::new());
            collect(around, &path, tree);
        } else {
            let mark = if metadata.permissions().mode() & 0o100 != 0 {
                "*"
            } else {
                ""
            };
            let text = fs::read_to_string(&path).unwrap();
            tree.insert(name, format!("{mark}{text}"));
        }
    }
}

/// The real disk, but before each operation somebody decides what becomes of it, by its number and what it is.
pub(super) struct WatchedDisk<Decide> {
    count: AtomicUsize,
    decide: Decide,
}

/// What becomes of an operation.
pub(super) enum Decision {
    Proceed,
    /// It fails; of what is to be written, half is.
    Fail,
    /// The process is killed; of what is to be written, half is.
    Die,
    /// The system refuses it, for this reason.
    Refuse(io::ErrorKind),
}

impl<Decide: Fn(usize, &str) -> Decision + Send + Sync> WatchedDisk<Decide> {
    pub(super) fn new(decide: Decide) -> Self {
        let count = AtomicUsize::new(0);
        Self { count, decide }
    }

    /// How many operations there were.
    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    fn before(
        &self,
        operation: &str,
        on_failure: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        match (self.decide)(number, operation) {
            Decision::Proceed => Ok(()),
            Decision::Refuse(kind) => Err(kind.into()),
            Decision::Fail => {
                on_failure()?;
                Err(io::Error::other("the disk failed"))
            }
            Decision::Die => {
                on_failure()?;
                let own = rustix::process::getpid();
                rustix::process::kill_process(own, rustix::process::Signal::KILL)?;
                unreachable!("a killed process does not go on")
            }
        }
    }
}

impl<Decide: Fn(usize, &str) -> Decision + Send + Sync> Disk for WatchedDisk<Decide> {
    fn look(&self, path: &Path) -> io::Result<Found> {
        self.before("look", || Ok(()))?;
        RealDisk.look(path)
    }

    fn names_in(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        self.before("names_in", || Ok(()))?;
        RealDisk.names_in(folder)
    }

    fn create_folder(&self, path: &Path, permissions: Permissions<'_>) -> io::Result<()> {
        self.before("create_folder", || Ok(()))?;
        RealDisk.create_folder(path, permissions)
    }

    fn write_new(
        &self,
        path: &Path,
        content: NewContent<'_>,
        permissions: Permissions<'_>,
    ) -> io::Result<()> {
        self.before("write_new", || match content {
            // As a full disk does: a part is written before it fails.
            NewContent::Bytes([part, ..]) => {
                let half = [&part[..part.len() / 2]];
                RealDisk.write_new(path, NewContent::Bytes(&half), permissions)
            }
            _ => Ok(()),
        })?;
        RealDisk.write_new(path, content, permissions)
    }

    /// A process that is killed takes nothing along that the system has, so these tests need not wait for it.
    fn sync_file(&self, _path: &Path) -> io::Result<()> {
        self.before("sync_file", || Ok(()))
    }

    fn sync_folder(&self, _path: &Path) -> io::Result<()> {
        self.before("sync_folder", || Ok(()))
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        self.before("exchange", || Ok(()))?;
        RealDisk.exchange(one, other)
    }

    fn move_over(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.before("move_over", || Ok(()))?;
        RealDisk.move_over(from, to)
    }

    fn move_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.before("move_new", || Ok(()))?;
        RealDisk.move_new(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.before("remove_file", || Ok(()))?;
        RealDisk.remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.before("remove_folder", || Ok(()))?;
        RealDisk.remove_folder(path)
    }
}
