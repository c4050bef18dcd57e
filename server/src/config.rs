//! The settings: what they are, their defaults, and how the layers are laid over each other.
//!
//! Layers, weakest first: built in, the user's `config.toml`, the `.ropewalk/config.toml` of a trusted folder, the
//! editor's settings. Read by [`crate::session`]; files are found and read by [`layers`], this file does no IO.

pub(crate) mod chat;
pub(crate) mod layers;
pub(crate) mod paths;
pub(crate) mod rules;
pub(crate) mod sandbox;
pub(crate) mod tasks;
pub(crate) mod trust;

use std::collections::BTreeMap;
use std::path::PathBuf;

use models::ReasoningEffort;
use models::catalogue::{FactsOverride, ProviderSettings};
use serde::Deserialize;
use serde_json::Value;

use self::chat::ChatConfig;
use self::sandbox::SandboxConfig;
use self::tasks::TasksConfig;

/// All settings with their values.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Config {
    /// Tab-completion.
    pub(crate) completion: CompletionConfig,
    /// Learning from the workspace.
    pub(crate) index: IndexConfig,
    /// What no feature may see, beyond ignore files and the built-in secret patterns.
    pub(crate) exclude: ExcludeConfig,
    /// Folders whose own `.ropewalk/` configuration counts; only the user's own file and `ropewalk trust` can say so.
    pub(crate) trusted_folders: Vec<PathBuf>,
    /// The model that the agent uses, as `PROVIDER/MODEL`, `PROVIDER`, or the name of a model; chosen when left out.
    pub(crate) model: Option<String>,
    /// The agent.
    pub(crate) agent: AgentConfig,
    /// Services of models beyond those built in, or changes to those; by name.
    pub(crate) providers: BTreeMap<String, ProviderSettings>,
    /// Facts about models, by `MODEL` or `PROVIDER/MODEL`.
    pub(crate) models: BTreeMap<String, FactsOverride>,
    /// How services are reached.
    pub(crate) network: NetworkConfig,
    /// Tasks that are started from the editor.
    pub(crate) tasks: TasksConfig,
    /// Chats.
    pub(crate) chat: ChatConfig,
    /// The walls around tasks; only the user's own file can set them.
    pub(crate) sandbox: SandboxConfig,
}

/// `[completion]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct CompletionConfig {
    /// Whether anything is offered at all.
    pub(crate) enabled: bool,
    /// How sure the engine must be.
    pub(crate) preset: Preset,
    /// Shorter suggestions are not offered, in characters.
    pub(crate) min_characters: Option<usize>,
    /// At most so many lines, 1 to 10.
    pub(crate) max_lines: usize,
    /// Whether to offer suggestions inside comments.
    pub(crate) in_comments: bool,
    /// Whether to offer suggestions inside strings.
    pub(crate) in_strings: bool,
    /// LSP language ids without suggestions.
    pub(crate) disabled_languages: Vec<String>,
}

/// How sure the engine must be before it offers something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Preset {
    /// Right seven times in ten.
    Calm,
    /// Right six times in ten.
    #[default]
    Balanced,
    /// Right every second time, and shorter.
    Eager,
}

/// `[index]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct IndexConfig {
    /// Whether to learn from files that are not open.
    pub(crate) enabled: bool,
    /// How much source text to learn from at most, in megabytes; an index takes up to five times that in memory.
    pub(crate) max_megabytes: u64,
    /// Larger files are left out, in kilobytes.
    pub(crate) max_file_kilobytes: u64,
    /// Whether the index is kept on disk between runs.
    pub(crate) persist: bool,
}

/// `[exclude]`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct ExcludeConfig {
    /// More patterns of files that nothing of ours may read, in the syntax of `.gitignore`; the built-in patterns of
    /// secret files always hold.
    pub(crate) patterns: Vec<String>,
}

/// `[agent]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct AgentConfig {
    /// What the user wants every thread to be told, besides AGENTS.md.
    pub(crate) instructions: String,
    /// How hard the model shall think; left to the service when left out.
    pub(crate) effort: Option<ReasoningEffort>,
    /// Requests to the model in one turn at most.
    pub(crate) max_steps: u32,
    /// Tokens in one turn at most, as the service counts them.
    pub(crate) max_tokens: Option<u64>,
    /// Minutes that one turn may take.
    pub(crate) max_minutes: Option<u64>,
    /// The part of the model's window, in percent, from which the history is compacted.
    pub(crate) compact_at_percent: u8,
    /// How much of the AGENTS.md files the model is told, in kilobytes.
    pub(crate) agents_md_kilobytes: u64,
    /// So many sub-tasks of one task work at once; the rest wait.
    pub(crate) sub_tasks: usize,
}

