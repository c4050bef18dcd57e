//! The project that the demonstration works on: our own crate `text`, as it is in this build.

use std::fs;

use anyhow::Context;
use tempfile::TempDir;

macro_rules! project_files {
    ($($path:literal),* $(,)?) => {
        [$(($path, include_str!(concat!("../../../../../crates/text/", $path)))),*]
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

/// Copies the project to a folder that is removed when the handle is dropped.
pub(super) fn copy() -> anyhow::Result<TempDir> {
    let folder = tempfile::Builder::new()
        .prefix("ropewalk-demo-")
        .tempdir()
        .context("no temporary folder can be made; set TMPDIR to a folder that can be written")?;
    for (path, text) in FILES {
        let path = folder.path().join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(folder)
}
