//! The wires against what real services sent, against each other, and against garbage.

mod conversation;
mod decoding;
mod encoding;
mod fuzz;
mod oracle;
mod prefix;
mod recordings;
mod strict;

use std::sync::Arc;

use crate::wire::{AnswerReader, Framing, codec};
use crate::{Item, ModelEvent, Purpose, Request, Wire};

/// The wires that are spoken to services.
const WIRES: [Wire; 4] = [
    Wire::Responses,
    Wire::ChatCompletions,
    Wire::Messages,
    Wire::Ollama,
];

/// A request with these items and nothing else.
fn request(items: impl IntoIterator<Item = Item>) -> Request {
    Request {
        model: "model-x".to_owned(),
        instructions: "Be brief.".into(),
        items: items.into_iter().map(Arc::new).collect(),
        tools: Arc::new([]),
        reasoning: None,
        max_output_tokens: None,
        cache_key: "thread-1".to_owned(),
        purpose: Purpose::Step,
    }
}

/// All events of an answer's body that arrives in `pieces`.
fn read(wire: Wire, framing: Framing, pieces: &[&[u8]]) -> Vec<ModelEvent> {
    read_answer_to(&request([]), wire, framing, pieces)
}

fn read_answer_to(
    request: &Request,
    wire: Wire,
    framing: Framing,
    pieces: &[&[u8]],
) -> Vec<ModelEvent> {
    let mut reader = AnswerReader::new(framing, codec(wire).unwrap().decoder(request));
    let mut events = Vec::new();
    for piece in pieces {
        reader.push(piece, &mut events);
    }
    reader.finish(&mut events);
    events
}

/// Frames payloads as the wire's services do.
fn framed(wire: Wire, payloads: &[String]) -> String {
    payloads
        .iter()
        .map(|payload| {
            let name = serde_json::from_str::<serde_json::Value>(payload)
                .ok()
                .and_then(|value| value["type"].as_str().map(str::to_owned));
            match (wire, name) {
                (Wire::Ollama, _) => format!("{payload}\n"),
                (Wire::Responses | Wire::Messages, Some(name)) => {
                    format!("event: {name}\ndata: {payload}\n\n")
                }
                _ => format!("data: {payload}\n\n"),
            }
        })
        .collect()
}

/// The answer in these payloads, framed as the wire's services do.
fn answer(wire: Wire, payloads: &[serde_json::Value]) -> Vec<ModelEvent> {
    let payloads: Vec<String> = payloads.iter().map(ToString::to_string).collect();
    let framing = codec(wire).unwrap().framing(Purpose::Step);
    read(wire, framing, &[framed(wire, &payloads).as_bytes()])
}
