//! What an answer's headers and messages say of waiting and of allowances.

use std::time::Duration;

use jiff::Timestamp;

use super::HeaderLookup;
use crate::{RateLimitWindow, RateLimits};

/// How long the service asks to wait, by its headers.
///
/// `retry-after` is a number of seconds or a date (RFC 9110, 10.2.3); a date is compared with the answer's own `date`,
/// so that a wrong clock here does no harm.
pub(super) fn retry_after(header: HeaderLookup<'_>) -> Option<Duration> {
    let milliseconds = header("retry-after-ms").and_then(|text| seconds(&text));
    if let Some(duration) = milliseconds {
        return Some(duration / 1000);
    }
    let text = header("retry-after")?;
    seconds(&text).or_else(|| {
        let parser = jiff::fmt::rfc2822::DateTimeParser::new();
        let until = parser.parse_timestamp(text.trim()).ok()?;
        Some(distance(until, header))
    })
}

/// How long a message asks to wait, for example "Please try again in 1.2s".
pub(super) fn asked_to_wait(message: &str) -> Option<Duration> {
    let lower = message.to_ascii_lowercase();
    [
        "try again in ",
        "retry in ",
        "retry after ",
        "retry again in ",
    ]
    .iter()
    .filter_map(|words| lower.split_once(words))
    .find_map(|(_, rest)| duration(rest))
}

/// The duration that `text` begins with: `500ms`, `1.2s`, `6m0s`, `20 seconds`, and a plain number of seconds.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim_start();
    let mut total: Option<f64> = None;
    while let Some((number, after)) = leading_number(rest) {
        let (unit, after) = leading_word(after);
        let factor = match unit {
            "ms" | "millisecond" | "milliseconds" => 0.001,
            "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
            "h" | "hour" | "hours" => 3600.0,
            "d" | "day" | "days" => 86_400.0,
            _ if total.is_none() => 1.0,
            _ => break,
        };
        total = Some(total.unwrap_or(0.0) + number * factor);
        rest = after;
    }
    Duration::try_from_secs_f64(total?).ok()
}

/// The allowances whose headers are named `prefix` + what + `suffix`, for each of `names`.
///
/// `pattern` writes the header of a name and of one of `limit`, `remaining` and `reset`.
pub(super) fn rate_limits(
    names: &[&str],
    pattern: fn(name: &str, field: &str) -> String,
    header: HeaderLookup<'_>,
) -> Option<RateLimits> {
    let number = |name: &str, field: &str| -> Option<f64> {
        let text = header(&pattern(name, field))?;
        text.trim()
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
    };
    let window = |name: &&str| {
        let limit = number(name, "limit").filter(|limit| *limit > 0.0)?;
        let remaining = number(name, "remaining")?;
        Some(RateLimitWindow {
            name: (*name).to_owned(),
            used_percent: ((limit - remaining) / limit * 100.0).clamp(0.0, 100.0),
            resets_in_seconds: header(&pattern(name, "reset"))
                .and_then(|text| reset_in(&text, header))
                .map(|duration| duration.as_secs()),
        })
    };
    let windows: Vec<RateLimitWindow> = names.iter().filter_map(window).collect();
    (!windows.is_empty()).then_some(RateLimits { windows })
}

/// The allowances of OpenAI's two wires and their imitators.
pub(super) fn openai_rate_limits(header: HeaderLookup<'_>) -> Option<RateLimits> {
    let pattern = |name: &str, field: &str| format!("x-ratelimit-{field}-{name}");
    rate_limits(&["requests", "tokens"], pattern, header)
}

fn reset_in(text: &str, header: HeaderLookup<'_>) -> Option<Duration> {
    match text.trim().parse::<Timestamp>() {
        Ok(until) => header("date").map(|_| distance(until, header)),
        Err(_) => duration(text),
    }
}

/// From the answer's date to `until`; zero when that has passed or there is no date.
fn distance(until: Timestamp, header: HeaderLookup<'_>) -> Duration {
    let parser = jiff::fmt::rfc2822::DateTimeParser::new();
    let now = header("date").and_then(|date| parser.parse_timestamp(date.trim()).ok());
    let seconds = now.map_or(0, |now| until.as_second() - now.as_second());
    Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}

fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.trim().parse().ok()?).ok()
}

fn leading_number(text: &str) -> Option<(f64, &str)> {
    let end = text
        .find(|character: char| !character.is_ascii_digit() && character != '.')
        .unwrap_or(text.len());
    // A sentence may end right behind the number.
    let number = text[..end].trim_end_matches('.');
    Some((number.parse().ok()?, &text[end..]))
}

fn leading_word(text: &str) -> (&str, &str) {
    let text = text.strip_prefix(' ').unwrap_or(text);
    let end = text
        .find(|character: char| !character.is_ascii_alphabetic())
        .unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests;
