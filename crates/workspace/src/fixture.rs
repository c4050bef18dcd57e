//! For tests: a temporary folder with files in it, opened as a workspace.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use text::Text;

use crate::{Document, ExclusionOptions, WalkOptions, Workspace, WorkspaceSnapshot};

/// A workspace of one folder, `root`, that vanishes with the fixture. What is beside `root` is outside.
pub(crate) struct Fixture {
    outside: TempDir,
    pub(crate) workspace: Workspace,
}

impl Fixture {
    /// Writes `(path, content)` pairs below the folder; directories come by themselves.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let outside = tempfile::tempdir().unwrap();
        fs::create_dir(outside.path().join("root")).unwrap();
        let mut workspace = Workspace::new(&ExclusionOptions::default()).unwrap();
        workspace.add_folder(&outside.path().join("root")).unwrap();
        let fixture = Self { outside, workspace };
        for (path, content) in files {
            fixture.write(path, content);
        }
        fixture
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
