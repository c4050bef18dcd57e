//! Where files belong: the XDG base directories, and what is ours in them.
//!
//! Source: the XDG Base Directory Specification 0.8; relative values of its variables are ignored as it asks.

use std::path::PathBuf;

/// The user's settings: `$XDG_CONFIG_HOME/ropewalk/config.toml`.
pub(crate) fn user_config_file() -> Option<PathBuf> {
    Some(base("XDG_CONFIG_HOME", ".config")?.join("ropewalk/config.toml"))
}

/// The user's rules about commands: `$XDG_CONFIG_HOME/ropewalk/rules.toml`.
pub(crate) fn user_rules_file() -> Option<PathBuf> {
    Some(base("XDG_CONFIG_HOME", ".config")?.join("ropewalk/rules.toml"))
}

/// Logs: `$XDG_STATE_HOME/ropewalk`.
pub(crate) fn state_folder() -> Option<PathBuf> {
    Some(base("XDG_STATE_HOME", ".local/state")?.join("ropewalk"))
}

/// Indexes, which can be thrown away at any time: `$XDG_CACHE_HOME/ropewalk`.
pub(crate) fn cache_folder() -> Option<PathBuf> {
    Some(base("XDG_CACHE_HOME", ".cache")?.join("ropewalk"))
}

/// Other programs' settings, for `ropewalk setup`.
pub(crate) fn config_home() -> Option<PathBuf> {
    base("XDG_CONFIG_HOME", ".config")
}

/// Other programs' data, for `ropewalk setup`.
pub(crate) fn data_home() -> Option<PathBuf> {
    base("XDG_DATA_HOME", ".local/share")
}

fn base(variable: &str, below_home: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| Some(std::env::home_dir()?.join(below_home)))
}
