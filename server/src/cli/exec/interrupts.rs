//! Ctrl-C and the like: the first stops the turn, the second does not wait for slow tools, the third ends the process.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use agent::ThreadHandle;
use anyhow::Context;

use super::INTERRUPTED;

/// Receives the signals of this process.
pub(crate) struct Interrupts {
    /// Whose turn is stopped; a thread that has ended is none.
    thread: Arc<Mutex<Weak<ThreadHandle>>>,
}

impl Interrupts {
    /// From here on signals come here. Can be done once in a process.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn receive() -> anyhow::Result<Self> {
        let thread = Arc::new(Mutex::new(Weak::<ThreadHandle>::new()));
        let interrupted = Arc::clone(&thread);
        let signals = AtomicU32::new(0);
        ctrlc::set_handler(move || {
            let count = signals.fetch_add(1, Ordering::Relaxed);
            let handle = interrupted
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .upgrade();
            match handle {
                // A thread that has ended is about to end the process too.
                Some(handle) if count < 2 => drop(handle.interrupt()),
                _ => process::exit(i32::from(INTERRUPTED)),
            }
        })
        .context("signals cannot be received")?;
        Ok(Self { thread })
    }

    /// From here on they stop the turn of this thread.
    pub(crate) fn stop(&self, handle: &Arc<ThreadHandle>) {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        *thread = Arc::downgrade(handle);
    }
}
