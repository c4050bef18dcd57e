//! The project that the agent works on: one test fails, and the obvious repair breaks another.
//!
//! In Python where there is one, else for the shell alone. What the scripted model changes in it stands here too.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context;

/// A project and what is done to it.
pub(super) struct Project {
    /// Names and texts.
    pub(super) files: &'static [(&'static str, &'static str)],
    /// What the model reads first.
    pub(super) read_first: [&'static str; 2],
    /// The command that exits with 0 when all tests pass.
    pub(super) test: &'static str,
    /// Mends the failing test and breaks another.
    pub(super) first_patch: &'static str,
    /// Mends that one too.
    pub(super) second_patch: &'static str,
}

/// The function that is renamed, as it is called in both projects.
pub(super) const OLD_NAME: &str = "parse_duration";
/// What it is called afterwards.
pub(super) const NEW_NAME: &str = "seconds_in";

macro_rules! files {
    ($folder:literal: $($name:literal),*) => {
        &[$(($name, include_str!(concat!($folder, "/", $name)))),*]
    };
}

const PYTHON: Project = Project {
    files: files!("python": "AGENTS.md", "durations.py", "timesheet.py", "test_durations.py"),
    read_first: ["durations.py", "test_durations.py"],
    test: "python3 -m unittest -q",
    first_patch: include_str!("python/first.patch"),
    second_patch: include_str!("python/second.patch"),
};

const SHELL: Project = Project {
    files: files!("shell": "AGENTS.md", "durations.sh", "timesheet.sh", "test_durations.sh"),
    read_first: ["durations.sh", "test_durations.sh"],
    test: "sh test_durations.sh",
    first_patch: include_str!("shell/first.patch"),
    second_patch: include_str!("shell/second.patch"),
};

impl Project {
    /// The one whose tests can be run here.
    pub(super) fn for_this_machine() -> &'static Self {
        let python = Command::new("python3")
            .args(["-c", "import unittest"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        match python.is_ok_and(|status| status.success()) {
            true => &PYTHON,
            false => &SHELL,
        }
    }

    /// Writes the files into `folder`.
    pub(super) fn write_to(&self, folder: &Path) -> anyhow::Result<()> {
        for (name, text) in self.files {
            let path = folder.join(name);
            fs::write(&path, text)
                .with_context(|| format!("{} cannot be written", path.display()))?;
        }
        Ok(())
    }
}
