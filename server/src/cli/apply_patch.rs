//! `ropewalk apply-patch`: applies a patch from standard input to the current folder, all or nothing.
//!
//! Plumbing for scripts and for agents that have a shell: the exit code is 0 when the patch was applied and 1 when it was
//! refused; what was done goes to standard output, why not to standard error.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use agent::patch::{self, Plan, READ_LIMIT};
use agent::{FolderWorkspace, Workspace};
use anyhow::Context;
use workspace::{ExclusionOptions, default_git_excludes_file};

use crate::config::layers;

use super::terminal::Terminal;

/// Arguments of `ropewalk apply-patch`.
#[derive(Debug, clap::Args)]
pub(crate) struct ApplyPatchArguments {
    /// Only say whether the patch would apply.
    #[arg(long)]
    check: bool,
}

/// Applies the patch on standard input. A refusal is printed and gives exit code 1, with nothing changed.
pub(crate) fn run(arguments: &ApplyPatchArguments) -> anyhow::Result<ExitCode> {
    let folder = std::env::current_dir().context("the current folder cannot be used")?;
    let mut bytes = Vec::new();
    std::io::stdin()
        .take(READ_LIMIT)
        .read_to_end(&mut bytes)
        .context("the patch could not be read from standard input")?;
    let text = String::from_utf8(bytes).context("the patch is not valid UTF-8")?;
    let workspace = open(&folder)?;
    match apply(&workspace, &folder, &text, arguments) {
        Ok(message) => {
            Terminal::stdout().line(&message);
            Ok(ExitCode::SUCCESS)
        }
        Err(message) => {
            Terminal::stderr().line(&message);
            Ok(ExitCode::FAILURE)
        }
    }
}

fn open(folder: &Path) -> anyhow::Result<FolderWorkspace> {
    let folders: [PathBuf; 1] = [folder.to_path_buf()];
    let settings = layers::load(&folders, &layers::EditorSettings::default());
    let options = ExclusionOptions {
        patterns: settings.config.exclude.patterns,
        git_excludes_file: default_git_excludes_file(),
    };
    Ok(FolderWorkspace::new(&folders, &options)?)
}

fn apply(
    workspace: &FolderWorkspace,
    folder: &Path,
    text: &str,
    arguments: &ApplyPatchArguments,
) -> Result<String, String> {
    let plan = plan(workspace, folder, text).map_err(|error| error.to_string())?;
    let (result, message) = if arguments.check {
        let result = workspace.check(&plan.changes);
        (result, "The patch applies.".into())
    } else {
        let result = workspace.commit(&plan.changes);
        (result, plan.summary.message())
    };
    result.map_err(|error| error.to_string())?;
    Ok(message)
}

fn plan(workspace: &FolderWorkspace, folder: &Path, text: &str) -> Result<Plan, patch::PatchError> {
    let patch = patch::parse(text)?;
    patch::plan(&patch, folder, &|path| workspace.read(path, READ_LIMIT))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const PATCH: &str = "*** Begin Patch\n*** Update File: a\n@@\n-one\n+1\n*** End Patch\n";

    fn apply_in(folder: &Path, check: bool) -> Result<String, String> {
        let folder = folder.canonicalize().unwrap();
        let workspace =
            FolderWorkspace::new(std::slice::from_ref(&folder), &ExclusionOptions::default());
        apply(
            &workspace.unwrap(),
            &folder,
            PATCH,
            &ApplyPatchArguments { check },
        )
    }

    #[test]
    fn a_patch_is_checked_applied_and_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        fs::write(&file, "one\ntwo\n").unwrap();
        let checked = apply_in(folder.path(), true);
        assert_eq!(checked, Ok("The patch applies.".into()));
        assert_eq!(fs::read_to_string(&file).unwrap(), "one\ntwo\n");
        let message = "Success. Updated the following files:\nM a";
        assert_eq!(apply_in(folder.path(), false), Ok(message.into()));
        assert_eq!(fs::read_to_string(&file).unwrap(), "1\ntwo\n");
        for check in [true, false] {
            let refused = apply_in(folder.path(), check).unwrap_err();
            assert_eq!(refused, "Failed to find expected lines in a:\none");
        }
    }
}
