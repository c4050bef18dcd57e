//! Which files of rules about commands count: the user's own, and the project's where the user trusts it.
//!
//! What is in them is the agent's affair (`agent::rules`).

use std::path::Path;

use agent::Rules;
use agent::rules::RulesError;

use super::{Config, layers, paths};

/// A project's own rules, below its folder.
const PROJECT_RULES_FILE: &str = ".ropewalk/rules.toml";

/// The rules for work in `folder`, and a sentence if there are some that do not count.
///
/// # Errors
/// When a file that counts cannot be used: what it forbids would be forgotten.
pub(crate) fn load(folder: &Path, config: &Config) -> Result<(Rules, Option<String>), RulesError> {
    let own = paths::user_rules_file();
    let project = folder.join(PROJECT_RULES_FILE);
    if layers::is_trusted(config, folder) {
        return Ok((Rules::load(own.as_deref(), &[project])?, None));
    }
    let problem = project.exists().then(|| {
        format!(
            "{} is not used because the folder is not trusted.",
            project.display()
        )
    });
    Ok((Rules::load(own.as_deref(), &[])?, problem))
}
