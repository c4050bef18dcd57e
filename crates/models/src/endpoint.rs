//! A provider that is reached over the network: one service, its wire, its key, its transport.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::client::{Connections, RuntimeThread, Upgrade};
use crate::http::HttpSession;
use crate::http::json;
use crate::scrub::Scrubber;
use crate::websocket::WebSocketSession;
use crate::wire::{Codec, codec};
use crate::{Client, Key, ModelError, ModelFacts, ModelSession, Provider, Purpose, Wire, network};

/// The version of Anthropic's Messages that our wire speaks.
const ANTHROPIC_VERSION: &str = "2023-06-01";

/// A service on the network.
pub struct Endpoint {
    client: Client,
    remote: Arc<Remote>,
}

/// What is needed to reach a service.
#[derive(Clone)]
pub struct EndpointOptions {
    /// How the user names it.
    pub name: String,
    /// For example `https://api.openai.com/v1`; paths are added to it, a query is kept.
    pub base_url: String,
    /// The dialect it speaks.
    pub wire: Wire,
    /// How its wire travels.
    pub transport: Transport,
    /// Headers to send besides the wire's own, and instead of them where the names are the same.
    pub headers: Vec<(String, String)>,
    /// The key, if the service wants one.
    pub key: Option<Key>,
    /// What is known of its models.
    pub facts: FactsLookup,
}

/// Says what is known of a model, by its name.
pub type FactsLookup = Arc<dyn Fn(&str) -> ModelFacts + Send + Sync>;

/// How a wire travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// One HTTP request an answer.
    #[default]
    Http,
    /// One socket a session; [`Wire::Responses`] only. Falls back to HTTP where it does not work.
    WebSocket,
}

/// Why a service cannot be configured like this. Names the service, never the key.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// The URL cannot be used.
    #[error("provider `{name}`: base_url `{url}` cannot be used: {reason}")]
    BaseUrl {
        /// The service.
        name: String,
        /// As configured.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A header, or the key as one, has characters that no header may have.
    #[error(
        "provider `{name}`: the header `{header}` cannot be sent: it has characters that no header may have"
    )]
    Header {
        /// The service.
        name: String,
        /// The header's name.
        header: String,
    },
    /// The wire does not travel like this.
    #[error("provider `{name}`: {reason}")]
    Wire {
        /// The service.
        name: String,
        /// What does not go together.
        reason: &'static str,
    },
}

/// What a session needs of its endpoint.
pub(crate) struct Remote {
    pub(crate) name: String,
    pub(crate) codec: &'static dyn Codec,
    pub(crate) headers: HeaderMap,
    pub(crate) scrubber: Scrubber,
    pub(crate) facts: FactsLookup,
    pub(crate) connections: Arc<Connections>,
    base_url: Url,
    transport: Transport,
    never_ends: AtomicBool,
}

/// How a stream ended whose answer was complete.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum StreamEnd {
    /// By itself, soon.
    InTime,
    /// It did not; its connection was given up.
    GivenUp,
}

impl Endpoint {
    /// A service that is reached through `client`. Nothing is sent yet.
    ///
    /// # Errors
    /// When the options do not fit together; see [`EndpointError`].
    pub fn new(client: &Client, options: EndpointOptions) -> Result<Self, EndpointError> {
        let wire_error = |reason| EndpointError::Wire {
            name: options.name.clone(),
            reason,
        };
        let codec = codec(options.wire)
            .ok_or_else(|| wire_error("the embedded provider needs no network"))?;
        if options.transport == Transport::WebSocket && options.wire != Wire::Responses {
            return Err(wire_error(
                "only the wire `responses` travels over WebSocket",
            ));
        }
        Ok(Self {
            client: client.clone(),
            remote: Arc::new(Remote {
                base_url: base_url(&options)?,
                headers: headers(&options)?,
                scrubber: scrubber(&options),
                codec,
                name: options.name,
                facts: options.facts,
                transport: options.transport,
                never_ends: AtomicBool::new(false),
                connections: Arc::clone(&client.connections),
            }),
        })
    }

    /// The JSON document at `path` below the base URL, for example `/models`, asked for with the key and once only.
    /// Blocks at most for `timeout`; not to be called from an event's receiver.
    ///
    /// # Errors
    /// When nobody answers in time, or not with 200 and JSON.
    pub fn get_json(
        &self,
        path: &str,
        timeout: std::time::Duration,
    ) -> Result<serde_json::Value, ModelError> {
        let question = json::Question::of(&self.remote, path);
        json::ask(&self.client, question, &self.remote.scrubber, timeout)
    }
}

