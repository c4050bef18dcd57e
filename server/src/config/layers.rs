//! Reads the layers of the settings from files and from the client.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Config, Layer, combine, paths};

/// A project's own settings, below its folder.
pub(crate) const PROJECT_CONFIG_FILE: &str = ".ropewalk/config.toml";

/// The settings in force, where they came from, and what was wrong with them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) config: Config,
    /// A sentence for each thing that is wrong.
    pub(crate) problems: Vec<String>,
    /// The files that were read.
    pub(crate) files: Vec<PathBuf>,
}

/// Loads everything: the user's file, the trusted folders' files, then `editor`, the settings that the client gave.
pub(crate) fn load(folders: &[PathBuf], editor: &Value) -> Loaded {
    let mut loaded = Loaded::default();
    let mut layers = Vec::new();
    if let Some(path) = paths::user_config_file() {
        add_file(&path, &mut layers, &mut loaded);
    }
    // Trust is decided by the user's own file alone: a folder must not be able to vouch for itself.
    let (user_config, _) = combine(&layers);
    for folder in folders {
        let path = folder.join(PROJECT_CONFIG_FILE);
        if is_trusted(&user_config, folder) {
            add_file(&path, &mut layers, &mut loaded);
        } else if path.exists() {
            loaded.problems.push(untrusted(folder));
        }
    }
    layers.push(Layer {
        source: "The editor's settings".into(),
        settings: editor_settings(editor),
    });
    for layer in layers.iter_mut().skip(1) {
        forget_trust(layer, &mut loaded.problems);
    }
    let (config, problems) = combine(&layers);
    loaded.config = config;
    loaded.problems.extend(problems);
    loaded
}

/// Whether the user trusts `folder`, by naming it or a folder above it.
pub(crate) fn is_trusted(config: &Config, folder: &Path) -> bool {
    config
        .trusted_folders
        .iter()
        .any(|trusted| folder.starts_with(trusted))
}

fn untrusted(folder: &Path) -> String {
    format!(
        "{0}/.ropewalk/config.toml is not used because the folder is not trusted. If you wrote it, add \"{0}\" to \
         `trusted_folders` in your own config.toml.",
        folder.display()
    )
}

fn add_file(path: &Path, layers: &mut Vec<Layer>, loaded: &mut Loaded) {
    let source = path.display().to_string();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // The place of the user's layer stays taken, so that trust is never read from another one.
            layers.push(Layer {
                source,
                settings: Value::Null,
            });
            return;
        }
        Err(error) => {
            loaded
                .problems
                .push(format!("{source} cannot be read: {error}."));
            return;
        }
    };
    loaded.files.push(path.to_path_buf());
    match toml::from_str::<Value>(&text) {
        Ok(settings) => layers.push(Layer { source, settings }),
        Err(error) => {
            let message = error.to_string().trim_end().replace('\n', "\n    ");
            loaded.problems.push(format!(
                "{source} is not valid TOML, so it is not used:\n    {message}"
            ));
        }
    }
}

/// Editors send either our settings or an object that has them under our name.
fn editor_settings(editor: &Value) -> Value {
    editor.get("ropewalk").unwrap_or(editor).clone()
}

fn forget_trust(layer: &mut Layer, problems: &mut Vec<String>) {
    let had_trust = layer
        .settings
        .as_object_mut()
        .is_some_and(|settings| settings.remove("trusted_folders").is_some());
    if had_trust {
        problems.push(format!(
            "{}: `trusted_folders` counts only in the user's own config.toml.",
            layer.source
        ));
    }
}

/// An empty set of editor settings.
pub(crate) fn no_editor_settings() -> Value {
    json!({})
}
