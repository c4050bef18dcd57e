//! The files around a task, and whether any of them is not what it was.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
    path::{Path, PathBuf},
};

use rustix::mount::{UnmountFlags, unmount};

/// Folders of a scene that no task may change anything in.
const PARTS: [&str; 4] = ["workspace", "outside", "home", "run"];

/// Folders of the machine where attempts leave something that is called like the scene.
const MACHINE: [&str; 13] = [
    "/",
    "/etc",
    "/etc/cron.d",
    "/etc/profile.d",
    "/usr",
    "/usr/bin",
    "/usr/local/bin",
    "/var/lib",
    "/var/spool",
    "/tmp",
    "/var/tmp",
    "/dev",
    "/dev/shm",
];

/// Everything about every file, the time of its last change of any kind included, which nobody can set.
#[derive(PartialEq, Eq)]
pub(super) struct Fingerprint(BTreeMap<PathBuf, String>);

impl Fingerprint {
    pub(super) fn take(root: &Path) -> Self {
        let mut files = BTreeMap::new();
        for part in PARTS.map(|part| root.join(part)) {
            walk(&part, &mut |path| {
                files.insert(path.into(), describe(path));
            });
        }
        for planted in planted(root) {
            if planted.symlink_metadata().is_ok() {
                files.insert(planted, "planted".into());
            }
        }
        // One that was added next to the others.
        let entries = fs::read_dir(root)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        files.extend(entries.map(|path| (path, "in the scene".into())));
        Self(files)
    }

    /// The paths that differ.
    pub(super) fn difference(&self, now: &Self) -> Option<String> {
        let paths = self.0.keys().chain(now.0.keys());
        let mut differences: Vec<String> = paths
            .map(|path| (path, self.0.get(path), now.0.get(path)))
            .filter(|(_, before, after)| before != after)
            .map(|(path, before, after)| format!("{}: {before:?} -> {after:?}", path.display()))
            .collect();
        differences.dedup();
        (!differences.is_empty()).then(|| differences.join("\n"))
    }
}

fn describe(path: &Path) -> String {
    let Ok(metadata) = path.symlink_metadata() else {
        return "cannot be looked at".into();
    };
    let content = match metadata.file_type() {
        kind if kind.is_symlink() => fs::read_link(path).unwrap().into_os_string(),
        kind if kind.is_file() => {
            let bytes = fs::read(path).unwrap_or_default();
            std::ffi::OsStr::from_bytes(&bytes[..bytes.len().min(200)]).to_owned()
        }
        _ => "".into(),
    };
    format!(
        "{:o} {}:{} {} links, {} bytes, changed {}.{:09}: {content:?}",
        metadata.mode(),
        metadata.uid(),
        metadata.gid(),
        metadata.nlink(),
        metadata.size(),
        metadata.ctime(),
        metadata.ctime_nsec(),
    )
}

/// Calls `see` for `path` and all that is below.
pub(super) fn walk(path: &Path, see: &mut dyn FnMut(&Path)) {
    see(path);
    if path
        .symlink_metadata()
        .is_ok_and(|metadata| metadata.is_dir())
    {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        entries.for_each(|entry| walk(&entry.path(), see));
    }
}

/// Where attempts leave something outside of the scene.
fn planted(root: &Path) -> impl Iterator<Item = PathBuf> {
    let name = root.file_name().unwrap().to_owned();
    MACHINE
        .into_iter()
        .map(move |folder| Path::new(folder).join(&name))
}

/// Takes away what an attempt without walls may have left, so that the scene can be removed.
pub(super) fn clean_up(root: &Path) {
    for planted in planted(root) {
        let _ = fs::remove_file(planted);
    }
    for mounted in ["outside/folder", "outside", "workspace/.git"] {
        let _ = unmount(root.join(mounted), UnmountFlags::DETACH);
    }
}
