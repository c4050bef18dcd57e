//! The project that the demonstration works on: our own crate `text`, as it is in this build.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use tempfile::TempDir;

use crate::cli::demo::temporary_folder;

macro_rules! project_files {
    ($($path:literal),* $(,)?) => {
        [$(($path, include_str!(concat!("../../../../crates/text/", $path)))),*]
    };
}

/// Paths below the project's folder, and the files' texts.
const FILES: [(&str, &str); 13] = project_files![
    "src/change.rs",
    "src/change/tests.rs",
    "src/change_set.rs",
    "src/change_set/compose.rs",
    "src/change_set/map.rs",
    "src/change_set/tests.rs",
    "src/diff.rs",
    "src/lib.rs",
    "src/merge.rs",
    "src/position.rs",
    "src/position/tests.rs",
    "src/text.rs",
    "src/text/tests.rs",
];

/// The copy, in a folder that is removed when this is dropped.
pub(super) struct Project {
    folder: TempDir,
}

impl Project {
    /// The project's own folder.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("text")
    }

    /// All that has to be removed in the end.
    pub(super) fn whole_folder(&self) -> &Path {
        self.folder.path()
    }
}

/// Copies the project.
pub(super) fn copy() -> anyhow::Result<Project> {
    let project = Project {
        folder: temporary_folder()?,
    };
    for (path, text) in FILES {
        let path = project.path().join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(project)
}
