//! Failures of the network in words that say what to do: is the service down, the name wrong, the certificate unknown?

use std::error::Error;
use std::io;
use std::time::Duration;

use url::Url;

use crate::client::is_loopback;
use crate::{FailureKind, ModelError};

/// A failure before an answer began, while talking to the service called `name` at `url`.
pub(crate) fn unanswered(name: &str, url: &Url, error: &reqwest::Error) -> ModelError {
    let place = origin(url);
    if error.is_builder() {
        return invalid(format!(
            "The request to {place} cannot be made: {}.",
            cause(error)
        ));
    }
    if let Some(reason) = certificate_problem(error) {
        return invalid(format!(
            "{place} shows a certificate that is not trusted ({reason}). If your network inspects traffic, name its CA's \
             PEM file in `ca_file`."
        ));
    }
    if !error.is_connect() {
        return interrupted(format!(
            "The connection to {place} broke before an answer came: {}.",
            cause(error)
        ));
    }
    if is_loopback(url) {
        return not_running(format!(
            "{name} does not answer at {place} ({}): is {name} running?",
            cause(error)
        ));
    }
    offline(if error.is_dns() {
        format!(
            "{} cannot be found: is this machine online, and is the name right?",
            host(url)
        )
    } else if error.is_timeout() {
        format!("{place} cannot be reached: no connection in time. Is this machine online?")
    } else {
        format!(
            "{place} cannot be reached ({}). Is this machine online, and is a proxy needed?",
            cause(error)
        )
    })
}

/// A failure after an answer began.
pub(crate) fn broken(url: &Url, error: &(dyn Error + 'static)) -> ModelError {
    interrupted(format!(
        "The answer of {} broke off: {}.",
        origin(url),
        cause(error)
    ))
}

/// Nothing came for too long.
pub(crate) fn silent(url: &Url, limit: Duration) -> ModelError {
    interrupted(format!(
        "{} sent nothing for {} s.",
        origin(url),
        limit.as_secs_f64()
    ))
}

pub(crate) fn invalid(message: String) -> ModelError {
    failure(FailureKind::InvalidRequest, message)
}

pub(crate) fn interrupted(message: String) -> ModelError {
    failure(FailureKind::Interrupted, message)
}

fn not_running(message: String) -> ModelError {
    failure(FailureKind::NotRunning, message)
}

fn offline(message: String) -> ModelError {
    failure(FailureKind::Offline, message)
}

fn failure(kind: FailureKind, message: String) -> ModelError {
    ModelError {
        kind,
        message,
        retry_after: None,
        attempts: 1,
    }
}

/// Scheme, host and port: the part of a URL that holds no secret.
pub(crate) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// A URL without its query, which may hold a key.
pub(crate) fn place(url: &Url) -> String {
    format!("{}{}", origin(url), url.path())
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or("the host")
}

/// The innermost reason, which is the telling one; the outer ones only say which library noticed it.
pub(crate) fn cause(error: &(dyn Error + 'static)) -> String {
    let innermost = chain(error).last().unwrap_or(error);
    match innermost.downcast_ref::<io::Error>().map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => "connection refused".into(),
        Some(io::ErrorKind::ConnectionReset) => "connection reset".into(),
        Some(io::ErrorKind::UnexpectedEof) => "connection closed".into(),
        Some(io::ErrorKind::NetworkUnreachable) => "network unreachable".into(),
        Some(io::ErrorKind::HostUnreachable) => "host unreachable".into(),
        _ => innermost.to_string().trim_end_matches('.').to_owned(),
    }
}

/// What is wrong with the service's certificate, if that is why it failed.
fn certificate_problem(error: &(dyn Error + 'static)) -> Option<String> {
    chain(error).find_map(|error| match error.downcast_ref()? {
        rustls::Error::InvalidCertificate(problem) => Some(problem.to_string()),
        _ => None,
    })
}

/// `error` and what caused it, the innermost last.
fn chain<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> + use<'a> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| {
        let error: &'a (dyn Error + 'static) = *error;
        // An IO error passes over the error inside it and names only that one's source.
        let inside = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        match inside {
            Some(inside) => Some(inside as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}
