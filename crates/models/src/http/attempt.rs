//! Getting an answer to begin: sending a request, again where that helps, until a service answers with success.

use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Response, StatusCode};
use tokio::time::timeout;
use url::Url;

use super::exchange::settle;
use crate::delivery::Delivery;
use crate::endpoint::Remote;
use crate::retry::{Attempt, Repeat};
use crate::{FailureKind, ModelError, ModelEvent, network};

/// Longer explanations of a failure are cut.
const MAX_EXPLANATION_BYTES: usize = 64 * 1024;

/// Sends `request` until it is answered with success, as often as the policy allows; tells of each repetition.
///
/// # Errors
/// The last attempt's.
pub(super) async fn open(
    remote: &Remote,
    client: &reqwest::Client,
    request: &reqwest::Request,
    delivery: &mut Delivery,
) -> Result<Response, ModelError> {
    let options = &remote.connections.options;
    let mut number = 1;
    loop {
        let (error, repeat) = match once(remote, client, request).await {
            Ok(response) => return Ok(response),
            Err(failed) => failed,
        };
        let error = remote.scrubbed(error);
        tracing::debug!(service = %remote.name, number, %error, "attempt failed");
        let reason = error.message.clone();
        let delay = options.retry.delay(Attempt {
            number,
            error,
            repeat,
        })?;
        number += 1;
        let attempts = options.retry.attempts();
        delivery.send(ModelEvent::Notice(format!(
            "Reconnecting {number}/{attempts} … {reason}"
        )));
        options.clock.wait(delay).await;
    }
}

async fn once(
    remote: &Remote,
    client: &reqwest::Client,
    request: &reqwest::Request,
) -> Result<Response, (ModelError, Repeat)> {
    let url = request.url();
    let request = request
        .try_clone()
        .expect("a body that is held in memory can be cloned");
    let idle = remote.connections.options.idle_timeout;
    let response = match timeout(idle, client.execute(request)).await {
        // Waiting just as long again would hide the trouble.
        Err(_) => return Err((network::silent(url, idle), Repeat::Never)),
        Ok(Err(error)) => {
            let error = network::unanswered(&remote.name, url, &error);
            return Err((error, Repeat::IfTransient));
        }
        Ok(Ok(response)) => response,
    };
    if response.status().is_success() {
        return match is_web_page(response.headers()) {
            true => Err((web_page(url), Repeat::Never)),
            false => Ok(response),
        };
    }
    let repeat = match header(response.headers(), "x-should-retry").as_deref() {
        Some("false") => Repeat::Never,
        _ => Repeat::IfTransient,
    };
    Err((refusal(remote, url, response).await, repeat))
}

/// What an answer other than 2xx means.
pub(crate) async fn refusal(remote: &Remote, url: &Url, response: Response) -> ModelError {
    let status = response.status();
    if status.is_redirection() {
        return redirected(url, response.headers());
    }
    let headers = response.headers().clone();
    let idle = remote.connections.options.idle_timeout;
    let body = timeout(idle, explanation(response))
        .await
        .unwrap_or_default();
    let mut error = remote
        .codec
        .failure(status.as_u16(), &|name| header(&headers, name), &body);
    if status == StatusCode::NOT_FOUND && error.kind == FailureKind::InvalidRequest {
        error.message = format!(
            "{} (asked at {}: is base_url right?)",
            error.message,
            network::place(url)
        );
    }
    error
}

/// The body of a failure as text, cut where it becomes absurd.
pub(super) async fn explanation(mut response: Response) -> String {
    let mut body = Vec::new();
    while body.len() < MAX_EXPLANATION_BYTES {
        match response.chunk().await {
            Ok(Some(bytes)) => body.extend_from_slice(&bytes),
            Ok(None) | Err(_) => break,
        }
    }
    drop(response);
    settle().await;
    body.truncate(MAX_EXPLANATION_BYTES);
    String::from_utf8_lossy(&body).into_owned()
}

/// A header's value as text, by its lower-case name.
pub(super) fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?;
    value.to_str().ok().map(str::to_owned)
}

fn is_web_page(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).map(|value| value.as_bytes());
    content_type.is_some_and(|value| value.starts_with(b"text/html"))
}

fn web_page(url: &Url) -> ModelError {
    network::invalid(format!(
        "{} answered with a web page, not as a model service: is base_url right, or does a network want a login first?",
        network::origin(url)
    ))
}

fn redirected(url: &Url, headers: &HeaderMap) -> ModelError {
    let target = header(headers, LOCATION.as_str())
        .and_then(|location| url.join(&location).ok())
        .map_or_else(|| "elsewhere".into(), |target| network::origin(&target));
    network::invalid(format!(
        "{} redirects to {target}. Redirects are not followed, because the key would go along: if that is right, set \
         base_url to it.",
        network::origin(url)
    ))
}
