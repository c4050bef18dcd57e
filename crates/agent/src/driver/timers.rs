//! The times that the machine asked to be told of.

use std::time::{Duration, Instant};

use crate::machine::{Precision, Timer};

/// One time for each kind of timer.
#[derive(Debug, Default)]
pub(super) struct Timers {
    set: Vec<(Timer, Instant)>,
}

impl Timers {
    /// Sets a timer, in place of what was set for it before.
    pub(super) fn set(&mut self, timer: Timer, delay: Duration, precision: Precision) {
        let delay = match precision {
            Precision::Exact => delay,
            Precision::Spread => delay.mul_f64(0.9 + 0.2 * fastrand::f64()),
        };
        self.set.retain(|(other, _)| *other != timer);
        // A time beyond what the clock can hold never comes.
        if let Some(due) = Instant::now().checked_add(delay) {
            self.set.push((timer, due));
        }
    }

    /// The next time.
    pub(super) fn next(&self) -> Option<Instant> {
        self.set.iter().map(|(_, due)| *due).min()
    }

    /// Takes out the timers whose time has come, the earliest first.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<Timer> {
        self.set.sort_by_key(|(_, due)| *due);
        let due = self.set.partition_point(|(_, due)| *due <= now);
        self.set.drain(..due).map(|(timer, _)| timer).collect()
    }
}
