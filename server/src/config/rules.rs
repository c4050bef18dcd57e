//! Which files of rules about commands count: the user's own, and the project's where the user trusts it.
//!
//! What is in them is the agent's affair (`agent::rules`).

use std::path::PathBuf;

use agent::Rules;
use agent::rules::RulesError;

use super::{Config, layers, paths};

/// A project's own rules, below its folder.
const PROJECT_RULES_FILE: &str = ".ropewalk/rules.toml";

/// The rules for work in `folders`, and a sentence for each project's that do not count.
///
/// # Errors
/// When a file that counts cannot be used: what it forbids would be forgotten.
pub(crate) fn load(
    folders: &[PathBuf],
    config: &Config,
) -> Result<(Rules, Vec<String>), RulesError> {
    let own = paths::user_rules_file();
    let (trusted, others): (Vec<&PathBuf>, Vec<&PathBuf>) = folders
        .iter()
        .partition(|folder| layers::is_trusted(config, folder));
    let file = |folder: &PathBuf| folder.join(PROJECT_RULES_FILE);
    let projects: Vec<PathBuf> = trusted.into_iter().map(file).collect();
    let unused = others.into_iter().map(file).filter(|file| file.exists());
    let problems = unused.map(|file| {
        format!(
            "{} is not used because the folder is not trusted.",
            file.display()
        )
    });
    Ok((Rules::load(own.as_deref(), &projects)?, problems.collect()))
}
