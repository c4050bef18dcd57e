//! `cargo xtask check`: the rules of the project that the compiler does not know.
//!
//! Reads the sources and cargo's metadata, applies every rule, and prints each violation as `file:line: what and what to do`.

mod code;
mod dependencies;
mod paths;
mod rules;
mod sources;

use std::fmt;
use std::path::PathBuf;

use anyhow::bail;

use crate::project;

/// A violation of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    /// Relative to the workspace.
    path: PathBuf,
    /// Counted from 1.
    line: usize,
    /// What is wrong and what to do about it.
    message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}:{}: {}",
            self.path.display(),
            self.line,
            self.message
        )
    }
}

/// Checks the whole workspace; an error when any rule is broken.
pub(crate) fn run() -> anyhow::Result<()> {
    let root = project::root();
    let metadata =
        project::output(project::cargo().args(["metadata", "--format-version=1", "--no-deps"]))?;
    let mut violations = dependencies::check(&serde_json::from_str(&metadata)?, &root);
    let files = sources::read(&root)?;
    violations.extend(rules::check(&files));
    violations.extend(paths::check(&files, &paths::of_this_machine(&root)));
    violations.sort();
    violations.dedup();
    for violation in &violations {
        println!("{violation}");
    }
    match violations.len() {
        0 => println!("check: {} files, all rules hold", files.len()),
        1 => bail!("1 rule is broken, see above"),
        count => bail!("{count} rules are broken, see above"),
    }
    Ok(())
}
