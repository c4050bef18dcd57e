//! `[tasks]`: what the editor's tasks may do, and what becomes of their changes.

use serde::Deserialize;

use crate::tasks::LandingMode;

/// `[tasks]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct TasksConfig {
    /// So many run at once; the rest wait.
    pub(crate) limit: usize,
    /// What becomes of a proposal.
    pub(crate) landing: LandingMode,
}

impl Default for TasksConfig {
    fn default() -> Self {
        Self {
            limit: 4,
            landing: LandingMode::Review,
        }
    }
}

impl TasksConfig {
    /// The name of a setting that is out of its range, and the range.
    pub(super) fn problem(&self) -> Option<(&'static str, &'static str)> {
        (!(1..=32).contains(&self.limit)).then_some(("tasks.limit", "1 to 32"))
    }
}
