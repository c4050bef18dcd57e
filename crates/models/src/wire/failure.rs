//! What went wrong, from a service's error in any of the shapes that services use.
//!
//! Services agree on neither codes nor words, so the codes that mean something are looked at first, then the words,
//! then the HTTP status.

use std::time::Duration;

use serde_json::Value;

use super::{HeaderLookup, headers, json};
use crate::{FailureKind, ModelError};

/// The longest text of a service that a message repeats, in characters.
const LONGEST_QUOTE: usize = 1000;

/// The failure that an answer other than 2xx tells of.
pub(super) fn from_answer(status: u16, header: HeaderLookup<'_>, body: &str) -> ModelError {
    let mut report = match serde_json::from_str::<Value>(body) {
        Ok(value) => Report::of(&value),
        Err(_) => Report {
            message: readable(body),
            ..Report::default()
        },
    };
    report.status = Some(status);
    report.retry_after = headers::retry_after(header).or(report.retry_after);
    report.into_error()
}

/// The failure that an event inside an answer tells of.
pub(super) fn from_report(report: &Value) -> ModelError {
    Report::of(report).into_error()
}

/// `text` cut to so many characters, with a sign that it was.
pub(super) fn shortened(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text.to_owned(),
    }
}

#[derive(Debug, Default)]
struct Report {
    status: Option<u16>,
    codes: Vec<String>,
    message: String,
    retry_after: Option<Duration>,
}

impl Report {
    /// Reads OpenAI's, Anthropic's, Ollama's, Gemini's, FastAPI's and similar shapes.
    fn of(value: &Value) -> Self {
        let value = value
            .as_array()
            .and_then(|values| values.first())
            .unwrap_or(value);
        let inner = [&value["error"], &value["response"]["error"]];
        let error = inner
            .into_iter()
            .find(|error| !error.is_null())
            .unwrap_or(value);
        let message = message(error)
            .or_else(|| message(value))
            .unwrap_or_default();
        Self {
            status: [
                &value["status"],
                &value["status_code"],
                &error["code"],
                &error["status"],
            ]
            .into_iter()
            .find_map(status),
            codes: codes(error),
            retry_after: retry_delay(error).or_else(|| headers::asked_to_wait(&message)),
            message,
        }
    }

    fn into_error(self) -> ModelError {
        let kind = self.kind();
        let status = self
            .status
            .map(|status| format!(" (HTTP {status})"))
            .unwrap_or_default();
        let says = match self.message.trim() {
            "" => "It gives no reason.".to_owned(),
            message => format!("It says: {}", shortened(message, LONGEST_QUOTE)),
        };
        ModelError {
            kind,
            message: format!("{}{status}. {says}", advice(kind)),
            retry_after: self.retry_after,
            attempts: 1,
        }
    }

    fn kind(&self) -> FailureKind {
        let by_code = self.codes.iter().find_map(|code| kind_of_code(code));
        let words = kind_of_words(&self.message.to_lowercase());
        match (by_code, words) {
            // Wider codes are made precise by the words that come with them.
            (Some(FailureKind::InvalidRequest) | None, Some(kind)) => kind,
            // A quota for a minute is a rate limit; services say so by telling how long to wait.
            (Some(FailureKind::RateLimited), Some(FailureKind::QuotaExceeded))
                if self.retry_after.is_none() =>
            {
                FailureKind::QuotaExceeded
            }
            (Some(FailureKind::RateLimited), Some(FailureKind::ContextTooLong)) => {
                FailureKind::ContextTooLong
            }
            (Some(kind), _) => kind,
            (None, None) => self.status.map_or(FailureKind::Service, kind_of_status),
        }
    }
}

fn kind_of_code(code: &str) -> Option<FailureKind> {
    Some(match code.to_ascii_lowercase().as_str() {
        "context_length_exceeded"
        | "context_window_exceeded"
        | "exceed_context_size_error"
        | "request_too_large" => FailureKind::ContextTooLong,
        "rate_limit_exceeded"
        | "rate_limit_error"
        | "rate_limited"
        | "too_many_requests"
        | "resource_exhausted"
        | "1302" => FailureKind::RateLimited,
        "insufficient_quota"
        | "quota_exceeded"
        | "billing_error"
        | "billing_hard_limit_reached"
        | "insufficient_balance"
        | "insufficient_credits"
        | "payment_required"
        | "usage_limit_reached"
        | "usage_not_included" => FailureKind::QuotaExceeded,
        "server_is_overloaded"
        | "overloaded_error"
        | "overloaded"
        | "engine_overloaded"
        | "engine_overloaded_error"
        | "slow_down"
        | "unavailable" => FailureKind::Overloaded,
        "server_error"
        | "api_error"
        | "internal_error"
        | "internal_server_error"
        | "internal"
        | "timeout_error"
        | "processing_error" => FailureKind::Service,
        "invalid_api_key"
        | "authentication_error"
        | "permission_error"
        | "permission_denied"
        | "unauthenticated"
        | "unauthorized"
        | "incorrect_api_key" => FailureKind::Unauthorized,
        "model_not_found" | "model_not_available" | "unknown_model" => FailureKind::UnknownModel,
        "content_policy_violation"
        | "content_filter"
        | "cyber_policy"
        | "policy_violation"
        | "responsibleaipolicyviolation" => FailureKind::Policy,
        "invalid_request_error"
        | "invalid_request"
        | "invalid_prompt"
        | "not_found_error"
        | "invalid_argument"
        | "bad_request" => FailureKind::InvalidRequest,
        _ => return None,
    })
}

