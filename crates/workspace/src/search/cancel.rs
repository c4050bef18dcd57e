//! The flag by which a search is stopped from another thread.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Set once, seen by everyone who holds a clone.
#[derive(Debug, Clone, Default)]
pub struct CancellationFlag {
    is_set: Arc<AtomicBool>,
}

impl CancellationFlag {
    /// Asks the search to stop. It does so before it searches another file.
    pub fn set(&self) {
        self.is_set.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to stop.
    pub fn is_set(&self) -> bool {
        self.is_set.load(Ordering::Relaxed)
    }

    /// The flag itself, for work that watches a flag of another kind.
    pub fn shared(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.is_set)
    }
}
