//! A git repository of real code: whole crates out of cargo's registry cache, copied to a folder of ours.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

use super::super::corpus;
use super::WORD;
use crate::project;

/// So many source files there are at least.
const FILES: usize = 1000;

/// The repository.
pub(super) struct Repository {
    /// Its real path.
    pub(super) folder: PathBuf,
    /// Its source files.
    pub(super) files: usize,
    /// Of so many crates.
    pub(super) crates: usize,
}

impl Repository {
    /// Makes it anew in `folder`, of the crates in the cache that have the most files to change.
    ///
    /// # Errors
    /// When the cache has too few files, or the folder cannot be written.
    pub(super) fn prepare(folder: &Path) -> anyhow::Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
        let (mut files, mut crates) = (0, 0);
        for (source, paths) in corpus::crates_with(WORD)? {
            if files >= FILES {
                break;
            }
            copy(&source, &paths, folder)?;
            files += paths.len();
            crates += 1;
        }
        ensure!(
            files >= FILES,
            "cargo's registry cache has {files} source files, and {FILES} are needed; `cargo fetch` in this project brings them"
        );
        let repository = Self {
            folder: folder.canonicalize()?,
            files,
            crates,
        };
        repository.git(&["init", "--quiet", "--initial-branch=main"])?;
        repository.git(&["add", "--all", "--force"])?;
        repository.git(&[
            "-c",
            "user.name=bench",
            "-c",
            "user.email=bench@localhost",
            "commit",
            "--quiet",
            "--message=All files",
        ])?;
        Ok(repository)
    }

    /// Makes all files as they were.
    pub(super) fn restore(&self) -> anyhow::Result<()> {
        self.git(&["checkout", "--quiet", "--", "."])?;
        self.git(&["clean", "--quiet", "--force", "-d", "-x"])
    }

    /// How many files are not as they were, and how many lines of them.
    pub(super) fn changed(&self) -> anyhow::Result<(usize, usize)> {
        let output = Command::new("git")
            .arg("-C")
            .arg(&self.folder)
            .args(["diff", "--numstat"])
            .output()?;
        let text = String::from_utf8(output.stdout)?;
        let lines = text
            .lines()
            .filter_map(|line| line.split('\t').next()?.parse::<usize>().ok());
        Ok((text.lines().count(), lines.sum()))
    }

    /// All source files.
    pub(super) fn sources(&self) -> anyhow::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        corpus::collect(&self.folder, &mut files)?;
        Ok(files)
    }

    fn git(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.folder).args(arguments);
        project::run(&mut command)
    }
}

/// Copies the files of one crate into a folder of its name.
fn copy(source: &Path, paths: &[PathBuf], folder: &Path) -> anyhow::Result<()> {
    let name = source.file_name().context("a crate has a folder")?;
    for path in paths {
        let target = folder.join(name).join(path.strip_prefix(source)?);
        fs::create_dir_all(target.parent().context("it is in a folder")?)?;
        fs::copy(path, &target)
            .with_context(|| format!("{} could not be copied", path.display()))?;
    }
    Ok(())
}
