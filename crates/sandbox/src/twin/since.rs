//! A moment with which change times are compared, right also when the system's clock is set back meanwhile.
//!
//! What is changed after the clock was set back has a change time that may lie before moments that were taken earlier.
//! Compared with those as they are, a file that the user has just saved would pass for one that the task started from.

use std::sync::atomic::{AtomicI64, Ordering};

use rustix::time::{ClockId, clock_gettime};

use super::moment::Moment;

/// Runs on whoever sets the clock, and while the machine sleeps.
#[cfg(target_os = "linux")]
const STEADY_CLOCK: ClockId = ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const STEADY_CLOCK: ClockId = ClockId::Monotonic;

/// A moment in the past of this process.
#[derive(Debug)]
pub(super) struct Since {
    moment: Moment,
    /// By how much the clock was ahead of the steady one when this was made, at least, in nanoseconds.
    lead: i64,
    /// The furthest that it has been set back from there, in nanoseconds.
    set_back: AtomicI64,
}

impl Since {
    /// One that still is to come, because the clock was wrong when it was taken, says nothing: it becomes the earliest of all.
    pub(super) fn new(moment: Moment) -> Self {
        let is_past = moment <= Moment::now();
        Self {
            moment: if is_past { moment } else { Moment::BEFORE_ALL },
            lead: lead().0,
            set_back: AtomicI64::new(0),
        }
    }

    /// The moment: as much earlier as the clock was set back since.
    pub(super) fn moment(&self) -> Moment {
        let now = (self.lead - lead().1).max(0);
        let furthest = self.set_back.fetch_max(now, Ordering::Relaxed).max(now);
        self.moment.earlier_by(furthest)
    }
}

/// By how much the system's clock is ahead of the steady one: at least, and at most, in nanoseconds. Neither can be read
/// at the same moment as the other.
fn lead() -> (i64, i64) {
    let before = nanoseconds(ClockId::Realtime);
    let steady = nanoseconds(STEADY_CLOCK);
    let after = nanoseconds(ClockId::Realtime);
    (before - steady, after - steady)
}

/// Until the year 2262.
fn nanoseconds(clock: ClockId) -> i64 {
    let time = clock_gettime(clock);
    time.tv_sec
        .saturating_mul(1_000_000_000)
        .saturating_add(time.tv_nsec)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600 * 1_000_000_000;

    #[test]
    fn while_nobody_sets_the_clock_back_it_is_the_moment() {
        let moment = Moment::now();
        let since = Since::new(moment);
        for _ in 0..1000 {
            assert_eq!(since.moment(), moment);
        }
    }

    #[test]
    fn it_goes_back_with_the_clock_and_does_not_come_forward_again() {
        let moment = Moment::now();
        let mut since = Since {
            // As if the clock had been an hour ahead when it was made.
            lead: lead().0 + HOUR,
            ..Since::new(moment)
        };
        let earlier = since.moment();
        assert!(earlier <= moment.earlier_by(HOUR - HOUR / 1000));
        assert!(moment.earlier_by(HOUR) <= earlier);
        since.lead -= HOUR;
        assert!(since.moment() <= earlier);
    }

    #[test]
    fn what_is_yet_to_come_is_before_everything() {
        let mut tomorrow = Moment::now();
        tomorrow.seconds += 24 * 3600;
        assert_eq!(Since::new(tomorrow).moment(), Moment::BEFORE_ALL);
        assert_eq!(Since::new(Moment::BEFORE_ALL).moment(), Moment::BEFORE_ALL);
    }
}