/// What the words of a message mean, in lower case: the first phrase that it holds.
fn kind_of_words(message: &str) -> Option<FailureKind> {
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| message.contains(phrase));
    if says(&["model"]) && (message.starts_with("model:") || says(MISSING)) {
        return Some(FailureKind::UnknownModel);
    }
    if says(&["api key", "api_key", "x-api-key"]) && says(WRONG) {
        return Some(FailureKind::Unauthorized);
    }
    let found = PHRASES.iter().find(|(_, phrases)| says(phrases));
    found.map(|(kind, _)| *kind)
}

/// Said of a model that there is not.
const MISSING: &[&str] = &[
    "not found",
    "does not exist",
    "is not available",
    "unknown model",
    "no such model",
];

/// Said of a key.
const WRONG: &[&str] = &[
    "invalid",
    "incorrect",
    "missing",
    "no api key",
    "not provided",
    "not valid",
];

/// Phrases that services are known to use.
const PHRASES: &[(FailureKind, &[&str])] = &[
    (
        FailureKind::ContextTooLong,
        &[
            "maximum context length",
            "context length exceeded",
            "exceeds the context",
            "exceed the context",
            "exceeds the available context",
            "exceeds context length",
            "context window",
            "context size",
            "maximum prompt length",
            "prompt is too long",
            "input is too long",
            "input length exceeds",
            "too many input tokens",
            "exceeds the maximum number of tokens",
            "reduce the length of the",
            "range of input length",
            // LM Studio, whose models are loaded with less of a window than they could have.
            "greater than the context length",
            "cannot truncate prompt with n_keep",
            "context length of only",
        ],
    ),
    (
        FailureKind::QuotaExceeded,
        &[
            "credit balance",
            "exceeded your current quota",
            "insufficient balance",
            "insufficient credits",
            "out of credits",
        ],
    ),
    (
        FailureKind::Policy,
        &[
            "usage policy",
            "usage policies",
            "content policy",
            "content management policy",
            "was flagged",
        ],
    ),
    (
        FailureKind::RateLimited,
        &["rate limit", "too many requests"],
    ),
    (
        FailureKind::Overloaded,
        &["overloaded", "at capacity", "server busy"],
    ),
];

fn kind_of_status(status: u16) -> FailureKind {
    match status {
        401 | 403 => FailureKind::Unauthorized,
        402 => FailureKind::QuotaExceeded,
        408 | 409 | 425 => FailureKind::Service,
        413 => FailureKind::ContextTooLong,
        429 => FailureKind::RateLimited,
        503 | 529 => FailureKind::Overloaded,
        500.. => FailureKind::Service,
        _ => FailureKind::InvalidRequest,
    }
}

/// What happened and what to do about it; the beginning of a sentence that a period ends.
fn advice(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Offline => "The service cannot be reached",
        FailureKind::NotRunning => "The server on this machine does not run",
        FailureKind::Interrupted => "The answer was interrupted",
        FailureKind::Service => "The service had an error of its own; it may pass",
        FailureKind::RateLimited => "The service takes no more requests for now",
        FailureKind::Overloaded => "The service is overloaded; try again later",
        FailureKind::Unauthorized => {
            "The service refuses the key; check it and what it may be used for"
        }
        FailureKind::QuotaExceeded => {
            "The account's quota or credit is used up; raise it or choose another provider"
        }
        FailureKind::ContextTooLong => "The conversation is longer than the model can read",
        FailureKind::InvalidRequest => {
            "The service refuses the request; check the base URL and the model's settings"
        }
        FailureKind::UnknownModel => {
            "The service does not have this model, or not for this account; `ropewalk models` lists what there is"
        }
        FailureKind::Policy => "The service refuses this by its policy",
        FailureKind::Cancelled => "The request was cancelled",
    }
}

fn message(error: &Value) -> Option<String> {
    if let Some(text) = error.as_str() {
        return Some(text.to_owned());
    }
    let value = ["message", "detail", "error_description", "error"]
        .iter()
        .map(|key| &error[*key])
        .find(|value| !value.is_null() && **value != "")?;
    // OpenRouter puts what the service behind it said into the metadata.
    let behind = json::text(&error["metadata"], "raw").map(|raw| format!(" {raw}"));
    Some(json::argument_text(value) + &behind.unwrap_or_default())
}

fn codes(error: &Value) -> Vec<String> {
    ["code", "type", "status"]
        .iter()
        .filter_map(|key| json::text(error, key))
        .map(str::to_owned)
        .collect()
}

fn status(value: &Value) -> Option<u16> {
    let number = value
        .as_u64()
        .or_else(|| value.as_str().and_then(|text| text.parse().ok()))?;
    u16::try_from(number)
        .ok()
        .filter(|status| (400..600).contains(status))
}

/// Google's `RetryInfo`.
fn retry_delay(error: &Value) -> Option<Duration> {
    json::list(error, "details")
        .iter()
        .find_map(|detail| headers::duration(json::text(detail, "retryDelay")?))
}

/// A body that is not JSON; of a page of HTML only its title.
fn readable(body: &str) -> String {
    let body = body.trim();
    if !body.starts_with('<') {
        return body.to_owned();
    }
    let title = body
        .split_once("<title>")
        .and_then(|(_, rest)| rest.split_once("</title>"));
    match title {
        Some((title, _)) => format!("(a web page) {}", title.trim()),
        None => "(a web page)".to_owned(),
    }
}

#[cfg(test)]
mod tests;
