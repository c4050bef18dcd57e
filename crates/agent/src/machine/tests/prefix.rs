//! On every wire: within a window, a request begins with the bytes of the one before, whatever happens in between; and a
//! log that is folded again gives the very same bytes.

use models::{ModelFacts, Request, Wire, wire::codec};
use serde_json::Value;

use super::simulation::{Chances, Simulation};
use crate::machine::replay;

const WIRES: [Wire; 4] = [
    Wire::Responses,
    Wire::ChatCompletions,
    Wire::Messages,
    Wire::Ollama,
];

fn encode(wire: Wire, request: &Request) -> Value {
    let facts = ModelFacts {
        reasoning: true,
        freeform_tools: wire == Wire::Responses,
        ..ModelFacts::unknown(wire)
    };
    let codec = codec(wire).expect("the wire is spoken");
    codec.encode(request, &facts)
}

/// Takes the conversation out of a body; gives its text without the closing bracket.
fn take_conversation(body: &mut Value) -> String {
    let fields = body.as_object_mut().expect("a body is an object");
    let conversation = fields.remove("input").or_else(|| fields.remove("messages"));
    let text = conversation.expect("there is a conversation").to_string();
    text.strip_suffix(']').expect("it is an array").to_owned()
}

fn assert_prefix(wire: Wire, seed: u64, requests: &[Request]) {
    let mut previous: Option<(String, Value)> = None;
    for request in requests {
        let mut body = encode(wire, request);
        let conversation = take_conversation(&mut body);
        if let Some((before, fields)) = previous {
            assert_eq!(body, fields, "{wire:?} {seed}: all other fields stay");
            if !conversation.starts_with(&before) {
                let pairs = before.bytes().zip(conversation.bytes());
                let same = pairs.take_while(|(one, other)| one == other).count();
                let part = |text: &str| -> String {
                    let start = text.char_indices().map(|(offset, _)| offset);
                    let start = start.take_while(|start| *start + 80 < same).last();
                    text[start.unwrap_or(0)..].chars().take(240).collect()
                };
                assert_eq!(part(&before), part(&conversation), "{wire:?} {seed}");
            }
        }
        previous = Some((conversation, body));
    }
}

#[test]
fn prompt_is_a_prefix() {
    let mut requests = 0;
    for seed in 0..30 {
        let mut simulation = Simulation::new(
            seed,
            Chances {
                failure: 10,
                user: 10,
                kill: u8::from(seed % 3 == 0),
                window: if seed % 4 == 0 { 4_000 } else { 1_000_000 },
            },
        );
        simulation.run();
        for window in simulation.windows() {
            requests += window.len();
            for wire in WIRES {
                assert_prefix(wire, seed, window);
            }
        }
    }
    assert!(requests > 1_000, "{requests} requests show little");
}

#[test]
fn a_log_gives_the_same_bytes_again() {
    for seed in 100..120 {
        let mut simulation = Simulation::new(
            seed,
            Chances {
                failure: 10,
                user: 10,
                kill: 2,
                window: 5_000,
            },
        );
        simulation.run();
        let (_, replayed) = replay(simulation.entries()).expect("the log begins as one");
        assert_eq!(replayed.len(), simulation.requests().len());
        for (sent, replayed) in simulation.requests().iter().zip(&replayed) {
            for wire in WIRES {
                let bytes = |request| encode(wire, request).to_string();
                assert!(bytes(sent) == bytes(replayed), "{wire:?} {seed}");
            }
        }
    }
}
