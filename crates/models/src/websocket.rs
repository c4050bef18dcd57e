//! Sessions of the Responses wire over one WebSocket, on which only what is new travels.
//!
//! The session is a handle; a task of the client's thread ([`conversation`]) owns the socket, answers pings while
//! nothing else happens, and goes over to HTTP where WebSockets do not work.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::mpsc;

use crate::client::RuntimeThread;
use crate::delivery::{Cancellation, Delivery};
use crate::endpoint::Remote;
use crate::{EventSink, Exchange, ModelSession, Request};

mod connection;
mod continuation;
mod conversation;
mod event_head;
mod listener;

use continuation::{Answer, Frame};
use conversation::{Command, Conversation};

/// A session over WebSocket.
pub(crate) struct WebSocketSession {
    remote: Arc<Remote>,
    commands: mpsc::UnboundedSender<Command>,
    last: Option<Arc<Cancellation>>,
    /// Kept alive for as long as the session.
    _runtime: Arc<RuntimeThread>,
}

impl WebSocketSession {
    pub(crate) fn new(remote: Arc<Remote>, runtime: Arc<RuntimeThread>) -> Self {
        let (commands, received) = mpsc::unbounded_channel();
        let conversation = Conversation::new(Arc::clone(&remote), runtime.handle());
        runtime.spawn(conversation.run(received));
        Self {
            remote,
            commands,
            last: None,
            _runtime: runtime,
        }
    }

    /// The task ends only when the session or the thread does, so a command that finds nobody may be lost.
    fn command(&self, command: Command) {
        let _ = self.commands.send(command);
    }
}

impl ModelSession for WebSocketSession {
    fn start(&mut self, request: &Request, sink: EventSink) -> Exchange {
        let delivery = Delivery::new(sink, self.remote.scrubber.clone());
        let exchange = delivery.exchange();
        if let Some(last) = self.last.replace(delivery.cancellation()) {
            last.cancel();
        }
        self.command(Command::Start(request.clone(), delivery));
        exchange
    }

    fn prewarm(&mut self, request: &Request) {
        self.command(Command::Prewarm(request.clone()));
    }

    fn body(&self, request: &Request) -> Value {
        Frame::new(&self.remote, request, None, Answer::Wanted).into_json()
    }
}
