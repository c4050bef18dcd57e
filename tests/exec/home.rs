//! A user's home with settings, a project and a state folder, in which `ropewalk` is run.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use scripted_model::Server;
use tempfile::TempDir;

use crate::line::{KEY, KEY_VARIABLE, Line};
use crate::process::{Finished, Running};
use crate::project::Project;

/// A home. Everything in it goes with it.
pub(crate) struct Home {
    folder: TempDir,
}

impl Home {
    pub(crate) fn new(project: &Project, line: Line, server: &Server) -> Self {
        Self::with_settings(project, &line.settings(&server.url()))
    }

    pub(crate) fn with_settings(project: &Project, settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Self { folder };
        let config = home.path().join("config/ropewalk");
        std::fs::create_dir_all(&config).unwrap();
        std::fs::write(config.join("config.toml"), settings).unwrap();
        project.write(&home.project());
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn project(&self) -> PathBuf {
        self.path().join("project")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.path().join("state")
    }

    /// `ropewalk` in the project's folder, with nothing of the real user's around it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ropewalk"));
        command
            .args(arguments)
            .current_dir(self.project())
            .env("HOME", self.path())
            .env("XDG_CONFIG_HOME", self.path().join("config"))
            .env("XDG_STATE_HOME", self.state())
            .env("XDG_CACHE_HOME", self.path().join("cache"))
            .env("XDG_DATA_HOME", self.path().join("data"))
            .env("ROPEWALK_LOG", "debug")
            .env(KEY_VARIABLE, KEY)
            // The build that runs these tests is not the project's.
            .env_remove("CARGO_TARGET_DIR");
        for proxy in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
            command.env_remove(proxy);
        }
        // Cargo and rustup look for themselves below the home.
        for (variable, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            if std::env::var_os(variable).is_none() {
                let home = std::env::home_dir().unwrap();
                command.env(variable, home.join(folder));
            }
        }
        command
    }

    /// The same surroundings for a shell script; `$ropewalk` in it is the program.
    pub(crate) fn shell_environment(&self) -> String {
        let command = self.command(&[]);
        let set = |(name, value): (&OsStr, Option<&OsStr>)| {
            let name = name.to_str().unwrap();
            value.map_or_else(
                || format!("unset {name}\n"),
                |value| format!("export {name}='{}'\n", value.to_str().unwrap()),
            )
        };
        let variables: String = command.get_envs().map(set).collect();
        let program = command.get_program().to_str().unwrap();
        format!("{variables}ropewalk='{program}'")
    }

    /// `text` with a word in place of the project's folder, which is another in each run.
    pub(crate) fn without_folder(&self, text: &str) -> String {
        text.replace(self.project().to_str().unwrap(), "PROJECT")
    }

    /// Starts `ropewalk exec --json` with these arguments.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        let all = [&["exec", "--json", "--yes"], arguments].concat();
        Running::start(self.command(&all))
    }

    /// Runs `ropewalk exec --json` with these arguments to its end.
    pub(crate) fn exec(&self, arguments: &[&str]) -> Finished {
        self.start(arguments).wait()
    }

    /// All files below the home, with their bytes.
    pub(crate) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        collect(self.path(), &mut files);
        files
    }

    /// The names of the twins that there are.
    pub(crate) fn twins(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.state().join("ropewalk/twins"));
        let names = entries.into_iter().flatten().flatten();
        // Names that begin with a dot are the list's own.
        names
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| !name.starts_with('.'))
            .collect()
    }

    /// The threads' logs.
    pub(crate) fn logs(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        collect(&self.state(), &mut files);
        files.retain(|(path, _)| {
            path.extension()
                .is_some_and(|extension| extension == "jsonl")
        });
        files
    }
}

fn collect(folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            files.push((path, bytes));
        }
    }
}
