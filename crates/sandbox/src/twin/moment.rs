//! Moments of the system's clock, as files' change times have them: the ground on which the twin decides whether a file of
//! the user's is still what the task started from.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// A moment of the system's clock (`CLOCK_REALTIME`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Moment {
    /// Since 1970.
    pub(super) seconds: i64,
    /// 0 to 999 999 999.
    pub(super) nanoseconds: i64,
}

impl Moment {
    /// Before every file: nothing is known of what was there at the start.
    pub(super) const BEFORE_ALL: Self = Self {
        seconds: i64::MIN,
        nanoseconds: 0,
    };

    /// Now, on the fine clock. No change that has been made until now has a later change time, whether the kernel took it
    /// from its fine clock or from the coarse one, which lags behind.
    pub(super) fn now() -> Self {
        Self::of(ClockId::Realtime)
    }

    /// Returns once every further change gets a later change time than this moment, which was a moment ago: when the
    /// coarse clock, from which the kernel takes change times, has passed it. That is a few milliseconds at most. A moment
    /// that is yet to come, because the clock was set back, is not waited for.
    pub(super) fn wait_until_past(self) {
        while self.earlier_by(LONGEST_LAG) <= Self::now() && Self::of(CHANGE_TIME_CLOCK) <= self {
            std::thread::sleep(Duration::from_micros(500));
        }
    }

    /// Whether what has this moment as its change time was certainly not changed after `start`.
    ///
    /// File systems that count whole seconds (or two) cut the time: there, a change after `start` could have an earlier time.
    pub(super) fn is_not_after(self, start: Self) -> bool {
        let latest = if self.nanoseconds == 0 {
            self.seconds.saturating_add(2)
        } else {
            self.seconds
        };
        (latest, self.nanoseconds) <= (start.seconds, start.nanoseconds)
    }

    /// The moment so many nanoseconds before.
    pub(super) fn earlier_by(self, nanoseconds: i64) -> Self {
        let left = self.nanoseconds - nanoseconds % NANOSECONDS;
        Self {
            seconds: self
                .seconds
                .saturating_sub(nanoseconds / NANOSECONDS)
                .saturating_sub(i64::from(left < 0)),
            nanoseconds: left.rem_euclid(NANOSECONDS),
        }
    }

    fn of(clock: ClockId) -> Self {
        let time = clock_gettime(clock);
        Self {
            seconds: time.tv_sec,
            nanoseconds: time.tv_nsec,
        }
    }
}

/// In a second.
const NANOSECONDS: i64 = 1_000_000_000;

/// No coarse clock lags behind so far, in nanoseconds.
const LONGEST_LAG: i64 = NANOSECONDS;

#[cfg(target_os = "linux")]
const CHANGE_TIME_CLOCK: ClockId = ClockId::RealtimeCoarse;
#[cfg(not(target_os = "linux"))]
const CHANGE_TIME_CLOCK: ClockId = ClockId::Realtime;

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::MetadataExt};

    use super::*;

    fn changed(path: &std::path::Path) -> Moment {
        let metadata = fs::metadata(path).unwrap();
        Moment {
            seconds: metadata.ctime(),
            nanoseconds: metadata.ctime_nsec(),
        }
    }

    #[test]
    fn what_was_written_before_is_not_after_and_what_is_written_later_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for round in 0..100 {
            fs::write(&path, format!("before {round}")).unwrap();
            // Asking for the time makes the kernel stamp the next change with its fine clock.
            let _ = changed(&path);
            fs::write(&path, format!("also before {round}")).unwrap();
            let start = Moment::now();
            assert!(changed(&path).is_not_after(start), "round {round}");
            start.wait_until_past();
            fs::write(&path, format!("after {round}")).unwrap();
            assert!(!changed(&path).is_not_after(start), "round {round}");
        }
    }

    #[test]
    fn what_is_earlier_stays_a_moment() {
        let at = |seconds, nanoseconds| Moment {
            seconds,
            nanoseconds,
        };
        assert_eq!(at(5, 10).earlier_by(0), at(5, 10));
        assert_eq!(at(5, 10).earlier_by(11), at(4, 999_999_999));
        assert_eq!(at(5, 10).earlier_by(2_000_000_010), at(3, 0));
        let earliest = Moment::BEFORE_ALL;
        assert_eq!(earliest.earlier_by(3_000_000_000), earliest);
    }

    #[test]
    fn a_moment_that_is_long_to_come_is_not_waited_for() {
        let mut tomorrow = Moment::now();
        tomorrow.seconds += 24 * 3600;
        tomorrow.wait_until_past();
    }

    #[test]
    fn a_time_in_whole_seconds_may_hide_a_later_change() {
        let start = Moment {
            seconds: 100,
            nanoseconds: 700_000_000,
        };
        let at = |seconds, nanoseconds| Moment {
            seconds,
            nanoseconds,
        };
        assert!(!at(100, 0).is_not_after(start));
        assert!(!at(99, 0).is_not_after(start));
        assert!(at(98, 0).is_not_after(start));
        assert!(at(100, 700_000_000).is_not_after(start));
        assert!(!at(100, 700_000_001).is_not_after(start));
    }
}
