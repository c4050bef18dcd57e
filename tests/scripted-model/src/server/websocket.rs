//! Responses over a WebSocket: the upgrade, then one request after the other, each building on the one before.

use std::io::{self, Write};
use std::time::Instant;

use serde_json::{Value, json};
use tungstenite::handshake::derive_accept_key;
use tungstenite::protocol::Role;
use tungstenite::{Message as Frame, WebSocket};

use super::channel::{Channel as _, Socket};
use super::decide;
use super::deliver::{Delivery, deliver};
use super::http::{self, Message, Reader};
use super::state::Shared;
use crate::wire::responses::{self, Remembered};
use crate::wire::{Event, Setting};
use crate::{
    Conversation, Fault, Kind, Outcome, Refusal, SeenRequest, Step, Times, Transport, Upgrade, Wire,
};

/// Whether a request asks for a WebSocket.
pub(super) fn is_wanted(message: &Message) -> bool {
    let is_upgrade = |(name, value): &(String, String)| {
        name == "upgrade" && value.eq_ignore_ascii_case("websocket")
    };
    message.headers.iter().any(is_upgrade)
}

/// Serves a request for a WebSocket, and the WebSocket until it ends.
pub(super) fn serve(
    mut reader: Reader,
    message: &Message,
    request: &SeenRequest,
    shared: &Shared,
) -> io::Result<()> {
    if let Some((status, why)) = objection(message, request, shared) {
        let body = json!({"error": {"message": why}}).to_string();
        http::respond(&mut reader.stream, status, &[], body.as_bytes())?;
        shared.answered(request.number, &Delivery::closed(Outcome::Refused));
        return Ok(());
    }
    let key = request.header("sec-websocket-key").unwrap_or_default();
    let headers = [
        ("upgrade", "websocket".to_owned()),
        ("connection", "Upgrade".to_owned()),
        ("sec-websocket-accept", derive_accept_key(key.as_bytes())),
    ];
    let mut head = http::head(101, &headers);
    head.extend_from_slice(b"\r\n");
    reader.stream.write_all(&head)?;
    shared.answered(request.number, &Delivery::kept(Outcome::Sent));
    let socket = WebSocket::from_partially_read(reader.stream, reader.buffer, Role::Server, None);
    Connection {
        socket: Socket::new(socket),
        upgrade: request,
        remembered: Remembered::default(),
        answers: 0,
        shared,
    }
    .serve()
}

/// Status and reason of a refusal to upgrade.
fn objection(
    message: &Message,
    request: &SeenRequest,
    shared: &Shared,
) -> Option<(u16, &'static str)> {
    if message.path.split('?').next() != Some(Wire::Responses.path()) {
        return Some((404, "no WebSocket here"));
    }
    if let Upgrade::Refused(status) = shared.script.upgrade {
        return Some((status, "WebSocket refused"));
    }
    let is_wrong = |key: &String| decide::key_of(request) != key;
    if shared.script.key.as_ref().is_some_and(is_wrong) {
        return Some((401, "Incorrect API key provided"));
    }
    None
}

/// A WebSocket and what it remembers.
struct Connection<'a> {
    socket: Socket,
    upgrade: &'a SeenRequest,
    remembered: Remembered,
    answers: usize,
    shared: &'a Shared,
}

