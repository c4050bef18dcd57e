//! One connection: its HTTP requests, one after the other, until it ends or becomes a WebSocket.

use std::io::{self, Write};

use serde_json::Value;

use super::channel::{Body, Channel as _};
use super::deliver::{Delivery, deliver};
use super::http::{self, Message, Reader};
use super::state::Shared;
use super::stream::Stream;
use super::{decide, plain, websocket};
use crate::wire::{Framing, Setting, responses};
use crate::{
    Conversation, Fault, Kind, Outcome, Refusal, SeenRequest, Step, Times, Transport, Wire,
};

/// Serves a connection until it ends.
pub(super) fn serve(stream: Stream, number: usize, shared: &Shared) -> io::Result<()> {
    let mut reader = Reader::new(stream);
    while let Some(message) = reader.next()? {
        let kind = kind_of(&message);
        let mut request = seen(&message, kind, number);
        if websocket::is_wanted(&message) {
            shared.arrived(&mut request);
            return websocket::serve(reader, &message, &request, shared);
        }
        let delivery = answer(&mut reader.stream, &message, &mut request, shared);
        let delivery = delivery.unwrap_or_else(|_| Delivery::closed(Outcome::ClientLeft));
        shared.answered(request.number, &delivery);
        if !delivery.keeps_connection {
            break;
        }
    }
    Ok(())
}

fn kind_of(message: &Message) -> Kind {
    let path = message.path.split('?').next().unwrap_or_default();
    if message.method != "POST" {
        return Kind::Other;
    }
    if path == "/v1/responses/compact" {
        return Kind::Compaction;
    }
    let wire = Wire::ALL.into_iter().find(|wire| wire.path() == path);
    wire.map_or(Kind::Other, Kind::Step)
}

fn seen(message: &Message, kind: Kind, connection: usize) -> SeenRequest {
    SeenRequest {
        number: 0,
        exchange: None,
        connection,
        transport: Transport::Http,
        kind,
        method: message.method.clone(),
        path: message.path.clone(),
        headers: message.headers.clone(),
        raw: message.raw.clone(),
        body: serde_json::from_slice(&message.body).unwrap_or(Value::Null),
        conversation: Conversation::default(),
        times: Times {
            began: message.began,
            arrived: message.arrived,
            answered: None,
        },
        outcome: None,
    }
}

fn answer(
    stream: &mut Stream,
    message: &Message,
    request: &mut SeenRequest,
    shared: &Shared,
) -> io::Result<Delivery> {
    if request.kind == Kind::Other {
        return answer_plainly(stream, message, request, shared);
    }
    let read = decide::read(request, &request.body, shared);
    if let Ok(conversation) = &read {
        request.conversation = conversation.clone();
    }
    shared.arrived(request);
    let step = match (read, request.kind) {
        (Ok(_), Kind::Compaction) => Ok(compaction_step(request, shared)),
        (Ok(_), _) => decide::choose(request, shared),
        (Err(objection), _) => Err(objection),
    };
    match step {
        Ok(step) => answer_with(stream, request, &step),
        Err(objection) => {
            if let Some(violation) = &objection.violation {
                shared.violated(request, violation);
            }
            refuse(stream, request, &objection.refusal)
        }
    }
}

/// A compaction needs no step; only its faults are scripted.
fn compaction_step(request: &SeenRequest, shared: &Shared) -> Step {
    let fault = request
        .exchange
        .and_then(|exchange| shared.script.faults.get(&exchange));
    Step {
        fault: fault.cloned(),
        ..Step::default()
    }
}

fn answer_plainly(
    stream: &mut Stream,
    message: &Message,
    request: &mut SeenRequest,
    shared: &Shared,
) -> io::Result<Delivery> {
    shared.arrived(request);
    let is_locked = shared
        .script
        .key
        .as_ref()
        .is_some_and(|key| decide::key_of(request) != key);
    if is_locked {
        return refuse(stream, request, &Refusal::Unauthorized);
    }
    let (status, body) = plain::answer(message, &shared.script);
    respond(stream, status, &[], &body)?;
    let outcome = if status == 200 {
        Outcome::Sent
    } else {
        Outcome::Refused
    };
    Ok(Delivery::kept(outcome))
}

