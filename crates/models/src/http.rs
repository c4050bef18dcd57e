//! Sessions over HTTP: one POST an answer, all of a session over one connection.

use std::sync::Arc;

use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::client::{RuntimeThread, Upgrade};
use crate::delivery::{Cancellation, Delivery};
use crate::endpoint::Remote;
use crate::wire::ThinkTags;
use crate::{EventSink, Exchange, ModelSession, Purpose, Request};

mod attempt;
mod exchange;
pub(crate) mod json;

pub(crate) use attempt::refusal;

/// A session over HTTP.
pub(crate) struct HttpSession {
    lane: HttpLane,
    /// Kept alive for as long as the session.
    _runtime: Arc<RuntimeThread>,
}

/// Requests one after another, each on the connection that the one before it leaves free.
pub(crate) struct HttpLane {
    remote: Arc<Remote>,
    handle: Handle,
    last: Option<Running>,
}

struct Running {
    cancellation: Arc<Cancellation>,
    /// Closed when the exchange's connection is free or given up.
    connection_free: oneshot::Receiver<()>,
}

impl HttpSession {
    pub(crate) fn new(remote: Arc<Remote>, runtime: Arc<RuntimeThread>) -> Self {
        let warmed = Arc::clone(&remote);
        runtime.spawn(async move {
            // Reads the certificates while the caller puts its first request together.
            let _ = warmed.client(&warmed.url(Purpose::Step), Upgrade::None);
        });
        Self {
            lane: HttpLane::new(remote, runtime.handle()),
            _runtime: runtime,
        }
    }
}

impl ModelSession for HttpSession {
    fn start(&mut self, request: &Request, sink: EventSink) -> Exchange {
        let delivery = Delivery::new(sink, self.lane.remote.scrubber.clone());
        let exchange = delivery.exchange();
        self.lane.begin(request, delivery);
        exchange
    }

    fn body(&self, request: &Request) -> Value {
        self.lane.body(request)
    }
}

impl HttpLane {
    pub(crate) fn new(remote: Arc<Remote>, handle: Handle) -> Self {
        Self {
            remote,
            handle,
            last: None,
        }
    }

    /// Sends `request`, ending what is still running.
    pub(crate) fn begin(&mut self, request: &Request, mut delivery: Delivery) {
        let predecessor = self.last.take().map(|running| {
            running.cancellation.cancel();
            running.connection_free
        });
        let facts = (self.remote.facts)(&request.model);
        let codec = self.remote.codec;
        let call = exchange::Call {
            purpose: request.purpose,
            header: codec.header(request, &facts),
            body: serde_json::to_vec(&codec.encode(request, &facts))
                .expect("a JSON value can be written"),
            decoder: codec.decoder(request),
            think_tags: facts.quirks.think_tags.then(ThinkTags::default),
        };
        let cancellation = delivery.cancellation();
        let (free, connection_free) = oneshot::channel();
        self.last = Some(Running {
            cancellation: Arc::clone(&cancellation),
            connection_free,
        });
        let remote = Arc::clone(&self.remote);
        self.handle.spawn(async move {
            let run = async {
                // The end of a complete answer is mostly there already; a new connection would cost round trips.
                if let Some(predecessor) = predecessor.filter(|_| remote.streams_end()) {
                    let _ = predecessor.await;
                }
                exchange::run(&remote, call, &mut delivery).await;
            };
            tokio::select! {
                biased;
                () = cancellation.cancelled() => {}
                () = run => {}
            }
            drop(free);
        });
    }

    pub(crate) fn body(&self, request: &Request) -> Value {
        let facts = (self.remote.facts)(&request.model);
        self.remote.codec.encode(request, &facts)
    }
}