impl Connection<'_> {
    fn serve(mut self) -> io::Result<()> {
        loop {
            match self.socket.next()? {
                Frame::Text(text) => {
                    let (number, delivery) = self.answer(text.as_str());
                    self.shared.answered(number, &delivery);
                    if !delivery.keeps_connection {
                        return Ok(());
                    }
                }
                Frame::Close(_) => return self.socket.flush(),
                _ => {}
            }
        }
    }

    fn answer(&mut self, text: &str) -> (usize, Delivery) {
        let mut request = self.seen(text);
        let complete = self.remembered.complete(&request.body);
        let read = match &complete {
            Some(complete) => decide::read(&request, complete, self.shared),
            None => Ok(Conversation::default()),
        };
        if let Ok(conversation) = &read {
            request.conversation = conversation.clone();
        }
        self.shared.arrived(&mut request);
        let Some(complete) = complete else {
            return (
                request.number,
                self.refuse(&Refusal::PreviousResponseNotFound),
            );
        };
        let delivery = match read.and_then(|_| self.step(&request)) {
            Ok(step) => self.answer_with(&request, &complete, &step),
            Err(objection) => {
                if let Some(violation) = &objection.violation {
                    self.shared.violated(&request, violation);
                }
                self.refuse(&objection.refusal)
            }
        };
        (request.number, delivery)
    }

    fn seen(&self, text: &str) -> SeenRequest {
        let now = Instant::now();
        let body: Value = serde_json::from_str(text).unwrap_or_default();
        let kind = match (body["type"].as_str(), &body["generate"]) {
            (Some("response.create"), Value::Bool(false)) => Kind::Prewarm,
            (Some("response.create"), _) => Kind::Step(Wire::Responses),
            _ => Kind::Other,
        };
        SeenRequest {
            transport: Transport::WebSocket,
            kind,
            raw: text.as_bytes().to_vec(),
            body,
            times: Times {
                began: now,
                arrived: now,
                answered: None,
            },
            outcome: None,
            ..self.upgrade.clone()
        }
    }

    fn step(&self, request: &SeenRequest) -> Result<Step, decide::Objection> {
        match request.kind {
            Kind::Prewarm => Ok(Step::default()),
            _ => decide::choose(request, self.shared),
        }
    }

    fn answer_with(&mut self, request: &SeenRequest, complete: &Value, step: &Step) -> Delivery {
        let limit = self.shared.script.answers_per_socket;
        if limit.is_some_and(|limit| self.answers >= limit) {
            return self.refuse(&Refusal::ConnectionLimit);
        }
        let closed = Delivery::closed;
        match &step.fault {
            Some(Fault::HangUp | Fault::Redirect(_)) => closed(Outcome::Broken),
            Some(Fault::Refuse(refusal)) => self.refuse(refusal),
            Some(Fault::HangBeforeHeaders) => {
                self.socket.wait_for_close();
                closed(Outcome::ClientLeft)
            }
            _ => self.stream(request, complete, step),
        }
    }

    fn stream(&mut self, request: &SeenRequest, complete: &Value, step: &Step) -> Delivery {
        let setting = Setting {
            number: request.number,
            model: request.body["model"].as_str().unwrap_or_default(),
            tools: &request.conversation.tools,
            usage: step.usage_for(complete.to_string().len()),
            tells_usage: true,
        };
        let answer = match request.kind {
            Kind::Prewarm => responses::ready(&setting),
            _ => Wire::Responses.answer(step, &setting),
        };
        let fault = match &step.fault {
            Some(Fault::NotHttp) => Some(&Fault::Garbage),
            fault => fault.as_ref(),
        };
        let failure = |refusal: &Refusal| Wire::Responses.failure(refusal, &setting);
        // Before the answer goes out: the client may be back at once, and is not to wait for this.
        self.remembered.keep(request.number, complete, answer.items);
        let delivery = deliver(&mut self.socket, answer.events, step.pace, fault, failure);
        if delivery.outcome == Outcome::Sent {
            self.answers += usize::from(request.kind != Kind::Prewarm);
        } else {
            self.remembered.forget();
        }
        delivery
    }

    /// Answers with an error event; what was built on is forgotten, as the service does.
    fn refuse(&mut self, refusal: &Refusal) -> Delivery {
        let (status, body) = Wire::Responses.refusal(refusal, decide::key_of(self.upgrade));
        let event = json!({"type": "error", "status": status, "error": body["error"]});
        let sent = self.socket.send(&Event::unnamed(event.to_string()));
        self.remembered.forget();
        match sent.and_then(|()| self.socket.flush()) {
            Ok(()) if *refusal == Refusal::ConnectionLimit => Delivery::closed(Outcome::Refused),
            Ok(()) => Delivery::kept(Outcome::Refused),
            Err(_) => Delivery::closed(Outcome::ClientLeft),
        }
    }
}
