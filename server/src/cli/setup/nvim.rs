//! Neovim: the plugin's files as a package below the data folder, and a start-up file that turns it on.

use std::path::Path;

use anyhow::Context;

use crate::cli::terminal::{Style, Terminal};
use crate::config::paths;

use super::SetupFile;

/// A file of the plugin: its path below `editors/nvim`, and its text.
macro_rules! plugin_file {
    ($path:literal) => {
        (
            $path,
            include_str!(concat!("../../../../editors/nvim/", $path)),
        )
    };
}

/// The plugin, as it stands in `editors/nvim`; a test compares the list with the folder.
const PLUGIN: &[(&str, &str)] = &[
    plugin_file!("doc/ropewalk.txt"),
    plugin_file!("doc/tags"),
    plugin_file!("lua/ropewalk/client.lua"),
    plugin_file!("lua/ropewalk/command.lua"),
    plugin_file!("lua/ropewalk/health.lua"),
    plugin_file!("lua/ropewalk/init.lua"),
    plugin_file!("lua/ropewalk/keys.lua"),
    plugin_file!("lua/ropewalk/options.lua"),
    plugin_file!("lua/ropewalk/remainder.lua"),
    plugin_file!("lua/ropewalk/status.lua"),
    plugin_file!("lua/ropewalk/suggestion.lua"),
    plugin_file!("plugin/ropewalk.lua"),
];

/// Where everything goes: a package that Neovim loads by itself, so that no plugin manager is needed.
pub(super) fn files(binary: &Path) -> anyhow::Result<Vec<SetupFile>> {
    let data = paths::data_home().context("neither XDG_DATA_HOME nor HOME is set")?;
    let config = paths::config_home().context("neither XDG_CONFIG_HOME nor HOME is set")?;
    let package = data.join("nvim/site/pack/ropewalk/start/ropewalk");
    let mut files: Vec<SetupFile> = PLUGIN
        .iter()
        .map(|(path, text)| SetupFile {
            path: package.join(path),
            text: (*text).to_string(),
        })
        .collect();
    files.push(SetupFile {
        path: config.join("nvim/plugin/ropewalk.lua"),
        text: start_up_file(binary),
    });
    Ok(files)
}

/// What to put into `init.lua` when a plugin manager has the plugin.
pub(super) fn explain(terminal: &mut Terminal, files: &[SetupFile]) {
    terminal.line(&terminal.style(Style::Bold, "-- Neovim 0.12 or newer"));
    terminal.line("-- `ropewalk setup nvim --write` writes everything that is needed:");
    for file in files {
        terminal.line(&format!("--   {}", file.path.display()));
    }
    terminal.line("-- With a plugin manager, add the folder editors/nvim of the source instead, and to your init.lua:");
    terminal.line("");
    terminal.print(include_str!("../../../../editors/nvim/init.example.lua"));
}

/// What to do after writing.
pub(super) fn next_steps(terminal: &mut Terminal) {
    terminal.line("Start nvim in a project and type; Tab accepts. `:checkhealth ropewalk` tells what is missing.");
}

fn start_up_file(binary: &Path) -> String {
    format!(
        "-- Written by `ropewalk setup nvim`. `:help ropewalk` has the options.\n\
         require('ropewalk').setup({{ cmd = {{ {}, 'lsp' }} }})\n",
        lua_string(&binary.to_string_lossy())
    )
}

fn lua_string(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every file of the plugin, by its path below `editors/nvim`.
    fn files_on_disk() -> Vec<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../editors/nvim");
        let mut found = Vec::new();
        let mut folders = vec!["doc".to_string(), "lua".to_string(), "plugin".to_string()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(root.join(&folder)).unwrap() {
                let entry = entry.unwrap();
                let path = format!("{folder}/{}", entry.file_name().into_string().unwrap());
                if entry.file_type().unwrap().is_dir() {
                    folders.push(path);
                } else {
                    found.push(path);
                }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn the_whole_plugin_is_in_the_binary() {
        let mut embedded: Vec<_> = PLUGIN.iter().map(|(path, _)| (*path).to_string()).collect();
        embedded.sort();
        assert_eq!(embedded, files_on_disk());
    }

    #[test]
    fn odd_paths_are_quoted_for_lua() {
        assert_eq!(lua_string(r"/home/o'brien\x"), r"'/home/o\'brien\\x'");
    }
}
