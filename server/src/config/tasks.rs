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
    /// When a change is about more files than this that are not open, they are written on disk instead of loaded into the
    /// editor, whose undo then does not know of them.
    pub(crate) max_files_in_editor: usize,
}

impl Default for TasksConfig {
    fn default() -> Self {
        Self {
            limit: 4,
            landing: LandingMode::Review,
            max_files_in_editor: 50,
        }
    }
}

impl TasksConfig {
    /// The name of a setting that is out of its range, and the range.
    pub(super) fn problem(&self) -> Option<(&'static str, &'static str)> {
        (!(1..=32).contains(&self.limit)).then_some(("tasks.limit", "1 to 32"))
    }
}