fn respond(
    stream: &mut Stream,
    status: u16,
    headers: &[(&str, String)],
    body: &Value,
) -> io::Result<()> {
    let mut all = vec![("content-type", "application/json".to_owned())];
    all.extend(headers.iter().cloned());
    http::respond(stream, status, &all, body.to_string().as_bytes())
}

fn refuse(stream: &mut Stream, request: &SeenRequest, refusal: &Refusal) -> io::Result<Delivery> {
    let wire = match request.kind {
        Kind::Step(wire) => wire,
        _ => Wire::Responses,
    };
    let (status, body) = wire.refusal(refusal, decide::key_of(request));
    let mut headers = Vec::new();
    if let Refusal::RateLimited {
        retry_after: Some(wait),
    } = refusal
    {
        // Whole seconds are all that the header takes; OpenAI tells the rest in a second one.
        headers.push(("retry-after", wait.as_secs_f64().ceil().to_string()));
        headers.push(("retry-after-ms", wait.as_millis().to_string()));
    }
    respond(stream, status, &headers, &body)?;
    Ok(Delivery::kept(Outcome::Refused))
}

/// Answers with a step, unless its fault leaves no answer at all.
fn answer_with(stream: &mut Stream, request: &SeenRequest, step: &Step) -> io::Result<Delivery> {
    let closed = |outcome| Ok(Delivery::closed(outcome));
    match &step.fault {
        Some(Fault::HangUp) => closed(Outcome::Broken),
        Some(Fault::Refuse(refusal)) => refuse(stream, request, refusal),
        Some(Fault::NotHttp) => {
            stream.write_all(b"\x15\x03\x01\x00\x02\x02\x0a this is not HTTP\r\n\r\n")?;
            closed(Outcome::Broken)
        }
        Some(Fault::Redirect(location)) => {
            http::respond(stream, 307, &[("location", location.clone())], b"")?;
            Ok(Delivery::kept(Outcome::Refused))
        }
        Some(Fault::HangBeforeHeaders) => {
            Body::new(stream, Vec::new(), Framing::Sse, None).wait_for_close();
            closed(Outcome::ClientLeft)
        }
        _ => match request.kind {
            Kind::Step(wire) => Ok(stream_step(stream, request, wire, step)),
            _ => compact(stream, request, step),
        },
    }
}

fn compact(stream: &mut Stream, request: &SeenRequest, step: &Step) -> io::Result<Delivery> {
    if step.fault.is_some() {
        return refuse(stream, request, &Refusal::ServerError);
    }
    let body = responses::compaction(request.number, &request.body, &request.conversation);
    respond(stream, 200, &[], &body)?;
    Ok(Delivery::kept(Outcome::Sent))
}

fn stream_step(stream: &mut Stream, request: &SeenRequest, wire: Wire, step: &Step) -> Delivery {
    let setting = Setting {
        number: request.number,
        model: request.body["model"].as_str().unwrap_or_default(),
        tools: &request.conversation.tools,
        usage: step.usage_for(request.raw.len()),
        tells_usage: request.body["stream_options"]["include_usage"] == true,
    };
    let events = wire.answer(step, &setting).events;
    let head = http::head(200, &headers(wire));
    let mut body = Body::new(stream, head, wire.framing(), step.pace.chunk);
    let failure = |refusal: &Refusal| wire.failure(refusal, &setting);
    deliver(&mut body, events, step.pace, step.fault.as_ref(), failure)
}

/// The head of a streamed answer, with what the services say of the account's allowance.
fn headers(wire: Wire) -> Vec<(&'static str, String)> {
    let content_type = match wire.framing() {
        Framing::Sse => "text/event-stream; charset=utf-8",
        Framing::Lines => "application/x-ndjson",
    };
    let mut headers = vec![("content-type", content_type.to_owned())];
    let limits: &[(&str, &str)] = match wire {
        Wire::Responses | Wire::ChatCompletions => &[
            ("x-ratelimit-limit-tokens", "1000"),
            ("x-ratelimit-remaining-tokens", "750"),
            ("x-ratelimit-reset-tokens", "6m0s"),
        ],
        Wire::Messages => &[
            ("anthropic-ratelimit-tokens-limit", "1000"),
            ("anthropic-ratelimit-tokens-remaining", "750"),
            ("anthropic-ratelimit-tokens-reset", "2026-01-01T00:00:00Z"),
        ],
        Wire::Ollama => &[],
    };
    headers.extend(
        limits
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned())),
    );
    headers
}
