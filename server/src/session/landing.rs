//! Landings: a task's proposal on its way into the user's documents.

use crate::delivery::Outcome;
use crate::tasks::{EndedTurn, LandingMode, TaskId};

use super::Session;

impl Session {
    /// Lands what a turn proposes: merged with the documents as they are now.
    pub(super) fn land(&mut self, task: TaskId, title: &str, turn: &EndedTurn, mode: LandingMode) {
        let _ = (task, title, turn, mode);
    }

    /// A delivery of a landing is over.
    pub(super) fn landing_delivered(&mut self, task: TaskId, outcome: Outcome) {
        drop((task, outcome));
    }
}
