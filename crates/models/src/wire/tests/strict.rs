//! Whole sessions with a service that is as strict as the real ones and knows nothing of our code: it refuses what they
//! refuse, and its script is the oracle of what must arrive.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use scripted_model::{Arguments, End, Pace, Part, Script, Server, Step};
use serde_json::{Value, json};

use super::{WIRES, conversation, request};
use crate::wire::{AnswerReader, Codec, codec};
use crate::{
    Content, EndReason, Item, ModelEvent, ModelFacts, Purpose, Quirks, ReasoningEffort, Request,
    Role, ThinkingControl, Wire,
};

const SESSIONS: u64 = 6;
const STEPS: usize = 8;

#[test]
fn a_strict_service_takes_every_request_and_is_understood() {
    for wire in WIRES {
        for seed in 0..SESSIONS {
            session(wire, &mut Rng::with_seed(seed));
        }
    }
}

fn session(wire: Wire, random: &mut Rng) {
    let script: Vec<Step> = (0..STEPS).map(|_| step(random)).collect();
    let server = Server::start(Script::new(script.clone())).unwrap();
    let facts = facts(wire, random);
    let mut asked = Request {
        tools: conversation::tools().into(),
        reasoning: Some(ReasoningEffort::Medium),
        ..request([Item::message(Role::User, "Begin.")])
    };
    for step in &script {
        let events = ask(&server, codec(wire).unwrap(), &asked, &facts);
        let items = items(&events);
        assert_eq!(said(&items), scripted(step), "{wire:?}");
        let end = match step.end {
            End::MaxOutputTokens => EndReason::MaxOutputTokens,
            _ => EndReason::Complete,
        };
        let arrived = match events.last() {
            Some(ModelEvent::Done { end, .. }) => Some(end),
            _ => None,
        };
        assert_eq!(arrived, Some(&end), "{wire:?} {events:?}");
        go_on(&mut asked, items, random);
    }
    assert_eq!(server.violations(), Vec::<String>::new(), "{wire:?}");
}

fn facts(wire: Wire, random: &mut Rng) -> ModelFacts {
    let thinking = [ThinkingControl::Adaptive, ThinkingControl::Budget];
    ModelFacts {
        images: random.bool(),
        reasoning: true,
        freeform_tools: wire == Wire::Responses && random.bool(),
        quirks: Quirks {
            thinking: random.choice(thinking).unwrap(),
            ..Quirks::default()
        },
        ..ModelFacts::unknown(wire)
    }
}

/// Thinks, speaks and calls, in the order in which models do it.
fn step(random: &mut Rng) -> Step {
    let mut step = Step::default().paced(Pace {
        piece: random.usize(1..8),
        chunk: random.bool().then(|| random.usize(1..40)),
        ..Pace::default()
    });
    if random.bool() {
        step = step.and(Part::Reason("Hm. Let me see: \"é😀\"".to_owned()));
    }
    let calls = random.usize(0..4);
    if calls == 0 || random.bool() {
        step = step.and_say("I look at\nthe file 😀.");
    }
    for _ in 0..calls {
        step = match random.u8(0..4) {
            0 => step.and_call_text("apply_patch", "*** Begin Patch\n*** End Patch"),
            _ => step.and_call("read_file", json!({"path": "a \"b\" é", "line": 7})),
        };
    }
    if calls == 0 && random.bool() {
        step = step.ending(End::MaxOutputTokens);
    }
    step
}

/// Adds the answer, the outputs of its calls, and now and then something of the person's.
fn go_on(asked: &mut Request, items: Vec<Item>, random: &mut Rng) {
    let mut added = items.clone();
    let mut has_call = false;
    for item in items {
        let Item::ToolCall(call) = item else { continue };
        has_call = true;
        let mut content = vec![Content::text("output")];
        if random.u8(0..3) == 0 {
            content.push(Content::Image {
                media_type: "image/png".to_owned(),
                data: "eA==".to_owned(),
            });
        }
        added.push(Item::ToolOutput {
            call_id: call.call_id,
            form: call.form,
            content,
            failed: random.bool(),
        });
    }
    // A cut answer may be continued without a word of anybody.
    if random.bool() || !has_call && random.bool() {
        added.push(Item::message(Role::Developer, "Note."));
        added.push(Item::message(Role::User, "Go on."));
    }
    asked.items.extend(added.into_iter().map(Arc::new));
}

