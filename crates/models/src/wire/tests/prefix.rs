//! A longer conversation begins with the bytes of the shorter one.

use fastrand::Rng;
use serde_json::Value;

use super::{WIRES, conversation, request};
use crate::wire::codec;
use crate::{DeveloperRole, Item, ModelFacts, Quirks, ReasoningEffort, Request, Wire};

/// The key of the conversation's array.
fn conversation_key(wire: Wire) -> &'static str {
    match wire {
        Wire::Responses => "input",
        _ => "messages",
    }
}

fn facts(random: &mut Rng, wire: Wire) -> ModelFacts {
    let roles = [
        DeveloperRole::User,
        DeveloperRole::System,
        DeveloperRole::Developer,
    ];
    ModelFacts {
        images: random.bool(),
        reasoning: random.bool(),
        freeform_tools: wire == Wire::Responses && random.bool(),
        quirks: Quirks {
            developer_role: random.choice(roles).unwrap(),
            ..Quirks::default()
        },
        ..ModelFacts::unknown(wire)
    }
}

fn full(items: Vec<Item>) -> Request {
    Request {
        tools: conversation::tools().into(),
        reasoning: Some(ReasoningEffort::High),
        ..request(items)
    }
}

#[test]
fn prompt_is_a_prefix() {
    let mut random = Rng::with_seed(3);
    for _ in 0..300 {
        let steps = conversation::steps(&mut random, 8);
        for wire in WIRES {
            let facts = facts(&mut random, wire);
            let bodies: Vec<Value> = (1..=steps.len())
                .map(|count| {
                    let items = steps[..count].concat();
                    codec(wire).unwrap().encode(&full(items), &facts)
                })
                .collect();
            for pair in bodies.windows(2) {
                check_prefix(wire, &pair[0], &pair[1]);
            }
        }
    }
}

fn check_prefix(wire: Wire, shorter: &Value, longer: &Value) {
    let key = conversation_key(wire);
    let (mut shorter, mut longer) = (shorter.clone(), longer.clone());
    let short_text = shorter[key].take().to_string();
    let long_text = longer[key].take().to_string();
    let begins = long_text.starts_with(short_text.strip_suffix(']').unwrap());
    assert!(begins, "{wire:?}\n{short_text}\n{long_text}");
    assert_eq!(shorter.to_string(), longer.to_string(), "{wire:?}");
}

#[test]
fn a_log_on_disk_gives_the_same_bytes() {
    let mut random = Rng::with_seed(4);
    for _ in 0..100 {
        let items = conversation::steps(&mut random, 8).concat();
        let read_back: Vec<Item> = items
            .iter()
            .map(|item| serde_json::from_str(&serde_json::to_string(item).unwrap()).unwrap())
            .collect();
        assert_eq!(read_back, items);
        for wire in WIRES {
            let facts = facts(&mut random, wire);
            let encode = |items| {
                codec(wire)
                    .unwrap()
                    .encode(&full(items), &facts)
                    .to_string()
            };
            assert_eq!(encode(read_back.clone()), encode(items.clone()));
        }
    }
}
