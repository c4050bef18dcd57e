//! Where the project lies and how its tools are started. Every subcommand stands on this.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

/// The folder with the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    // Cargo sets the variable for what it runs; the fallback serves a binary that is started by hand in the workspace.
    let manifest = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let root = manifest.and_then(|folder| folder.parent().map(Path::to_path_buf));
    root.unwrap_or_else(|| env::current_dir().unwrap_or_else(|_| PathBuf::from(".")))
}

/// The very cargo that runs xtask, so that the same toolchain builds everything.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Runs a command with its output on the terminal; an error when it fails.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let line = describe(command);
    let status = command
        .status()
        .with_context(|| format!("`{line}` could not be started"))?;
    ensure!(status.success(), "`{line}` failed: {status}");
    Ok(())
}

/// Runs a command and returns what it wrote to standard output; an error with its standard error when it fails.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let line = describe(command);
    let output = command
        .output()
        .with_context(|| format!("`{line}` could not be started"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{line}` failed: {complaint}");
    Ok(String::from_utf8(output.stdout)?)
}

/// How the server is built: as the tests want it, or as users have it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Unoptimised.
    Development,
    /// Optimised.
    Release,
}

/// Builds the server and returns the path of its binary.
pub(crate) fn build_server(profile: Profile) -> anyhow::Result<PathBuf> {
    build("ropewalk", profile)
}

/// Builds the model that answers from a script, and returns the path of its binary.
pub(crate) fn build_scripted_model() -> anyhow::Result<PathBuf> {
    build("scripted-model", Profile::Development)
}

fn build(package: &str, profile: Profile) -> anyhow::Result<PathBuf> {
    let mut command = cargo();
    command.args([
        "build",
        "--package",
        package,
        "--message-format=json-render-diagnostics",
    ]);
    if profile == Profile::Release {
        command.arg("--release");
    }
    let line = describe(&command);
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .with_context(|| format!("`{line}` could not be started"))?;
    ensure!(
        output.status.success(),
        "`{line}` failed: {}",
        output.status
    );
    let messages = String::from_utf8(output.stdout)?;
    executable_in(&messages, package)
        .with_context(|| format!("cargo built no executable named {package}"))
}

/// Finds a program's executable among cargo's JSON messages, one a line.
fn executable_in(messages: &str, name: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == name)
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back()
}

/// A command as one would type it, without quotes.
fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_executable_is_found_among_the_messages_of_cargo() {
        let messages = r#"{"target":{"name":"text"},"executable":null}
{"target":{"name":"ropewalk"},"executable":null}
not json
{"target":{"name":"ropewalk"},"executable":"/t/ropewalk"}
{"target":{"name":"xtask"},"executable":"/t/xtask"}"#;
        assert_eq!(
            executable_in(messages, "ropewalk"),
            Some(PathBuf::from("/t/ropewalk"))
        );
        assert_eq!(executable_in("{}", "ropewalk"), None);
    }

    #[test]
    fn a_failing_command_says_what_it_wrote() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo no such thing >&2; exit 3"]);
        let problem = output(&mut command).unwrap_err().to_string();
        assert!(problem.contains("no such thing"), "{problem}");
        assert!(run(Command::new("sh").args(["-c", "exit 3"])).is_err());
        assert_eq!(
            output(Command::new("sh").args(["-c", "echo hi"])).unwrap(),
            "hi\n"
        );
    }
}
