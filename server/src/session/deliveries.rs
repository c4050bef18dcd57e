//! Deliveries: edits sent to the client, and believed only when the mirror or the disk shows them.

use std::path::Path;

use text::{ChangeSet, Text};

use crate::delivery::{Delivery, Outcome, Purpose};
use crate::timer::Alarm;
use crate::transport::Answer;

use super::Session;

impl Session {
    /// Brings a change about; [`Session::delivered`] hears what came of it, never before this returns.
    pub(super) fn deliver(&mut self, delivery: Delivery) {
        drop(delivery);
    }

    /// The client has answered an edit, which proves nothing.
    pub(super) fn edit_answered(&mut self, number: u64, answer: Answer) {
        drop((number, answer));
    }

    /// A time that was waited for has come.
    pub(super) fn alarm(&mut self, alarm: Alarm) {
        drop(alarm);
    }

    /// A document has changed: by a delivery of ours, or by its user, or both.
    pub(super) fn note_change(&mut self, path: &Path, before: &Text, change: &ChangeSet) {
        self.user_changed(path, before, change);
    }

    /// Tells whoever wanted a change what came of it.
    fn delivered(&mut self, purpose: Purpose, outcome: Outcome) {
        match purpose {
            Purpose::Landing(task) => self.landing_delivered(task, outcome),
            Purpose::Review => self.review_delivered(outcome),
            Purpose::Restore(number) => self.restore_delivered(number, outcome),
            Purpose::Conflict(number) => self.decision_delivered(number, outcome),
            Purpose::Chat(_) => {}
        }
    }
}
