//! What to do about a failed request: wait and try again, compact, or give up.

use std::time::Duration;

use models::{FailureKind, ModelError};

use super::effect::Precision;
use crate::limits::Limits;

/// How often a request is tried again that was repeated already, in vain, before its failure was reported: after 5 s and
/// after 20 s.
const LATE_RETRIES: u32 = 2;

/// Attempts without progress.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Attempts {
    failed: u32,
    offline: u32,
}

/// What to do about a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reaction {
    /// Try again after a while.
    Wait {
        /// How long.
        delay: Duration,
        /// How exactly.
        precision: Precision,
        /// For the user.
        notice: String,
    },
    /// Make the conversation shorter.
    Compact,
    /// Give up, for this reason.
    GiveUp(String),
}

impl Attempts {
    /// Something has come: failures are counted anew.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Decides what to do about `error`, and counts it.
    pub(super) fn react(&mut self, error: &ModelError, limits: &Limits) -> Reaction {
        match error.kind {
            FailureKind::ContextTooLong => Reaction::Compact,
            FailureKind::Offline => self.wait_for_network(error, limits),
            kind if kind.is_transient() => self.try_again(error, limits),
            _ => Reaction::GiveUp(error.message.clone()),
        }
    }

    fn wait_for_network(&mut self, error: &ModelError, limits: &Limits) -> Reaction {
        if self.offline >= limits.offline_retries {
            return given_up(error, self.offline);
        }
        let delay = Duration::from_secs(5 << self.offline.min(4)).min(Duration::from_secs(60));
        self.offline += 1;
        let notice = format!(
            "{} Trying again in {} ({}/{}).",
            sentence(&error.message),
            seconds(delay),
            self.offline,
            limits.offline_retries
        );
        Reaction::Wait {
            delay,
            precision: Precision::Spread,
            notice,
        }
    }

    fn try_again(&mut self, error: &ModelError, limits: &Limits) -> Reaction {
        let was_repeated = error.attempts > 1;
        let retries = match was_repeated {
            true => limits.retries.min(LATE_RETRIES),
            false => limits.retries,
        };
        if self.failed >= retries {
            let all = (self.failed + 1) * error.attempts.max(1);
            return given_up(error, all - 1);
        }
        let (delay, precision) = match error.retry_after {
            Some(asked) if asked > limits.longest_wait => {
                return Reaction::GiveUp(format!(
                    "{} The service asks to wait {}, which is longer than this program waits by itself; go on then.",
                    sentence(&error.message),
                    seconds(asked)
                ));
            }
            Some(asked) => (asked, Precision::Exact),
            None if was_repeated => (
                Duration::from_secs(5 << (2 * self.failed.min(4))),
                Precision::Spread,
            ),
            None => (
                Duration::from_millis(200 << self.failed.min(10)),
                Precision::Spread,
            ),
        };
        self.failed += 1;
        let notice = format!(
            "{} Trying again in {} ({}/{retries}).",
            sentence(&error.message),
            seconds(delay),
            self.failed,
        );
        Reaction::Wait {
            delay,
            precision,
            notice,
        }
    }
}

fn given_up(error: &ModelError, attempts: u32) -> Reaction {
    let message = sentence(&error.message);
    Reaction::GiveUp(match attempts {
        0 => message,
        attempts => format!("{message} It was tried {attempts} times more."),
    })
}

/// `message` with a full stop.
pub(super) fn sentence(message: &str) -> String {
    let message = message.trim_end();
    if message.ends_with(['.', '!', '?']) {
        message.to_owned()
    } else {
        format!("{message}.")
    }
}

fn seconds(delay: Duration) -> String {
    format!("{:.1} s", delay.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn failure(kind: FailureKind, retry_after: Option<u64>) -> ModelError {
        ModelError {
            kind,
            message: "It broke".into(),
            retry_after: retry_after.map(Duration::from_millis),
            attempts: 1,
        }
    }

    /// All reactions to the same failure again and again.
    fn check(error: &ModelError, limits: &Limits, expected: expect_test::Expect) {
        let mut attempts = Attempts::default();
        let mut lines = Vec::new();
        loop {
            match attempts.react(error, limits) {
                Reaction::Wait {
                    delay, precision, ..
                } => lines.push(format!("{} ms, {precision:?}", delay.as_millis())),
                Reaction::Compact => break lines.push("compact".into()),
                Reaction::GiveUp(message) => break lines.push(message),
            }
        }
        expected.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn passing_failures_are_retried_with_growing_delays() {
        check(
            &failure(FailureKind::Service, None),
            &Limits::default(),
            expect![[r#"
                200 ms, Spread
                400 ms, Spread
                800 ms, Spread
                1600 ms, Spread
                3200 ms, Spread
                It broke. It was tried 5 times more."#]],
        );
    }

    #[test]
    fn what_was_repeated_already_is_tried_again_seldom() {
        let error = ModelError {
            attempts: 5,
            ..failure(FailureKind::Service, None)
        };
        check(
            &error,
            &Limits::default(),
            expect![[r#"
                5000 ms, Spread
                20000 ms, Spread
                It broke. It was tried 14 times more."#]],
        );
    }

    #[test]
    fn the_delay_that_the_service_asks_for_wins_unless_it_is_too_long() {
        let limits = Limits {
            retries: 1,
            ..Limits::default()
        };
        check(
            &failure(FailureKind::RateLimited, Some(1234)),
            &limits,
            expect![[r#"
                1234 ms, Exact
                It broke. It was tried 1 times more."#]],
        );
        check(
            &failure(FailureKind::RateLimited, Some(3_600_000)),
            &limits,
            expect![
                "It broke. The service asks to wait 3600.0 s, which is longer than this program waits by itself; go on then."
            ],
        );
    }

    #[test]
    fn a_missing_network_is_waited_for_longer() {
        let limits = Limits {
            offline_retries: 6,
            ..Limits::default()
        };
        check(
            &failure(FailureKind::Offline, None),
            &limits,
            expect![[r#"
                5000 ms, Spread
                10000 ms, Spread
                20000 ms, Spread
                40000 ms, Spread
                60000 ms, Spread
                60000 ms, Spread
                It broke. It was tried 6 times more."#]],
        );
    }

    #[test]
    fn what_trying_again_does_not_mend_is_given_up_at_once() {
        let limits = Limits::default();
        for kind in [
            FailureKind::Unauthorized,
            FailureKind::QuotaExceeded,
            FailureKind::InvalidRequest,
            FailureKind::UnknownModel,
            FailureKind::Policy,
            FailureKind::Cancelled,
        ] {
            check(&failure(kind, Some(5)), &limits, expect!["It broke"]);
        }
        check(
            &failure(FailureKind::ContextTooLong, None),
            &limits,
            expect!["compact"],
        );
    }
}
