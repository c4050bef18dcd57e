//! The server: a port on loopback, one thread that accepts, one thread for each connection. Dropping it ends them all.

mod channel;
mod connection;
mod decide;
mod deliver;
mod http;
mod plain;
mod state;
mod stream;
mod websocket;

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::{Kind, Script, SeenRequest};
use state::Shared;
use stream::Stream;

/// A model service on loopback.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<Vec<JoinHandle<()>>>>,
}

impl Server {
    /// Starts a server at a free port.
    ///
    /// # Errors
    /// When the system gives no port or no thread.
    pub fn start(script: Script) -> io::Result<Self> {
        Self::start_at(0, script)
    }

    /// Starts a server at this port; 0 is any free one.
    ///
    /// # Errors
    /// When the system does not give the port or a thread.
    pub fn start_at(port: u16, script: Script) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::new(script));
        let accepting = std::thread::Builder::new()
            .name("scripted-model".into())
            .spawn({
                let shared = shared.clone();
                move || accept(&listener, &shared)
            })?;
        Ok(Self {
            address,
            shared,
            accepting: Some(accepting),
        })
    }

    /// Where it is, for example `http://127.0.0.1:4711`; the wires' paths follow.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far, in the order of their arrival.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.shared.log().requests.clone()
    }

    /// Of the requests so far, those for an answer of the model.
    pub fn steps(&self) -> Vec<SeenRequest> {
        let mut requests = self.requests();
        requests.retain(|request| matches!(request.kind, Kind::Step(_)));
        requests
    }

    /// How many connections were accepted.
    pub fn accepts(&self) -> usize {
        self.shared.log().accepts
    }

    /// How many bytes came, over all connections.
    pub fn bytes_received(&self) -> u64 {
        self.shared.received.load(Ordering::Relaxed)
    }

    /// What the clients did wrong, in words; empty is what a test wants.
    pub fn violations(&self) -> Vec<String> {
        self.shared.log().violations.clone()
    }

    /// Waits until the requests so far fulfil `is_reached`, at most for `limit`; says whether they do.
    pub fn wait_until(
        &self,
        limit: Duration,
        mut is_reached: impl FnMut(&[SeenRequest]) -> bool,
    ) -> bool {
        let end = Instant::now() + limit;
        let mut log = self.shared.log();
        while !is_reached(&log.requests) {
            let rest = end.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                return false;
            }
            log = self.shared.wait(log, rest);
        }
        true
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // The accepting thread notices at its next connection.
        let _ = TcpStream::connect(self.address);
        let connections = self.accepting.take().and_then(|thread| thread.join().ok());
        for stream in self.shared.log().streams.values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        for connection in connections.into_iter().flatten() {
            let _ = connection.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) -> Vec<JoinHandle<()>> {
    let mut connections = Vec::new();
    for stream in listener.incoming() {
        if shared.stopping.load(Ordering::SeqCst) {
            break;
        }
        let Ok(stream) = stream else { continue };
        let number = shared.accepted();
        if shared.script.closed_connections.contains(&number) {
            continue;
        }
        connections.extend(connect(stream, number, shared).ok());
    }
    connections
}

fn connect(stream: TcpStream, number: usize, shared: &Arc<Shared>) -> io::Result<JoinHandle<()>> {
    stream.set_nodelay(true)?;
    shared.log().streams.insert(number, stream.try_clone()?);
    let shared = shared.clone();
    let stream = Stream::new(stream, shared.received.clone());
    std::thread::Builder::new()
        .name(format!("scripted-model-{number}"))
        .spawn(move || {
            // A connection that breaks is the client's affair, or was asked for by the script.
            let _ = connection::serve(stream, number, &shared);
            let stream = shared.log().streams.remove(&number);
            if let Some(stream) = stream {
                let _ = stream.shutdown(Shutdown::Both);
            }
        })
}
