//! The HTTP clients, each made when its kind of connection is first needed, and kept for its pool.
//!
//! Services on the own machine are reached directly whatever proxy is set, and over plain HTTP without reading any
//! certificate. Sockets that become WebSockets need HTTP/1.1, which is agreed upon inside TLS, so they have clients of
//! their own.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::{NoProxy, Proxy, redirect};
use rustls::ClientConfig;
use url::{Host, Url};

use super::{ClientError, ClientOptions, tls};

/// Idle connections are kept this long: a turn's commands may run for minutes between two requests.
const POOL_IDLE: Duration = Duration::from_secs(600);

/// What a connection is for; decides the kind of client.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Upgrade {
    /// It stays HTTP.
    None,
    /// It becomes a WebSocket.
    WebSocket,
}

/// Makes and keeps the HTTP clients.
pub(crate) struct Connections {
    pub(crate) options: ClientOptions,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    tls: Option<ClientConfig>,
    clients: HashMap<Kind, reqwest::Client>,
}

/// Two URLs of the same kind share a client.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Kind {
    place: Place,
    security: Security,
    upgrade: Upgrade,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    Loopback,
    Elsewhere,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Security {
    /// No TLS anywhere on the way.
    Plain,
    /// TLS, to the service or to a proxy.
    Tls,
}

impl Connections {
    /// Nothing is made yet, but for the checks of `options`.
    pub(crate) fn new(options: ClientOptions) -> Result<Self, ClientError> {
        if let Some(proxy) = &options.proxy {
            parse_proxy(proxy)?;
        }
        if let Some(ca_file) = &options.ca_file {
            tls::read_certificates(ca_file)?;
        }
        Ok(Self {
            options,
            state: Mutex::default(),
        })
    }

    /// The client for requests to `url`.
    pub(crate) fn client(
        &self,
        url: &Url,
        upgrade: Upgrade,
    ) -> Result<reqwest::Client, ClientError> {
        let kind = Kind::of(url, upgrade);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = state.clients.get(&kind) {
            return Ok(client.clone());
        }
        let client = self.build(kind, &mut state)?;
        state.clients.insert(kind, client.clone());
        Ok(client)
    }

    fn build(&self, kind: Kind, state: &mut State) -> Result<reqwest::Client, ClientError> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("ropewalk/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(self.options.connect_timeout)
            .pool_idle_timeout(POOL_IDLE)
            .tcp_nodelay(true)
            .referer(false)
            // A redirected request would take the key along to wherever it is sent.
            .redirect(redirect::Policy::none());
        builder = match (kind.place, &self.options.proxy) {
            (Place::Loopback, _) => builder.no_proxy(),
            (Place::Elsewhere, Some(proxy)) => builder.proxy(parse_proxy(proxy)?),
            (Place::Elsewhere, None) => builder,
        };
        let mut tls = match kind.security {
            Security::Plain => tls::unused()?,
            Security::Tls => self.trusting(state)?,
        };
        builder = match kind.upgrade {
            Upgrade::None => {
                tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
                builder
            }
            Upgrade::WebSocket => {
                tls.alpn_protocols = vec![b"http/1.1".to_vec()];
                builder.http1_only()
            }
        };
        builder
            .tls_backend_preconfigured(tls)
            .build()
            .map_err(|error| ClientError::Build(error.without_url().to_string()))
    }

    /// Read once, shared by all kinds: its store of resumable sessions as well.
    fn trusting(&self, state: &mut State) -> Result<ClientConfig, ClientError> {
        if let Some(tls) = &state.tls {
            return Ok(tls.clone());
        }
        let tls = tls::trusting(self.options.ca_file.as_deref())?;
        state.tls = Some(tls.clone());
        Ok(tls)
    }
}

impl Kind {
    fn of(url: &Url, upgrade: Upgrade) -> Self {
        let place = if is_loopback(url) {
            Place::Loopback
        } else {
            Place::Elsewhere
        };
        // A proxy elsewhere may be reached over TLS even when the service is not.
        let security = match (place, url.scheme()) {
            (Place::Loopback, "http") => Security::Plain,
            _ => Security::Tls,
        };
        Self {
            place,
            security,
            upgrade,
        }
    }
}

/// Whether `url` names the own machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// The message leaves the URL out: it may hold a password.
fn parse_proxy(proxy: &str) -> Result<Proxy, ClientError> {
    let parsed = Url::parse(proxy).map_err(|error| ClientError::Proxy(error.to_string()))?;
    if !matches!(
        parsed.scheme(),
        "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h"
    ) {
        return Err(ClientError::Proxy(format!(
            "`{}:` is no kind of proxy; use http, https, socks5 or socks5h",
            parsed.scheme()
        )));
    }
    let proxy =
        Proxy::all(proxy).map_err(|error| ClientError::Proxy(error.without_url().to_string()))?;
    Ok(proxy.no_proxy(NoProxy::from_env()))
}
