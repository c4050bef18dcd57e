//! Durations, waits and allowances in the words of real services.

use std::time::Duration;

use super::{asked_to_wait, duration, openai_rate_limits, retry_after};
use crate::{RateLimitWindow, RateLimits};

fn header<'a>(headers: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
    |name| {
        let found = headers.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| (*value).to_owned())
    }
}

#[test]
fn durations_of_every_service() {
    for (text, milliseconds) in [
        ("500ms", Some(500)),
        ("1.2s", Some(1200)),
        ("1.2s. Visit the page", Some(1200)),
        ("6m0s", Some(360_000)),
        ("1h2m3.5s", Some(3_723_500)),
        ("20 seconds.", Some(20_000)),
        ("20", Some(20_000)),
        ("20.", Some(20_000)),
        ("1 minute and more", Some(60_000)),
        ("3 apples", Some(3000)),
        ("soon", None),
        ("", None),
        ("1e400", Some(1000)),
        ("99999999999999999999999999", None),
    ] {
        let expected = milliseconds.map(Duration::from_millis);
        assert_eq!(duration(text), expected, "{text:?}");
    }
}

#[test]
fn a_wait_that_a_message_asks_for() {
    let ask = |text| asked_to_wait(text);
    assert_eq!(
        ask("Rate limit reached. Please try again in 1.2s. Visit …"),
        Some(Duration::from_millis(1200))
    );
    assert_eq!(
        ask("Please Retry In 23.5s."),
        Some(Duration::from_millis(23_500))
    );
    assert_eq!(ask("try again in a while"), None);
}

#[test]
fn retry_after_in_seconds_milliseconds_and_as_a_date() {
    let date = ("date", "Wed, 21 Oct 2015 07:28:00 GMT");
    let check = |headers: &[(&str, &str)], seconds: Option<f64>| {
        let expected = seconds.map(Duration::from_secs_f64);
        assert_eq!(retry_after(&header(headers)), expected, "{headers:?}");
    };
    check(&[("retry-after", "7")], Some(7.0));
    check(&[("retry-after", " 0.5 ")], Some(0.5));
    check(
        &[("retry-after-ms", "1500"), ("retry-after", "9")],
        Some(1.5),
    );
    check(
        &[date, ("retry-after", "Wed, 21 Oct 2015 07:28:30 GMT")],
        Some(30.0),
    );
    check(
        &[date, ("retry-after", "Wed, 21 Oct 2015 07:27:30 GMT")],
        Some(0.0),
    );
    check(&[("retry-after", "-3")], None);
    check(&[("retry-after", "never")], None);
    check(&[], None);
}

#[test]
fn allowances_from_headers() {
    let headers = [
        ("x-ratelimit-limit-requests", "200"),
        ("x-ratelimit-remaining-requests", "150"),
        ("x-ratelimit-reset-requests", "6m0s"),
        ("x-ratelimit-limit-tokens", "0"),
        ("x-ratelimit-remaining-tokens", "nonsense"),
    ];
    let window = RateLimitWindow {
        name: "requests".to_owned(),
        used_percent: 25.0,
        resets_in_seconds: Some(360),
    };
    assert_eq!(
        openai_rate_limits(&header(&headers)),
        Some(RateLimits {
            windows: vec![window]
        })
    );
    assert_eq!(openai_rate_limits(&header(&[])), None);
}

#[test]
fn anthropic_says_until_when() {
    use crate::{Wire, wire};
    let headers = [
        ("date", "Wed, 21 Oct 2015 07:28:00 GMT"),
        ("anthropic-ratelimit-tokens-limit", "1000"),
        ("anthropic-ratelimit-tokens-remaining", "900"),
        ("anthropic-ratelimit-tokens-reset", "2015-10-21T07:29:05Z"),
    ];
    let window = RateLimitWindow {
        name: "tokens".to_owned(),
        used_percent: 10.0,
        resets_in_seconds: Some(65),
    };
    assert_eq!(
        wire::codec(Wire::Messages)
            .unwrap()
            .rate_limits(&header(&headers)),
        Some(RateLimits {
            windows: vec![window]
        })
    );
}