fn items(events: &[ModelEvent]) -> Vec<Item> {
    let items = events.iter().filter_map(|event| match event {
        ModelEvent::ItemDone(item) => Some(item.clone()),
        _ => None,
    });
    items.collect()
}

/// Items without what only the wire knows: kind, name, and text or arguments.
fn said(items: &[Item]) -> Vec<(&str, &str, Value)> {
    items
        .iter()
        .map(|item| match item {
            Item::Message { content, .. } => {
                let Some(Content::Text { text }) = content.first() else {
                    panic!("{item:?}")
                };
                ("message", "", json!(text))
            }
            Item::Reasoning { summary, .. } => ("reasoning", "", json!(summary.concat())),
            Item::ToolCall(call) => ("call", call.name.as_str(), arguments(&call.arguments)),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn scripted(step: &Step) -> Vec<(&str, &str, Value)> {
    step.parts
        .iter()
        .map(|part| match part {
            Part::Say(text) => ("message", "", json!(text)),
            Part::Reason(text) => ("reasoning", "", json!(text)),
            Part::Call { name, arguments } => {
                let arguments = match arguments {
                    Arguments::Json(value) => value.clone(),
                    Arguments::Text(text) | Arguments::Raw(text) => json!({"input": text}),
                };
                ("call", name.as_str(), arguments)
            }
        })
        .collect()
}

/// Arguments as an object; free text as a function would have it.
fn arguments(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!({"input": text}))
}

/// Sends a request over a connection of its own and reads the answer.
fn ask(
    server: &Server,
    codec: &dyn Codec,
    request: &Request,
    facts: &ModelFacts,
) -> Vec<ModelEvent> {
    let base = if facts.wire == Wire::Ollama {
        ""
    } else {
        "/v1"
    };
    let path = codec.path(Purpose::Step);
    let body = codec.encode(request, facts).to_string();
    let url = server.url();
    let host = url.trim_start_matches("http://").split('/').next().unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let head = format!(
        "POST {base}{path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
         authorization: Bearer k\r\nx-api-key: k\r\nanthropic-version: 2023-06-01\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    let answer = read_to_last_chunk(&mut stream);
    let position = answer
        .windows(4)
        .position(|bytes| bytes == b"\r\n\r\n")
        .unwrap();
    let (head, rest) = answer.split_at(position + 4);
    let head = String::from_utf8_lossy(head);
    assert!(
        head.starts_with("HTTP/1.1 200"),
        "{head}{}\n{body}",
        String::from_utf8_lossy(rest)
    );
    let mut reader = AnswerReader::new(codec.framing(Purpose::Step), codec.decoder(request));
    let mut events = Vec::new();
    for chunk in chunks(rest) {
        reader.push(chunk, &mut events);
    }
    reader.finish(&mut events);
    events
}

/// Reads until the last chunk. The service keeps the connection open, so a refusal, which is not chunked, is read until
/// nothing more comes; that only makes a failing test slow.
fn read_to_last_chunk(stream: &mut TcpStream) -> Vec<u8> {
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    while !answer.ends_with(b"\r\n0\r\n\r\n") {
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => break,
            Ok(length) => answer.extend_from_slice(&piece[..length]),
        }
    }
    answer
}

/// The chunks of a chunked body.
fn chunks(mut body: &[u8]) -> Vec<&[u8]> {
    let mut chunks = Vec::new();
    while let Some(end) = body.windows(2).position(|bytes| bytes == b"\r\n") {
        let size = std::str::from_utf8(&body[..end]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            break;
        }
        chunks.push(&body[end + 2..end + 2 + size]);
        body = &body[end + 2 + size + 2..];
    }
    chunks
}
