//! Tests on real folders: what may be read and changed (`access`), and that a commit is whole or nothing (`faults`).

mod access;
mod faults;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use ::workspace::ExclusionOptions;
use tempfile::TempDir;

use super::{
    FolderWorkspace,
    disk::{Disk, RealDisk},
};

/// A workspace of one folder, `w`, in a folder of its own; what is beside `w` is outside.
pub(super) struct Fixture {
    around: TempDir,
    pub(super) workspace: FolderWorkspace,
}

impl Fixture {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        Self::with_disk(files, Box::new(RealDisk))
    }

    pub(super) fn with_disk(files: &[(&str, &str)], disk: Box<dyn Disk>) -> Self {
        let around = tempfile::tempdir().unwrap();
        let root = around.path().join("w");
        fs::create_dir(&root).unwrap();
        let options = ExclusionOptions::default();
        let workspace = FolderWorkspace::with_disk(&[root], &options, disk).unwrap();
        let fixture = Self { around, workspace };
        for (name, text) in files {
            fixture.write(name, text);
        }
        fixture
    }

    /// `name` is relative to the folder; `../x` is outside.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.around.path().join("w").join(name)
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Everything there is, outside too: folders end with `/`, links say where they lead, files show what is in them.
    pub(super) fn tree(&self) -> BTreeMap<String, String> {
        let mut tree = BTreeMap::new();
        collect(self.around.path(), self.around.path(), &mut tree);
        tree
    }

    /// `error` without the machine's path.
    pub(super) fn message(&self, error: &impl ToString) -> String {
        let prefix = format!("{}/", self.around.path().display());
        error.to_string().replace(&prefix, "")
    }
}

fn collect(around: &Path, folder: &Path, tree: &mut BTreeMap<String, String>) {
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
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            tree.insert(name, text);
        }
    }
}
