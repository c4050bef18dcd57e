//! Tests on real folders and on folders held open, as a twin's are: what may be read and changed (`access`), and that a commit
//! is whole or nothing (`faults`).

mod access;
mod faults;

use std::{
    cell::Cell,
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    sync::Arc,
};

use ::workspace::{ExclusionOptions, RealDisk, RootedDisk};
use tempfile::TempDir;

use crate::twin_workspace::TwinWriter;

use super::{
    Backing, FolderWorkspace,
    writer::{FolderWriter, Writer},
};

/// What is behind the workspaces that a test makes.
#[derive(Clone, Copy)]
pub(super) enum Behind {
    /// The folder, by its path.
    Folder,
    /// The folder, held open, as a twin's are.
    Descriptor,
}

thread_local! {
    static BEHIND: Cell<Behind> = const { Cell::new(Behind::Folder) };
}

impl Behind {
    /// Runs `test` with this behind every fixture that it makes.
    pub(super) fn run(self, test: fn()) {
        BEHIND.set(self);
        test();
    }

    fn backing(self, root: &Path) -> Backing {
        match self {
            Self::Folder => Backing {
                disk: Arc::new(RealDisk),
                writer: Box::new(FolderWriter),
                keeper: None,
            },
            Self::Descriptor => {
                let descriptor = File::open(root).unwrap().into();
                let disk = Arc::new(RootedDisk::new(vec![(root.to_owned(), descriptor)]));
                Backing {
                    writer: Box::new(TwinWriter::new(Arc::clone(&disk))),
                    disk,
                    keeper: None,
                }
            }
        }
    }
}

/// Makes tests of functions, one for each way to reach the files.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod on_both {
            $(mod $name {
                use crate::folder_workspace::tests::Behind;

                #[test]
                fn folder() {
                    Behind::Folder.run(super::super::$name);
                }

                #[test]
                fn descriptor() {
                    Behind::Descriptor.run(super::super::$name);
                }
            })*
        }
    };
}

use on_both;

/// A workspace of one folder, `w`, in a folder of its own; what is beside `w` is outside.
pub(super) struct Fixture {
    around: TempDir,
    pub(super) workspace: FolderWorkspace,
}

impl Fixture {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        Self::with_writer(files, |writer| writer)
    }

    /// `wrap` gets what writes the files, to put something in its place.
    pub(super) fn with_writer(
        files: &[(&str, &str)],
        wrap: impl FnOnce(Box<dyn Writer>) -> Box<dyn Writer>,
    ) -> Self {
        let around = tempfile::tempdir().unwrap();
        let root = around.path().join("w");
        fs::create_dir(&root).unwrap();
        let mut backing = BEHIND.get().backing(&root);
        backing.writer = wrap(backing.writer);
        let options = ExclusionOptions::default();
        let workspace = FolderWorkspace::over(&[root], &options, backing).unwrap();
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
