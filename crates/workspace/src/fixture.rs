//! For tests: a temporary folder with files in it, opened as a workspace, on each kind of disk in turn.

use std::{
    cell::Cell,
    fs::{self, File},
    path::{Path, PathBuf},
    sync::Arc,
};

use tempfile::TempDir;
use text::Text;

use crate::{
    Disk, Document, ExclusionOptions, RealDisk, RootedDisk, WalkOptions, Workspace,
    WorkspaceSnapshot,
};

/// Which disk is behind the workspaces that a test makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TestDisk {
    /// The system's.
    Real,
    /// The folder is held open; what is beside it is found on the system's disk.
    Folder,
    /// The same on a system that can only open one name after another.
    FolderByComponent,
    /// The folder around it is held open.
    Around,
}

thread_local! {
    static TEST_DISK: Cell<TestDisk> = const { Cell::new(TestDisk::Real) };
}

impl TestDisk {
    /// Runs `test` with this disk behind every fixture that it makes.
    pub(crate) fn run(self, test: fn()) {
        TEST_DISK.set(self);
        test();
    }

    /// A disk of this kind for the folder `root` in `around`.
    pub(crate) fn make(self, around: &Path) -> Arc<dyn Disk> {
        let held = |path: PathBuf| {
            let descriptor = File::open(&path).unwrap().into();
            vec![(path, descriptor)]
        };
        let root = around.join("root");
        match self {
            Self::Real => Arc::new(RealDisk),
            Self::Folder => Arc::new(RootedDisk::new(held(root))),
            Self::FolderByComponent => Arc::new(RootedDisk::by_component(held(root))),
            Self::Around => Arc::new(RootedDisk::new(held(around.to_path_buf()))),
        }
    }
}

/// Makes tests of functions, one for each kind of disk.
macro_rules! on_every_disk {
    ($($name:ident),* $(,)?) => {
        mod on_every_disk {
            $(mod $name {
                use crate::fixture::TestDisk;

                #[test]
                fn real() {
                    TestDisk::Real.run(super::super::$name);
                }

                #[test]
                fn folder() {
                    TestDisk::Folder.run(super::super::$name);
                }

                #[test]
                fn folder_by_component() {
                    TestDisk::FolderByComponent.run(super::super::$name);
                }

                #[test]
                fn around() {
                    TestDisk::Around.run(super::super::$name);
                }
            })*
        }
    };
}

pub(crate) use on_every_disk;

/// A workspace of one folder, `root`, that vanishes with the fixture. What is beside `root` is outside.
pub(crate) struct Fixture {
    outside: TempDir,
    disk: Arc<dyn Disk>,
    pub(crate) workspace: Workspace,
}

impl Fixture {
    /// Writes `(path, content)` pairs below the folder; directories come by themselves.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let outside = tempfile::tempdir().unwrap();
        fs::create_dir(outside.path().join("root")).unwrap();
        let disk = TEST_DISK.get().make(outside.path());
        let mut workspace =
            Workspace::over(&ExclusionOptions::default(), Arc::clone(&disk)).unwrap();
        workspace.add_folder(&outside.path().join("root")).unwrap();
        let fixture = Self {
            outside,
            disk,
            workspace,
        };
        for (path, content) in files {
            fixture.write(path, content);
        }
        fixture
    }

    /// Another workspace on the same disk.
    pub(crate) fn workspace(&self, options: &ExclusionOptions) -> Workspace {
        Workspace::over(options, Arc::clone(&self.disk)).unwrap()
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.outside.path().join("root")
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root().join(relative)
    }

    pub(crate) fn write(&self, relative: &str, content: impl AsRef<[u8]>) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn open(&mut self, relative: &str, text: &str) {
        let document = Document {
            path: self.path(relative),
            text: Text::from(text),
            version: 1,
            language_id: "plaintext".to_owned(),
        };
        self.workspace.open_document(document);
    }

    pub(crate) fn snapshot(&mut self) -> WorkspaceSnapshot {
        self.workspace.snapshot()
    }

    /// The paths that a walk yields, relative to what is around the folder, one a line.
    pub(crate) fn walk(&mut self, options: &WalkOptions) -> String {
        let around = self.outside.path().to_path_buf();
        let entries = self.snapshot().walk(options).unwrap();
        entries
            .map(|entry| relative(&entry.path, &around) + "\n")
            .collect()
    }

    /// `error` with the temporary folder's path taken out.
    pub(crate) fn message(&self, error: &impl ToString) -> String {
        let prefix = format!("{}/", self.outside.path().display());
        error.to_string().replace(&prefix, "")
    }
}

fn relative(path: &Path, around: &Path) -> String {
    path.strip_prefix(around)
        .unwrap()
        .to_string_lossy()
        .into_owned()
}
