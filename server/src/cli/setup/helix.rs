//! Helix: a `languages.toml` that adds Ropewalk beside each language's usual servers.

use std::path::Path;

use anyhow::Context;

use crate::cli::terminal::{Style, Terminal};
use crate::config::paths;

use super::SetupFile;

const LANGUAGES: &str = include_str!("../../../../editors/helix/languages.toml");

/// Helix's language configuration with this binary's own path in it.
pub(super) fn files(binary: &Path) -> anyhow::Result<Vec<SetupFile>> {
    let config = paths::config_home().context("neither XDG_CONFIG_HOME nor HOME is set")?;
    Ok(vec![SetupFile {
        path: config.join("helix/languages.toml"),
        text: languages(binary),
    }])
}

/// The file, with where it belongs.
pub(super) fn explain(terminal: &mut Terminal, files: &[SetupFile]) {
    for file in files {
        let heading = format!("# {}", file.path.display());
        terminal.line(&terminal.style(Style::Bold, heading));
        terminal.print(&file.text);
    }
}

/// What to do after writing.
pub(super) fn next_steps(terminal: &mut Terminal) {
    terminal.line(
        "Start hx in a project and type; suggestions are in the completion menu, marked Ropewalk. \
         `hx --health` shows the servers of each language.",
    );
}

fn languages(binary: &Path) -> String {
    let command = toml::Value::String(binary.to_string_lossy().into_owned());
    LANGUAGES.replace("command = \"ropewalk\"", &format!("command = {command}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_toml_and_names_this_binary() {
        let text = languages(Path::new("/opt/rope walk/bin/ropewalk"));
        let parsed: toml::Table = toml::from_str(&text).unwrap();
        assert_eq!(
            parsed["language-server"]["ropewalk"]["command"].as_str(),
            Some("/opt/rope walk/bin/ropewalk")
        );
        for language in parsed["language"].as_array().unwrap() {
            let servers = language["language-servers"].as_array().unwrap();
            let last = servers.last().unwrap();
            let name = last.as_str().or_else(|| last.get("name")?.as_str());
            assert_eq!(name, Some("ropewalk"), "{language}");
        }
    }
}
