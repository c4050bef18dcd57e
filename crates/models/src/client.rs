//! The network client that all providers of a process share: its thread, its connection pools, its rules.
//!
//! Making one is cheap: certificates are read when the first connection needs them. Endpoints are made from it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::http::json;
use crate::retry::{Clock, RetryPolicy};
use crate::scrub::Scrubber;
use crate::{ModelError, network};

mod connections;
mod runtime;
mod tls;

pub(crate) use connections::{Connections, Upgrade, is_loopback};
pub(crate) use runtime::RuntimeThread;

/// The shared client. Clones share everything; the last one that goes, sessions included, ends the thread.
#[derive(Clone)]
pub struct Client {
    pub(crate) connections: Arc<Connections>,
    pub(crate) runtime: Arc<RuntimeThread>,
}

/// How the network is used.
#[derive(Clone)]
pub struct ClientOptions {
    /// The proxy for everything but the own machine (`http`, `https`, `socks5` or `socks5h` URL, user and password
    /// inside it); without one, what `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY` say. `NO_PROXY` makes exceptions.
    pub proxy: Option<String>,
    /// A file of PEM certificates that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// The longest time until a connection is there, TLS included.
    pub connect_timeout: Duration,
    /// The longest silence of a service that works on an answer.
    pub idle_timeout: Duration,
    /// How requests are repeated that got no answer.
    pub retry: RetryPolicy,
    /// Waits between attempts.
    pub clock: Arc<dyn Clock>,
}

/// Why no client or no connection can be made; worded for whoever configures it.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The extra certificates cannot be used.
    #[error(
        "the CA file {path} cannot be used: {reason}; `ca_file` must name a file of PEM certificates"
    )]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No certificate to check services by.
    #[error(
        "no certificates to check services by: {0}; install the system's CA certificates or set `ca_file`"
    )]
    Certificates(String),
    /// The proxy cannot be used. The message leaves its URL out, which may hold a password.
    #[error("`proxy` is not usable: {0}")]
    Proxy(String),
    /// The system refused what the client needs.
    #[error("the network client cannot start: {0}")]
    Start(#[from] std::io::Error),
    /// The HTTP library refused the options.
    #[error("the HTTP client cannot be made: {0}")]
    Build(String),
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            proxy: None,
            ca_file: None,
            connect_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_secs(300),
            retry: RetryPolicy::default(),
            clock: <dyn Clock>::system(),
        }
    }
}

impl Client {
    /// Starts the client's thread.
    ///
    /// # Errors
    /// When the CA file or the proxy cannot be used, or the system refuses a thread.
    pub fn new(options: ClientOptions) -> Result<Self, ClientError> {
        Ok(Self {
            connections: Arc::new(Connections::new(options)?),
            runtime: Arc::new(RuntimeThread::start()?),
        })
    }

    /// The JSON document at `url`, asked for without a key and once only. Blocks at most for `timeout`; not to be called
    /// from an event's receiver.
    ///
    /// # Errors
    /// When nobody answers in time, or not with 200 and JSON.
    pub fn get_json(&self, url: &str, timeout: Duration) -> Result<Value, ModelError> {
        self.ask_json(url, None, timeout)
    }

    /// The JSON document that answers `body` at `url`; otherwise as [`Client::get_json`].
    ///
    /// # Errors
    /// When nobody answers in time, or not with 200 and JSON.
    pub fn post_json(
        &self,
        url: &str,
        body: &Value,
        timeout: Duration,
    ) -> Result<Value, ModelError> {
        self.ask_json(url, Some(body.clone()), timeout)
    }

    fn ask_json(
        &self,
        url: &str,
        body: Option<Value>,
        timeout: Duration,
    ) -> Result<Value, ModelError> {
        let url = url::Url::parse(url)
            .map_err(|error| network::invalid(format!("`{url}` is not a URL: {error}.")))?;
        let question = json::Question::bare(url, body);
        json::ask(self, question, &Scrubber::default(), timeout)
    }
}
