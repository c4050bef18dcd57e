//! One request over an open socket: sends it and hands its answer over.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use url::Url;

use super::connection::Socket;
use super::continuation::Frame;
use super::event_head::EventHead;
use crate::delivery::Delivery;
use crate::endpoint::Remote;
use crate::wire::Decoder;
use crate::{Item, ModelError, ModelEvent, Purpose, Request, network};

/// What became of a request.
pub(super) enum Outcome {
    /// Its terminal event was delivered. With the answer, if it is complete and can be referred to.
    Ended(Option<Answered>),
    /// The socket broke within the answer, which was reported.
    Broken,
    /// The service does not remember what the request relied on.
    Forgotten,
    /// The socket broke before anything came.
    Lost(ModelError),
    /// The service refused the request, perhaps for now.
    Rejected(ModelError),
    /// There are no sockets here.
    Refused(String),
}

/// A complete answer.
pub(super) struct Answered {
    /// Its identifier.
    pub(super) response_id: String,
    /// Its items.
    pub(super) items: Vec<Arc<Item>>,
}

/// Sends `frame`, which stands for `request`, and hands the answer over.
pub(super) async fn perform(
    remote: &Remote,
    socket: &mut Socket,
    (request, frame): (&Request, &Frame),
    delivery: &mut Delivery,
) -> Outcome {
    let listener = Listener {
        url: remote.url(Purpose::Step),
        idle: remote.connections.options.idle_timeout,
        decoder: remote.codec.decoder(request),
        socket,
        heard: false,
        response_id: None,
        items: Vec::new(),
    };
    listener.exchange(frame, delivery).await
}

struct Listener<'a> {
    socket: &'a mut Socket,
    decoder: Box<dyn Decoder>,
    url: Url,
    idle: Duration,
    /// Whether anything of the answer came.
    heard: bool,
    response_id: Option<String>,
    items: Vec<Arc<Item>>,
}

impl Listener<'_> {
    async fn exchange(mut self, frame: &Frame, delivery: &mut Delivery) -> Outcome {
        if let Err(error) = self.send(frame.text()).await {
            return Outcome::Lost(error);
        }
        loop {
            let text = match self.receive().await {
                Ok(text) => text,
                Err(error) if !self.heard => return Outcome::Lost(error),
                Err(error) => {
                    delivery.fail(error);
                    return Outcome::Broken;
                }
            };
            if let Some(outcome) = self.take(&text, frame, delivery) {
                return outcome;
            }
        }
    }

    async fn send(&mut self, text: String) -> Result<(), ModelError> {
        match timeout(self.idle, self.socket.send(Message::text(text))).await {
            Err(_) => Err(network::silent(&self.url, self.idle)),
            Ok(sent) => sent.map_err(|error| network::broken(&self.url, &error)),
        }
    }

    /// The next event; pings are answered by the library.
    async fn receive(&mut self) -> Result<Utf8Bytes, ModelError> {
        loop {
            let message = match timeout(self.idle, self.socket.next()).await {
                Err(_) => {
                    // A request that was read but not answered in all this time is not to be repeated in silence.
                    self.heard = true;
                    return Err(network::silent(&self.url, self.idle));
                }
                Ok(message) => message,
            };
            match message {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Close(frame))) => {
                    return Err(self.closed(frame.as_ref().map_or("", |frame| &*frame.reason)));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(network::broken(&self.url, &error)),
                None => return Err(self.closed("")),
            }
        }
    }

    fn closed(&self, reason: &str) -> ModelError {
        let place = network::origin(&self.url);
        network::interrupted(match reason {
            "" => format!("{place} closed the socket."),
            reason => format!("{place} closed the socket: {reason}."),
        })
    }

    /// Hands over what `text` says; gives the outcome when the request is over by it.
    fn take(&mut self, text: &str, frame: &Frame, delivery: &mut Delivery) -> Option<Outcome> {
        let head = EventHead::of(text);
        let first = !std::mem::replace(&mut self.heard, true);
        let refusal = head.refusal().filter(|_| first);
        match refusal {
            Some("previous_response_not_found") if frame.continues() => {
                return Some(Outcome::Forgotten);
            }
            Some("websocket_connection_limit_reached") => {
                return Some(Outcome::Lost(self.closed("its time is over")));
            }
            _ => {}
        }
        let was_refused = refusal.is_some();
        let mut events = Vec::new();
        self.decoder.event(Some(&head.kind), text, &mut events);
        self.response_id = head.response_id().or(self.response_id.take());
        for event in events {
            match event {
                ModelEvent::Failed(error) if was_refused => return Some(Outcome::Rejected(error)),
                ModelEvent::Done { .. } => {
                    delivery.send(event);
                    return Some(Outcome::Ended(self.answered()));
                }
                ModelEvent::Failed(_) => {
                    delivery.send(event);
                    return Some(Outcome::Ended(None));
                }
                event => self.pass_on(event, delivery),
            }
        }
        None
    }

    fn pass_on(&mut self, event: ModelEvent, delivery: &mut Delivery) {
        if let ModelEvent::ItemDone(item) = &event {
            self.items.push(Arc::new(item.clone()));
        }
        delivery.send(event);
    }

    fn answered(&mut self) -> Option<Answered> {
        Some(Answered {
            response_id: self.response_id.take()?,
            items: std::mem::take(&mut self.items),
        })
    }
}
