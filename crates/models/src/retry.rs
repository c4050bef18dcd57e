//! When a request that got no answer is sent again, and after how long.
//!
//! Only what happens before an answer begins is repeated here; a broken answer is the agent's loop's to repeat, because
//! it alone knows which items it keeps.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::{FailureKind, ModelError};

/// How often and how patiently requests are repeated.
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    /// Attempts after the first one.
    pub retries: u32,
    /// The first delay; each further one is twice as long, give or take a tenth. Ten times as long where the service
    /// has too much to do, and does not say how long to wait.
    pub base_delay: Duration,
    /// The longest delay that a service may ask for; beyond it the request fails and says how long it would be.
    pub longest_delay: Duration,
}

/// The passing of time, as far as retries wait for it.
pub trait Clock: Send + Sync {
    /// Ends after `delay`.
    fn wait(&self, delay: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// Real time.
pub struct SystemClock;

/// A failed attempt.
#[derive(Debug)]
pub(crate) struct Attempt {
    /// Counted from 1.
    pub(crate) number: u32,
    /// What became of it.
    pub(crate) error: ModelError,
    /// Whether the service forbids another.
    pub(crate) repeat: Repeat,
}

/// Whether another attempt makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// If the kind of failure is a passing one.
    IfTransient,
    /// In no case.
    Never,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            retries: 4,
            base_delay: Duration::from_millis(200),
            longest_delay: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy {
    /// All attempts together.
    pub(crate) fn attempts(&self) -> u32 {
        self.retries + 1
    }

    /// How long to wait before the attempt after this one.
    ///
    /// # Errors
    /// The error to report, when there shall be no further attempt.
    pub(crate) fn delay(&self, attempt: Attempt) -> Result<Duration, ModelError> {
        let Attempt {
            number,
            error,
            repeat,
        } = attempt;
        let error = ModelError {
            attempts: number,
            ..error
        };
        if repeat == Repeat::Never || !error.kind.is_transient() || number > self.retries {
            return Err(error);
        }
        match error.retry_after {
            Some(wish) if wish > self.longest_delay => Err(self.too_long(error, wish)),
            // A wish of nothing, or a date that has passed, must not become a rain of requests.
            Some(wish) => Ok(wish.max(self.back_off(number, self.base_delay))),
            None if is_busy(error.kind) => Ok(self.back_off(number, self.base_delay * 10)),
            None => Ok(self.back_off(number, self.base_delay)),
        }
    }

    /// `first × 2ⁿ`, spread by a tenth so that clients which failed together do not return together.
    fn back_off(&self, number: u32, first: Duration) -> Duration {
        let exponent = number.saturating_sub(1).min(16);
        let spread = 0.9 + fastrand::f64() * 0.2;
        let delay = first * 2_u32.pow(exponent);
        delay.mul_f64(spread).min(self.longest_delay)
    }

    fn too_long(&self, error: ModelError, wish: Duration) -> ModelError {
        ModelError {
            kind: match error.kind {
                FailureKind::Overloaded => FailureKind::Overloaded,
                _ => FailureKind::RateLimited,
            },
            message: format!(
                "{} The service asks to wait {} s, longer than the {} s that are waited by themselves: try again then.",
                error.message.trim_end(),
                wish.as_secs(),
                self.longest_delay.as_secs()
            ),
            retry_after: Some(wish),
            attempts: error.attempts,
        }
    }
}

/// Whether the service is well and has too much to do: allowances are counted by the minute.
fn is_busy(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::RateLimited | FailureKind::Overloaded)
}

impl Clock for SystemClock {
    fn wait(&self, delay: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(delay))
    }
}

impl dyn Clock {
    /// The clock to use where nothing else is said.
    pub(crate) fn system() -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(number: u32, kind: FailureKind, retry_after: Option<Duration>) -> Attempt {
        Attempt {
            number,
            error: ModelError {
                kind,
                message: "No.".into(),
                retry_after,
                attempts: 1,
            },
            repeat: Repeat::IfTransient,
        }
    }

    #[test]
    fn delays_double_within_a_tenth_and_then_end() {
        let policy = RetryPolicy::default();
        for _ in 0..500 {
            for (number, milliseconds) in [(1, 200), (2, 400), (3, 800), (4, 1600)] {
                let delay = policy
                    .delay(attempt(number, FailureKind::Service, None))
                    .unwrap();
                let range = milliseconds * 9 / 10..=milliseconds * 11 / 10;
                assert!(range.contains(&delay.as_millis()), "{number}: {delay:?}");
            }
        }
        assert!(
            policy
                .delay(attempt(5, FailureKind::Service, None))
                .is_err()
        );
    }

    #[test]
    fn a_busy_service_is_left_alone_for_longer_and_a_wait_of_nothing_is_none() {
        let policy = RetryPolicy::default();
        for kind in [FailureKind::RateLimited, FailureKind::Overloaded] {
            for (number, seconds) in [(1, 2.0), (2, 4.0), (3, 8.0), (4, 16.0)] {
                let delay = policy.delay(attempt(number, kind, None)).unwrap();
                let range = seconds * 0.9..=seconds * 1.1;
                assert!(range.contains(&delay.as_secs_f64()), "{number}: {delay:?}");
                let now = attempt(number, kind, Some(Duration::ZERO));
                assert!(policy.delay(now).unwrap() >= Duration::from_millis(180));
            }
        }
    }

    #[test]
    fn what_was_tried_often_says_so() {
        let policy = RetryPolicy::default();
        let error = policy.delay(attempt(5, FailureKind::Service, None));
        assert_eq!(error.map_err(|error| error.attempts), Err(5));
    }

    #[test]
    fn a_delay_that_the_service_names_wins_unless_it_is_too_long() {
        let policy = RetryPolicy::default();
        let wish = Duration::from_secs(7);
        let patient = attempt(1, FailureKind::RateLimited, Some(wish));
        assert_eq!(policy.delay(patient), Ok(wish));
        let wish = Duration::from_secs(3600);
        assert_eq!(
            policy.delay(attempt(1, FailureKind::Service, Some(wish))),
            Err(ModelError {
                kind: FailureKind::RateLimited,
                message: "No. The service asks to wait 3600 s, longer than the 60 s that are waited by themselves: try again then.".into(),
                retry_after: Some(wish),
                attempts: 1,
            })
        );
    }

    #[test]
    fn lasting_failures_are_final() {
        let policy = RetryPolicy::default();
        for kind in [
            FailureKind::Unauthorized,
            FailureKind::QuotaExceeded,
            FailureKind::ContextTooLong,
            FailureKind::InvalidRequest,
            FailureKind::UnknownModel,
            FailureKind::Policy,
        ] {
            assert!(policy.delay(attempt(1, kind, None)).is_err(), "{kind:?}");
        }
        let forbidden = Attempt {
            repeat: Repeat::Never,
            ..attempt(1, FailureKind::Service, None)
        };
        assert!(policy.delay(forbidden).is_err());
    }
}