impl Provider for Endpoint {
    fn name(&self) -> &str {
        &self.remote.name
    }

    fn facts(&self, model: &str) -> ModelFacts {
        (self.remote.facts)(model)
    }

    fn open(&self) -> Box<dyn ModelSession> {
        let remote = Arc::clone(&self.remote);
        let runtime: Arc<RuntimeThread> = Arc::clone(&self.client.runtime);
        match self.remote.transport {
            Transport::Http => Box::new(HttpSession::new(remote, runtime)),
            Transport::WebSocket => Box::new(WebSocketSession::new(remote, runtime)),
        }
    }
}

impl Remote {
    /// Where requests of `purpose` go.
    pub(crate) fn url(&self, purpose: Purpose) -> Url {
        self.below(self.codec.path(purpose))
    }

    /// The base URL with `path` added, its query kept.
    pub(crate) fn below(&self, path: &str) -> Url {
        let mut url = self.base_url.clone();
        url.set_path(&format!(
            "{}{path}",
            self.base_url.path().trim_end_matches('/')
        ));
        url
    }

    /// Whether the service ends its streams soon after the answer, so that waiting for a connection pays.
    pub(crate) fn streams_end(&self) -> bool {
        !self.never_ends.load(Ordering::Relaxed)
    }

    /// Remembers whether a stream ended in time.
    pub(crate) fn note_stream_end(&self, in_time: StreamEnd) {
        self.never_ends
            .store(in_time == StreamEnd::GivenUp, Ordering::Relaxed);
    }

    /// `error` without secrets.
    pub(crate) fn scrubbed(&self, error: ModelError) -> ModelError {
        ModelError {
            message: self.scrubber.scrub(&error.message),
            ..error
        }
    }

    /// The HTTP client for `url`.
    pub(crate) fn client(
        &self,
        url: &Url,
        upgrade: Upgrade,
    ) -> Result<reqwest::Client, ModelError> {
        self.connections
            .client(url, upgrade)
            .map_err(|error| network::invalid(format!("{}: {error}.", self.name)))
    }
}

fn base_url(options: &EndpointOptions) -> Result<Url, EndpointError> {
    let refused = |url: &str, reason: &str| EndpointError::BaseUrl {
        name: options.name.clone(),
        url: url.into(),
        reason: reason.into(),
    };
    let url = Url::parse(&options.base_url)
        .map_err(|error| refused(&options.base_url, &error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused(
            &options.base_url,
            "it must begin with http:// or https://",
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let shown = network::origin(&url);
        return Err(refused(
            &shown,
            "it must hold no user or password; use a key or a header",
        ));
    }
    Ok(url)
}

/// The wire's headers, the key's, then the user's over both. All are marked so that no library logs them.
fn headers(options: &EndpointOptions) -> Result<HeaderMap, EndpointError> {
    let mut headers = HeaderMap::new();
    let mut insert = |name: &str, value: &str| {
        let refused = || EndpointError::Header {
            name: options.name.clone(),
            header: name.into(),
        };
        let header = HeaderName::try_from(name).map_err(|_| refused())?;
        let mut value = HeaderValue::try_from(value).map_err(|_| refused())?;
        value.set_sensitive(true);
        headers.insert(header, value);
        Ok(())
    };
    if options.wire == Wire::Messages {
        insert("anthropic-version", ANTHROPIC_VERSION)?;
    }
    if let Some(key) = &options.key {
        match options.wire {
            Wire::Messages => insert("x-api-key", key.reveal())?,
            _ => insert("authorization", &format!("Bearer {}", key.reveal()))?,
        }
    }
    for (name, value) in &options.headers {
        insert(name, value)?;
    }
    Ok(headers)
}

fn scrubber(options: &EndpointOptions) -> Scrubber {
    let key = options.key.iter().map(Key::reveal);
    let headers = options.headers.iter().filter(|(name, _)| is_secret(name));
    // `Bearer SECRET` is echoed without its first word.
    let values = headers.filter_map(|(_, value)| value.split_whitespace().last());
    Scrubber::new(key.chain(values))
}

/// Headers whose values are kept out of every message.
fn is_secret(header: &str) -> bool {
    let header = header.to_ascii_lowercase();
    ["auth", "key", "token", "secret", "cookie"]
        .iter()
        .any(|part| header.contains(part))
}
