//! One JSON document for a question: detection of local servers, lists of models.

use std::sync::mpsc;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, Response};
use serde_json::Value;
use tokio::time::timeout;
use url::Url;

use super::attempt;
use crate::client::Upgrade;
use crate::endpoint::Remote;
use crate::scrub::Scrubber;
use crate::{Client, FailureKind, ModelError, network};

/// Larger documents are refused, in bytes.
const MAX_DOCUMENT_BYTES: usize = 16 * 1024 * 1024;

/// What to ask.
pub(crate) struct Question {
    name: String,
    url: Url,
    headers: HeaderMap,
    /// Sent with `POST` when there is one; else the question is a `GET`.
    body: Option<Value>,
}

impl Question {
    /// Without any header of a service.
    pub(crate) fn bare(url: Url, body: Option<Value>) -> Self {
        Self {
            name: network::origin(&url),
            url,
            headers: HeaderMap::new(),
            body,
        }
    }

    /// Below a service's base URL and with its headers.
    pub(crate) fn of(remote: &Remote, path: &str) -> Self {
        Self {
            name: remote.name.clone(),
            url: remote.below(path),
            headers: remote.headers.clone(),
            body: None,
        }
    }
}

/// Asks and waits for the answer.
pub(crate) fn ask(
    client: &Client,
    question: Question,
    scrubber: &Scrubber,
    limit: Duration,
) -> Result<Value, ModelError> {
    let connections = std::sync::Arc::clone(&client.connections);
    let (sender, receiver) = mpsc::channel();
    client.runtime.spawn(async move {
        let http = connections.client(&question.url, Upgrade::None);
        let answer = match http {
            Ok(http) => timeout(limit, fetch(http, &question))
                .await
                .unwrap_or_else(|_| Err(network::silent(&question.url, limit))),
            Err(error) => Err(network::invalid(error.to_string())),
        };
        // Nobody waits any more when the caller is gone.
        let _ = sender.send(answer);
    });
    let answer = receiver.recv().unwrap_or_else(|_| {
        Err(ModelError {
            kind: FailureKind::Cancelled,
            message: "The network client was ended.".into(),
            retry_after: None,
            attempts: 1,
        })
    });
    answer.map_err(|error| ModelError {
        message: scrubber.scrub(&error.message),
        ..error
    })
}

async fn fetch(http: reqwest::Client, question: &Question) -> Result<Value, ModelError> {
    let method = match question.body {
        Some(_) => Method::POST,
        None => Method::GET,
    };
    let mut request = reqwest::Request::new(method, question.url.clone());
    request.headers_mut().extend(question.headers.clone());
    if let Some(body) = &question.body {
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        *request.body_mut() = Some(body.to_string().into());
    }
    let mut response = http
        .execute(request)
        .await
        .map_err(|error| network::unanswered(&question.name, &question.url, &error))?;
    if !response.status().is_success() {
        return Err(refused(&question.url, response).await);
    }
    let mut document = Vec::new();
    while let Some(bytes) = response
        .chunk()
        .await
        .map_err(|error| network::broken(&question.url, &error))?
    {
        document.extend_from_slice(&bytes);
        if document.len() > MAX_DOCUMENT_BYTES {
            return Err(network::invalid(format!(
                "{} answers with too much.",
                network::place(&question.url)
            )));
        }
    }
    serde_json::from_slice(&document).map_err(|error| {
        network::invalid(format!(
            "{} does not answer with JSON: {error}.",
            network::place(&question.url)
        ))
    })
}

async fn refused(url: &Url, response: Response) -> ModelError {
    let status = response.status().as_u16();
    let kind = match status {
        401 | 403 => FailureKind::Unauthorized,
        429 => FailureKind::RateLimited,
        500.. => FailureKind::Service,
        _ => FailureKind::InvalidRequest,
    };
    let explanation = attempt::explanation(response).await;
    let words: String = explanation.chars().take(300).collect();
    ModelError {
        kind,
        message: format!(
            "{} answers with status {status}. {words}",
            network::place(url)
        )
        .trim_end()
        .to_owned(),
        retry_after: None,
        attempts: 1,
    }
}
