//! What is kept of all that a sub-task's thread tells: the last thing that its model said.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent::surface::{ItemDetails, ThreadEvent};

/// The last message. Clones hear the same.
#[derive(Clone, Default)]
pub(super) struct Heard(Arc<Mutex<String>>);

impl Heard {
    /// Takes what the thread tells.
    pub(super) fn listen(&self, event: ThreadEvent) {
        if let ThreadEvent::ItemCompleted { item } = event
            && let ItemDetails::Message { text } = item.details
        {
            *self.lock() = text;
        }
    }

    /// The last message, taken out.
    pub(super) fn take(&self) -> String {
        std::mem::take(&mut *self.lock())
    }

    /// It is replaced in one step, so it is whole after a panic.
    fn lock(&self) -> MutexGuard<'_, String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
