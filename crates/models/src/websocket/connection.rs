//! Opening a socket: an HTTP request that asks for WebSocket.
//!
//! It goes through the same HTTP client as everything else, so that proxies, certificates and time limits hold.

use std::time::Duration;

use reqwest::header::{CONNECTION, HeaderMap, HeaderName, HeaderValue, UPGRADE};
use reqwest::{Method, Response, StatusCode, Upgraded};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use url::Url;

use crate::client::Upgrade;
use crate::endpoint::Remote;
use crate::http::refusal;
use crate::{FailureKind, ModelError, Purpose, network};

/// The longest time until the service agrees.
const UPGRADE_LIMIT: Duration = Duration::from_secs(15);
/// Larger events are refused, in bytes; pictures come as one event.
const MAX_MESSAGE_BYTES: usize = 64 * 1024 * 1024;

const SEC_WEBSOCKET_KEY: HeaderName = HeaderName::from_static("sec-websocket-key");
const SEC_WEBSOCKET_VERSION: HeaderName = HeaderName::from_static("sec-websocket-version");
const SEC_WEBSOCKET_ACCEPT: HeaderName = HeaderName::from_static("sec-websocket-accept");

/// An open socket.
pub(super) type Socket = WebSocketStream<Upgraded>;

/// Why there is no socket.
pub(super) enum NoSocket {
    /// The service answered, and does not want one. Says why.
    Refused(String),
    /// This attempt failed.
    Failed(ModelError),
}

/// Opens a socket to the service.
pub(super) async fn open(remote: &Remote) -> Result<Socket, NoSocket> {
    let url = remote.url(Purpose::Step);
    let connecting = connect(remote, &url);
    timeout(UPGRADE_LIMIT, connecting)
        .await
        .unwrap_or_else(|_| Err(NoSocket::Failed(network::silent(&url, UPGRADE_LIMIT))))
}

async fn connect(remote: &Remote, url: &Url) -> Result<Socket, NoSocket> {
    let client = remote
        .client(url, Upgrade::WebSocket)
        .map_err(NoSocket::Failed)?;
    let nonce = generate_key();
    let mut request = reqwest::Request::new(Method::GET, url.clone());
    *request.headers_mut() = headers(remote, &nonce);
    let response = client
        .execute(request)
        .await
        .map_err(|error| NoSocket::Failed(network::unanswered(&remote.name, url, &error)))?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(not_upgraded(remote, url, response).await);
    }
    let accept = response.headers().get(SEC_WEBSOCKET_ACCEPT);
    if accept.map(HeaderValue::as_bytes) != Some(derive_accept_key(nonce.as_bytes()).as_bytes()) {
        return Err(NoSocket::Refused("it does not speak WebSocket".into()));
    }
    let upgraded = response
        .upgrade()
        .await
        .map_err(|error| NoSocket::Failed(network::broken(url, &error)))?;
    let limits = WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE_BYTES))
        .max_frame_size(Some(MAX_MESSAGE_BYTES));
    Ok(WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(limits)).await)
}

fn headers(remote: &Remote, nonce: &str) -> HeaderMap {
    let mut headers = remote.headers.clone();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    let nonce = HeaderValue::from_str(nonce).expect("a nonce is base64");
    headers.insert(SEC_WEBSOCKET_KEY, nonce);
    headers
}

/// Refusals are for good, but for those that are about the moment.
async fn not_upgraded(remote: &Remote, url: &Url, response: Response) -> NoSocket {
    let status = response.status();
    let error = remote.scrubbed(refusal(remote, url, response).await);
    if error.kind == FailureKind::RateLimited || status.is_server_error() {
        return NoSocket::Failed(error);
    }
    NoSocket::Refused(format!("status {}", status.as_u16()))
}
