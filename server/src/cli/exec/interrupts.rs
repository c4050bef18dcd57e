//! Ctrl-C and the like: the first stops the turn, the second does not wait for slow tools, the third ends the process.
//! Once the turn has ended, the first calls off what is asked or done then, and the second ends the process.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use agent::ThreadHandle;
use anyhow::Context;
use workspace::CancellationFlag;

use super::INTERRUPTED;

/// Receives the signals of this process.
pub(crate) struct Interrupts {
    target: Arc<Mutex<Target>>,
}

/// What a signal stops.
enum Target {
    /// The turn of this thread, unless it has ended.
    Turn(Weak<ThreadHandle>),
    /// What looks at this flag.
    Flag(CancellationFlag),
}

impl Interrupts {
    /// From here on signals come here. Can be done once in a process.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn receive() -> anyhow::Result<Self> {
        let target = Arc::new(Mutex::new(Target::Turn(Weak::new())));
        let interrupted = Arc::clone(&target);
        let signals = AtomicU32::new(0);
        ctrlc::set_handler(move || {
            let count = signals.fetch_add(1, Ordering::Relaxed);
            if !lock(&interrupted).stop(count) {
                process::exit(i32::from(INTERRUPTED));
            }
        })
        .context("signals cannot be received")?;
        Ok(Self { target })
    }

    /// From here on they stop the turn of this thread.
    pub(crate) fn stop(&self, handle: &Arc<ThreadHandle>) {
        *lock(&self.target) = Target::Turn(Arc::downgrade(handle));
    }

    /// From here on they end the process: what ran has ended.
    pub(crate) fn stop_nothing(&self) {
        *lock(&self.target) = Target::Turn(Weak::new());
    }

    /// From here on the next one sets the flag that this gives.
    pub(crate) fn set_flag(&self) -> CancellationFlag {
        let flag = CancellationFlag::default();
        *lock(&self.target) = Target::Flag(flag.clone());
        flag
    }
}

impl Target {
    /// Stops it, after `count` signals before; says whether there was anything left to stop.
    fn stop(&self, count: u32) -> bool {
        match self {
            Self::Turn(thread) => match thread.upgrade() {
                Some(handle) if count < 2 => {
                    // A thread that has ended needs no stopping.
                    drop(handle.interrupt());
                    true
                }
                _ => false,
            },
            Self::Flag(flag) if !flag.is_set() => {
                flag.set();
                true
            }
            Self::Flag(_) => false,
        }
    }
}

/// Its content is changed in one step, so it is whole after a panic.
fn lock(target: &Mutex<Target>) -> MutexGuard<'_, Target> {
    target.lock().unwrap_or_else(PoisonError::into_inner)
}
