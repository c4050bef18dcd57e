//! A repository of 50 000 files of real code, made once and kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use super::super::corpus;
use crate::project;

/// How many files are committed.
const FILES: usize = 50_000;

/// How many of them lie in one folder.
const FILES_A_FOLDER: usize = 20;

/// How large they are, in bytes: small, so that a copy takes less time than it would of a real repository.
const FILE_BYTES: usize = 2_000;

/// So many different texts are enough.
const TEXTS: usize = 500;

/// The file that is read first.
pub(super) const README: &str = "README.md";

/// Makes it, unless it is there already, and gives its real path.
pub(super) fn prepare(folder: &Path, sources: &[PathBuf]) -> anyhow::Result<PathBuf> {
    // The name says what is in it: another kind of repository is another folder.
    let folder = folder.with_file_name(format!("repository-{FILES}"));
    if !folder.join(".git/refs/heads/main").is_file() {
        eprintln!("making a repository of {FILES} files ...");
        let _ = fs::remove_dir_all(&folder);
        write(&folder, sources).with_context(|| format!("{} cannot be made", folder.display()))?;
        git(&folder, &["init", "--quiet", "--initial-branch=main"])?;
        git(&folder, &["add", "--all"])?;
        git(
            &folder,
            &[
                "-c",
                "user.name=bench",
                "-c",
                "user.email=bench@localhost",
                "commit",
                "--quiet",
                "--message=All files",
            ],
        )?;
    }
    Ok(folder.canonicalize()?)
}

/// Runs git in the repository.
pub(super) fn git(folder: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments);
    project::run(&mut command)
}

fn write(folder: &Path, sources: &[PathBuf]) -> anyhow::Result<()> {
    let texts: Vec<String> = (0..TEXTS)
        .map(|number| corpus::text(&sources[number % sources.len()..], FILE_BYTES))
        .collect();
    for number in 0..FILES {
        let module = number / FILES_A_FOLDER;
        let (area, part) = (module / 100, module / 10 % 10);
        let module = folder.join(format!("area{area:02}/part{part}/module{}", module % 10));
        fs::create_dir_all(&module)?;
        let text = format!("// File {number}.\n{}", texts[number % TEXTS]);
        fs::write(module.join(format!("file{number}.rs")), text)?;
    }
    fs::write(folder.join(README), "# A large repository\n")?;
    fs::write(folder.join(".gitignore"), "target/\nnode_modules/\n*.log\n")?;
    Ok(())
}