/// `[network]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct NetworkConfig {
    /// A proxy for all requests, in place of what `HTTPS_PROXY` and the like say.
    pub(crate) proxy: Option<String>,
    /// A file of certificates (PEM) that are trusted besides the system's.
    pub(crate) ca_file: Option<PathBuf>,
    /// How long a service may be silent while it works on an answer, in seconds.
    pub(crate) idle_seconds: u64,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self {
            proxy: None,
            ca_file: None,
            idle_seconds: 300,
        }
    }
}

impl Default for AgentConfig {
    fn default() -> Self {
        Self {
            instructions: String::new(),
            effort: None,
            max_steps: 500,
            max_tokens: None,
            max_minutes: None,
            compact_at_percent: 90,
            agents_md_kilobytes: 32,
            sub_tasks: 4,
        }
    }
}

impl Default for CompletionConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            preset: Preset::Balanced,
            min_characters: None,
            max_lines: 4,
            in_comments: true,
            in_strings: true,
            disabled_languages: Vec::new(),
        }
    }
}

impl Default for IndexConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            max_megabytes: 30,
            max_file_kilobytes: 400,
            persist: true,
        }
    }
}

/// One source of settings: where they stand, and their JSON form.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layer {
    /// How a message names this source, for example a file's path.
    pub(crate) source: String,
    /// The settings; anything but an object counts as none.
    pub(crate) settings: Value,
}

/// Lays `layers` over each other, weakest first.
///
/// Returns the settings and a sentence for each thing that is wrong. A layer with a wrong value is left out as a
/// whole; an unknown setting is only reported.
pub(crate) fn combine(layers: &[Layer]) -> (Config, Vec<String>) {
    let mut combined = Value::Object(serde_json::Map::new());
    let mut problems = Vec::new();
    for layer in layers.iter().filter(|layer| layer.settings.is_object()) {
        let layer = Layer {
            source: layer.source.clone(),
            settings: without_nulls(&layer.settings),
        };
        match check(&layer) {
            Ok(unknown) => {
                problems.extend(unknown);
                overlay(&mut combined, &layer.settings);
            }
            Err(problem) => problems.push(problem),
        }
    }
    let config = serde_json::from_value(combined).unwrap_or_else(|error| {
        problems.push(format!("The settings contradict each other: {error}."));
        Config::default()
    });
    (config, problems)
}

/// Whether a layer is not left out.
pub(crate) fn is_usable(layer: &Layer) -> bool {
    let settings = without_nulls(&layer.settings);
    let source = String::new();
    check(&Layer { source, settings }).is_ok()
}

/// Says what is unknown in a layer, or why it cannot be used.
fn check(layer: &Layer) -> Result<Vec<String>, String> {
    let source = &layer.source;
    let mut unknown = Vec::new();
    let mut note_unknown = |path: serde_ignored::Path<'_>| {
        unknown.push(format!(
            "{source}: there is no setting `{path}`; it is ignored. See the README for the list."
        ));
    };
    let mut track = serde_path_to_error::Track::new();
    let deserializer = serde_path_to_error::Deserializer::new(&layer.settings, &mut track);
    let checked = serde_ignored::deserialize::<_, _, Config>(deserializer, &mut note_unknown);
    match checked {
        Err(error) => Err(format!(
            "{source}: `{}` has a wrong value, so none of these settings is used: {error}.",
            track.path()
        )),
        Ok(config) => check_ranges(source, &config).map(|()| unknown),
    }
}

fn check_ranges(source: &str, config: &Config) -> Result<(), String> {
    let refuse = |name: &str, range: &str| {
        Err(format!(
            "{source}: `{name}` must be {range}, so none of these settings is used."
        ))
    };
    if !(1..=10).contains(&config.completion.max_lines) {
        return refuse("completion.max_lines", "1 to 10");
    }
    if !(1..=2000).contains(&config.index.max_megabytes) {
        return refuse("index.max_megabytes", "1 to 2000");
    }
    if !(1..=10_000).contains(&config.index.max_file_kilobytes) {
        return refuse("index.max_file_kilobytes", "1 to 10000");
    }
    if config.agent.max_steps == 0 {
        return refuse("agent.max_steps", "at least 1");
    }
    if !(10..=95).contains(&config.agent.compact_at_percent) {
        return refuse("agent.compact_at_percent", "10 to 95");
    }
    if !(1..=16).contains(&config.agent.sub_tasks) {
        return refuse("agent.sub_tasks", "1 to 16");
    }
    match config.sandbox.problem().or_else(|| config.tasks.problem()) {
        Some((name, range)) => refuse(name, range),
        None => Ok(()),
    }
}

/// Editors send `null` for settings that the user has not set.
fn without_nulls(settings: &Value) -> Value {
    match settings {
        Value::Object(object) => object
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), without_nulls(value)))
            .collect(),
        other => other.clone(),
    }
}

/// Objects are merged key by key; everything else is replaced.
fn overlay(below: &mut Value, above: &Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (key, value) in above {
                overlay(below.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (below, above) => *below = above.clone(),
    }
}

#[cfg(test)]
mod tests;
