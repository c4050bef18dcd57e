//! Asking for one JSON document: detection of local servers, lists of models.

use std::sync::mpsc;
use std::time::Duration;

use reqwest::header::HeaderMap;
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

/// What to ask for.
pub(crate) struct Get {
    name: String,
    url: Url,
    headers: HeaderMap,
}

impl Get {
    /// Without any header of a service.
    pub(crate) fn bare(url: Url) -> Self {
        Self {
            name: network::origin(&url),
            url,
            headers: HeaderMap::new(),
        }
    }

    /// Below a service's base URL and with its headers.
    pub(crate) fn of(remote: &Remote, path: &str) -> Self {
        Self {
            name: remote.name.clone(),
            url: remote.below(path),
            headers: remote.headers.clone(),
        }
    }
}

/// Asks and waits for the answer.
pub(crate) fn get(
    client: &Client,
    get: Get,
    scrubber: &Scrubber,
    limit: Duration,
) -> Result<Value, ModelError> {
    let connections = std::sync::Arc::clone(&client.connections);
    let (sender, receiver) = mpsc::channel();
    client.runtime.spawn(async move {
        let http = connections.client(&get.url, Upgrade::None);
        let answer = match http {
            Ok(http) => timeout(limit, fetch(http, &get))
                .await
                .unwrap_or_else(|_| Err(network::silent(&get.url, limit))),
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
        })
    });
    answer.map_err(|error| ModelError {
        message: scrubber.scrub(&error.message),
        ..error
    })
}

async fn fetch(http: reqwest::Client, get: &Get) -> Result<Value, ModelError> {
    let mut request = reqwest::Request::new(Method::GET, get.url.clone());
    request.headers_mut().extend(get.headers.clone());
    let mut response = http
        .execute(request)
        .await
        .map_err(|error| network::unanswered(&get.name, &get.url, &error))?;
    if !response.status().is_success() {
        return Err(refused(&get.url, response).await);
    }
    let mut document = Vec::new();
    while let Some(bytes) = response
        .chunk()
        .await
        .map_err(|error| network::broken(&get.url, &error))?
    {
        document.extend_from_slice(&bytes);
        if document.len() > MAX_DOCUMENT_BYTES {
            return Err(network::invalid(format!(
                "{} answers with too much.",
                get.url
            )));
        }
    }
    serde_json::from_slice(&document).map_err(|error| {
        network::invalid(format!("{} does not answer with JSON: {error}.", get.url))
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
        message: format!("{url} answers with status {status}. {words}")
            .trim_end()
            .to_owned(),
        retry_after: None,
    }
}
