//! What keeps work on a tree from taking long: limits, cancellation, and the answers when one strikes.
//!
//! `Watch` is polled from the callbacks of the parser and the query cursor (`parse.rs`, `tree.rs`).

use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How much a parse may take before the file goes without a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseLimits {
    /// The longest text that is parsed, in bytes. A tree takes some ten times the memory of its text.
    pub max_bytes: usize,
    /// The longest that one parse may run.
    pub timeout: Duration,
}

impl Default for ParseLimits {
    /// Two mebibytes and a second, about twice what a file of that size takes in an unoptimised build.
    fn default() -> Self {
        Self {
            max_bytes: 2 << 20,
            timeout: Duration::from_secs(1),
        }
    }
}

/// How much one question to a tree may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryLimits {
    /// The longest that it may run.
    pub timeout: Duration,
}

impl Default for QueryLimits {
    /// A second: enough for all symbols of the largest file that is parsed, even unoptimised. For a
    /// question at each keystroke, set less.
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(1),
        }
    }
}

/// A token to end work early. Its clones are one token.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A token that is not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the work that was given this token or a clone of it, soon. There is no way back.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether `cancel` was called.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Why a question to a tree was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stopped {
    /// It ran for as long as it might.
    #[error("the time limit was reached")]
    TimedOut,
    /// The token was cancelled.
    #[error("the work was cancelled")]
    Cancelled,
}

/// Why a text has no tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTree {
    /// It is longer than the limit.
    #[error("a file of {bytes} bytes is not parsed; the limit is {max_bytes}")]
    TooLarge {
        /// The length of the text.
        bytes: usize,
        /// The limit it exceeds.
        max_bytes: usize,
    },
    /// The parser was stopped.
    #[error("the file was not parsed: {0}")]
    Stopped(#[from] Stopped),
}

/// Watches the clock and the token during one piece of work, and remembers the first stop.
pub(crate) struct Watch<'cancel> {
    deadline: Option<Instant>,
    cancel: &'cancel Cancel,
    stopped: Cell<Option<Stopped>>,
}

impl<'cancel> Watch<'cancel> {
    /// Starts the clock. A time beyond what the clock can tell is no limit.
    pub(crate) fn start(timeout: Duration, cancel: &'cancel Cancel) -> Self {
        let deadline = Instant::now().checked_add(timeout);
        Self {
            deadline,
            cancel,
            stopped: Cell::new(None),
        }
    }

    /// Says whether to go on; once it said no, it always does.
    pub(crate) fn poll(&self) -> ControlFlow<()> {
        if self.stopped.get().is_none() {
            self.stopped.set(self.reason_to_stop());
        }
        match self.stopped.get() {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        }
    }

    /// The reason for which the work was told to stop, as an error.
    pub(crate) fn check(&self) -> Result<(), Stopped> {
        self.stopped.get().map_or(Ok(()), Err)
    }

    fn reason_to_stop(&self) -> Option<Stopped> {
        if self.cancel.is_cancelled() {
            return Some(Stopped::Cancelled);
        }
        let is_late = self
            .deadline
            .is_some_and(|deadline| Instant::now() >= deadline);
        is_late.then_some(Stopped::TimedOut)
    }
}
