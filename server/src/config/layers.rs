//! Reads the layers of the settings from files and from the client.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::trust::{TrustError, TrustList, covering};
use super::{Config, Layer, combine, paths};

/// A project's own settings, below its folder.
pub(crate) const PROJECT_CONFIG_FILE: &str = ".ropewalk/config.toml";

/// The sections that the settings have.
const SECTIONS: [&str; 10] = [
    "completion",
    "index",
    "exclude",
    "model",
    "agent",
    "providers",
    "models",
    "network",
    "sandbox",
    "tasks",
];

/// What a project or an editor's settings, which a project may bring along, must not decide about itself.
const OWN_SETTINGS: [&str; 2] = ["trusted_folders", "sandbox"];

/// The settings in force, where they came from, and what was wrong with them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) config: Config,
    /// A sentence for each thing that is wrong.
    pub(crate) problems: Vec<String>,
    /// The files that were read.
    pub(crate) files: Vec<PathBuf>,
    /// Whether a whole source was left out because it cannot be used.
    pub(crate) is_incomplete: bool,
}

/// The settings that the client gave, weakest first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EditorSettings {
    /// With `initialize`.
    pub(crate) initial: Value,
    /// Later, by whichever way; newest wins.
    pub(crate) current: Value,
}

impl Default for EditorSettings {
    fn default() -> Self {
        Self {
            initial: json!({}),
            current: json!({}),
        }
    }
}

/// Loads everything: the user's file, the trusted folders' files, then what the client gave.
pub(crate) fn load(folders: &[PathBuf], editor: &EditorSettings) -> Loaded {
    let mut loaded = Loaded::default();
    let user = paths::user_config_file().and_then(|path| read_layer(&path, &mut loaded));
    let mut layers: Vec<Layer> = user.into_iter().collect();
    // Trust is decided by the user's own file alone: a folder must not be able to vouch for itself.
    let (user_config, _) = combine(&layers);
    let trusted = trusted_folders(&user_config, &mut loaded);
    for folder in folders {
        let path = folder.join(PROJECT_CONFIG_FILE);
        if covering(&trusted, folder).is_some() {
            let project = read_layer(&path, &mut loaded);
            layers.extend(project.map(|layer| without_own_settings(layer, &mut loaded.problems)));
        } else if path.exists() {
            loaded.problems.push(untrusted(folder));
        }
    }
    for (source, settings) in [
        ("The editor's initialization options", &editor.initial),
        ("The editor's settings", &editor.current),
    ] {
        let layer = Layer {
            source: source.into(),
            settings: settings.get("ropewalk").unwrap_or(settings).clone(),
        };
        layers.push(without_own_settings(layer, &mut loaded.problems));
    }
    let (config, problems) = combine(&layers);
    loaded.config = config;
    loaded.config.trusted_folders = trusted;
    loaded.is_incomplete |= !layers.iter().all(super::is_usable);
    loaded.problems.extend(problems);
    loaded
}

/// Our part of settings that a client pushes: some clients push everything that they have, for all servers.
pub(crate) fn our_part(settings: &Value) -> Value {
    let has_section = SECTIONS
        .iter()
        .any(|section| settings.get(section).is_some());
    match settings.get("ropewalk") {
        Some(ours) => ours.clone(),
        None if has_section => settings.clone(),
        None => json!({}),
    }
}

/// Whether the user trusts `folder`, by naming it or a folder above it, in config.toml or with `ropewalk trust`.
pub(crate) fn is_trusted(config: &Config, folder: &Path) -> bool {
    covering(&config.trusted_folders, folder).is_some()
}

/// What the user's own file and `ropewalk trust` say together, in order.
fn trusted_folders(user_config: &Config, loaded: &mut Loaded) -> Vec<PathBuf> {
    let mut folders = user_config.trusted_folders.clone();
    match TrustList::of_this_user().and_then(|list| list.folders()) {
        Ok(told) => folders.extend(told),
        Err(TrustError::NoPlace) => {}
        Err(error) => loaded.problems.push(format!("{error}.")),
    }
    folders.sort();
    folders.dedup();
    folders
}

fn untrusted(folder: &Path) -> String {
    format!(
        "{0}/.ropewalk/config.toml is not used because the folder is not trusted. If you wrote it, or have \
         read it, `ropewalk trust {0}` makes it count.",
        folder.display()
    )
}

/// The layer in a file; nothing when there is no such file or it cannot be used, which is then a problem.
fn read_layer(path: &Path, loaded: &mut Loaded) -> Option<Layer> {
    let source = path.display().to_string();
    let text = match workspace::read_settings(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Err(error) => {
            loaded
                .problems
                .push(format!("{source} cannot be read: {error}."));
            loaded.is_incomplete = true;
            return None;
        }
    };
    loaded.files.push(path.to_path_buf());
    match toml::from_str::<Value>(&text) {
        Ok(settings) => Some(Layer { source, settings }),
        Err(error) => {
            let message = error.to_string().trim_end().replace('\n', "\n    ");
            loaded.problems.push(format!(
                "{source} is not valid TOML, so it is not used:\n    {message}"
            ));
            loaded.is_incomplete = true;
            None
        }
    }
}

/// Takes out what only the user's own file may say.
fn without_own_settings(mut layer: Layer, problems: &mut Vec<String>) -> Layer {
    let settings = layer.settings.as_object_mut();
    let taken_out = settings.map_or_else(Vec::new, |settings| {
        OWN_SETTINGS
            .into_iter()
            .filter(|name| settings.remove(*name).is_some())
            .collect()
    });
    problems.extend(taken_out.into_iter().map(|name| {
        format!(
            "{}: `{name}` counts only in the user's own config.toml.",
            layer.source
        )
    }));
    layer
}
