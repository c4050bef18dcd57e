//! Finds the editors: the one that is named by the environment, else the fetched one, else one on the `PATH`.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

use crate::project;

/// A program the editor tests need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Editor {
    /// Neovim, 0.12 or newer: the first with inline completion.
    Neovim,
    /// Helix, 25.07 or newer.
    Helix,
    /// tmux, in whose terminal Helix runs.
    Tmux,
}

impl Editor {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Neovim, Self::Helix, Self::Tmux];

    /// The name of its program.
    pub(crate) fn program(self) -> &'static str {
        match self {
            Self::Neovim => "nvim",
            Self::Helix => "hx",
            Self::Tmux => "tmux",
        }
    }

    /// The environment variable that names the program to use.
    fn variable(self) -> &'static str {
        match self {
            Self::Neovim => "ROPEWALK_NVIM",
            Self::Helix => "ROPEWALK_HX",
            Self::Tmux => "ROPEWALK_TMUX",
        }
    }

    /// The oldest version that will do, major and minor.
    fn oldest(self) -> (u32, u32) {
        match self {
            Self::Neovim => (0, 12),
            Self::Helix => (25, 7),
            Self::Tmux => (3, 0),
        }
    }

    fn version_flag(self) -> &'static str {
        if self == Self::Tmux {
            "-V"
        } else {
            "--version"
        }
    }
}

/// The path of an editor that runs and is new enough; fetches it if there is none yet.
///
/// # Errors
/// When none is there and none can be fetched; the script that fetches says how to install one by hand.
pub(crate) fn find(editor: Editor) -> anyhow::Result<PathBuf> {
    let root = project::root();
    let variable = |name: &str| env::var_os(name).map(PathBuf::from);
    find_in(editor, &root.join("target/editors"), variable, |folder| {
        project::run(
            Command::new("bash")
                .arg(root.join("tests/editors/fetch.sh"))
                .arg(folder),
        )
    })
}

fn find_in(
    editor: Editor,
    folder: &Path,
    variable: impl Fn(&str) -> Option<PathBuf>,
    fetch: impl FnOnce(&Path) -> anyhow::Result<()>,
) -> anyhow::Result<PathBuf> {
    if let Some(path) = variable(editor.variable()) {
        check_version(editor, &path)
            .with_context(|| format!("{} names a program that will not do", editor.variable()))?;
        return Ok(path);
    }
    let fetched = folder.join("usr/bin").join(editor.program());
    if folder.join(".complete").exists() && check_version(editor, &fetched).is_ok() {
        return Ok(fetched);
    }
    if let Some(path) = on_path(editor, variable("PATH")) {
        return Ok(path);
    }
    fetch(folder)?;
    check_version(editor, &fetched)?;
    Ok(fetched)
}

fn on_path(editor: Editor, path: Option<PathBuf>) -> Option<PathBuf> {
    let path = path?;
    let candidates = env::split_paths(&path).map(|folder| folder.join(editor.program()));
    candidates
        .into_iter()
        .find(|candidate| candidate.is_file() && check_version(editor, candidate).is_ok())
}

fn check_version(editor: Editor, path: &Path) -> anyhow::Result<()> {
    let said = project::output(Command::new(path).arg(editor.version_flag()))?;
    let Some(version) = version_in(&said) else {
        bail!(
            "{} does not say its version but: {}",
            path.display(),
            said.trim()
        );
    };
    let (major, minor) = editor.oldest();
    ensure!(
        version >= (major, minor),
        "{} is {}.{}, needed is {major}.{minor:02} or newer",
        path.display(),
        version.0,
        version.1
    );
    Ok(())
}

/// The first `major.minor` in a text.
fn version_in(text: &str) -> Option<(u32, u32)> {
    let is_separator = |character: char| !character.is_ascii_digit() && character != '.';
    text.split(is_separator).find_map(|word| {
        let mut numbers = word.split('.').map(str::parse);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => Some((major, minor)),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn program(folder: &Path, name: &str, says: &str) -> PathBuf {
        let path = folder.join(name);
        fs::create_dir_all(folder).unwrap();
        fs::write(&path, format!("#!/bin/sh\necho '{says}'\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn versions_are_read_as_the_editors_write_them() {
        assert_eq!(
            version_in("NVIM v0.12.4\nBuild type: RelWithDebInfo"),
            Some((0, 12))
        );
        assert_eq!(version_in("helix 25.07.1 (a05c151b)"), Some((25, 7)));
        assert_eq!(version_in("tmux 3.7c"), Some((3, 7)));
        assert_eq!(version_in("no number"), None);
    }

    fn nothing_to_fetch(_: &Path) -> anyhow::Result<()> {
        bail!("nothing can be fetched here")
    }

    #[test]
    fn the_environment_wins_and_an_old_editor_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let new = program(&folder.path().join("new"), "nvim", "NVIM v0.12.4");
        let old = program(&folder.path().join("old"), "nvim", "NVIM v0.9.5");
        let find = |path: &PathBuf| {
            let variable = |name: &str| (name == "ROPEWALK_NVIM").then(|| path.clone());
            find_in(Editor::Neovim, folder.path(), variable, nothing_to_fetch)
        };
        assert_eq!(find(&new).unwrap(), new);
        let problem = format!("{:#}", find(&old).unwrap_err());
        assert!(
            problem.contains("ROPEWALK_NVIM names a program that will not do"),
            "{problem}"
        );
        assert!(
            problem.contains("is 0.9, needed is 0.12 or newer"),
            "{problem}"
        );
    }

    #[test]
    fn the_path_is_searched_for_one_that_is_new_enough() {
        let folder = tempfile::tempdir().unwrap();
        program(&folder.path().join("old"), "hx", "helix 23.10");
        let new = program(&folder.path().join("new"), "hx", "helix 25.07.1");
        let path = env::join_paths([folder.path().join("old"), folder.path().join("new")]).unwrap();
        let variable = |name: &str| (name == "PATH").then(|| PathBuf::from(&path));
        let found = find_in(Editor::Helix, folder.path(), variable, nothing_to_fetch).unwrap();
        assert_eq!(found, new);
    }

    #[test]
    fn a_missing_editor_is_fetched_once() {
        let folder = tempfile::tempdir().unwrap();
        let fetched = folder.path().join("usr/bin/tmux");
        let fetch = |folder: &Path| {
            program(&folder.join("usr/bin"), "tmux", "tmux 3.7c");
            Ok(fs::write(folder.join(".complete"), "")?)
        };
        assert_eq!(
            find_in(Editor::Tmux, folder.path(), |_| None, fetch).unwrap(),
            fetched
        );
        let again = find_in(Editor::Tmux, folder.path(), |_| None, nothing_to_fetch);
        assert_eq!(again.unwrap(), fetched);
    }

    #[test]
    fn what_cannot_be_fetched_is_an_error_never_a_skip() {
        let folder = tempfile::tempdir().unwrap();
        let problem = find_in(Editor::Helix, folder.path(), |_| None, nothing_to_fetch);
        assert_eq!(
            problem.unwrap_err().to_string(),
            "nothing can be fetched here"
        );
    }
}
