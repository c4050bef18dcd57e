//! Garbage in, exactly one end out.

use fastrand::Rng;
use serde_json::{Value, json};

use super::recordings::recordings;
use super::{WIRES, framed, read};
use crate::wire::{Framing, codec};
use crate::{ModelEvent, Purpose, Wire};

/// An answer ends once, at its end, and hands out no call id twice.
fn check(wire: Wire, framing: Framing, body: &[u8]) {
    let events = read(wire, framing, &[body]);
    let described = || format!("{wire:?} {:?}\n{events:?}", String::from_utf8_lossy(body));
    let terminals = events.iter().filter(|event| event.is_terminal()).count();
    assert_eq!(terminals, 1, "{}", described());
    assert!(
        events.last().is_some_and(ModelEvent::is_terminal),
        "{}",
        described()
    );
    let mut call_ids: Vec<&str> = Vec::new();
    for event in &events {
        if let ModelEvent::ItemDone(crate::Item::ToolCall(call)) = event {
            assert!(
                !call_ids.contains(&call.call_id.as_str()),
                "{}",
                described()
            );
            assert!(
                !call.name.is_empty() && !call.call_id.is_empty(),
                "{}",
                described()
            );
            call_ids.push(&call.call_id);
        }
    }
}

#[test]
fn garbage_bytes() {
    let mut random = Rng::with_seed(21);
    let pieces = [
        "data: ",
        "event: error\n",
        "{\"type\":\"",
        "\"}",
        "\n\n",
        "[DONE]",
        "{}",
        "\u{feff}",
        "null",
        "é",
    ];
    for _ in 0..3000 {
        let mut body = Vec::new();
        for _ in 0..random.usize(0..20) {
            if random.bool() {
                body.extend(random.choice(pieces).unwrap().bytes());
            } else {
                body.push(random.u8(..));
            }
        }
        for wire in WIRES {
            for framing in [Framing::Sse, Framing::Lines, Framing::Whole] {
                check(wire, framing, &body);
            }
        }
    }
}

#[test]
fn recordings_with_damaged_bytes() {
    let mut random = Rng::with_seed(22);
    for recording in recordings() {
        for _ in 0..8 {
            let mut body = recording.body.clone().into_bytes();
            for _ in 0..random.usize(1..6) {
                let position = random.usize(0..body.len());
                match random.u8(0..4) {
                    0 => body.truncate(position.max(1)),
                    1 => body[position] = random.u8(..),
                    2 => drop(body.remove(position)),
                    _ => body.insert(position, random.u8(..)),
                }
            }
            check(recording.wire, Framing::Sse, &body);
            // Another wire's answer is garbage of the most misleading kind.
            check(random.choice(WIRES).unwrap(), Framing::Sse, &body);
        }
    }
}

#[test]
fn events_with_strange_values() {
    let mut random = Rng::with_seed(23);
    for recording in recordings() {
        let payloads: Vec<Value> = recording
            .body
            .lines()
            .filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok())
            .collect();
        for _ in 0..3 {
            let mut payloads = payloads.clone();
            for _ in 0..8 {
                let position = random.usize(0..payloads.len());
                mutate(&mut random, &mut payloads[position]);
            }
            if random.bool() {
                let (one, other) = (
                    random.usize(0..payloads.len()),
                    random.usize(0..payloads.len()),
                );
                payloads.swap(one, other);
            }
            let texts: Vec<String> = payloads.iter().map(Value::to_string).collect();
            check(
                recording.wire,
                Framing::Sse,
                framed(recording.wire, &texts).as_bytes(),
            );
        }
    }
}

/// Puts something strange somewhere into `value`.
fn mutate(random: &mut Rng, value: &mut Value) {
    let strange = || {
        vec![
            Value::Null,
            json!(""),
            json!(0),
            json!(-1),
            json!(1e300),
            json!(u64::MAX),
            json!([]),
            json!([[], null, 7]),
            json!({}),
            json!({"type": {}}),
            json!("text"),
            json!(true),
        ]
    };
    let deeper = random.u8(0..5) != 0;
    match value {
        Value::Object(map) if deeper && !map.is_empty() => {
            let position = random.usize(0..map.len());
            if let Some(value) = map.values_mut().nth(position) {
                mutate(random, value);
            }
        }
        Value::Array(values) if deeper && !values.is_empty() => {
            let position = random.usize(0..values.len());
            mutate(random, &mut values[position]);
        }
        value => *value = random.choice(strange()).unwrap(),
    }
}

#[test]
fn a_whole_document_where_a_stream_was_asked_for() {
    let random_ends = |wire, document: Value| {
        let events = read(wire, Framing::Whole, &[document.to_string().as_bytes()]);
        assert!(
            matches!(events.last(), Some(ModelEvent::Done { .. })),
            "{events:?}"
        );
        events.len()
    };
    let message = json!({"role": "assistant", "content": "Hi"});
    let chat = json!({"object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]});
    assert_eq!(random_ends(Wire::ChatCompletions, chat), 3);
    let blocks = json!([{"type": "text", "text": "Hi"}]);
    let messages = json!({"type": "message", "content": blocks, "stop_reason": "end_turn"});
    assert_eq!(random_ends(Wire::Messages, messages), 3);
    let output = json!([{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi"}]}]);
    let responses =
        json!({"object": "response", "status": "completed", "error": null, "output": output});
    assert_eq!(random_ends(Wire::Responses, responses), 2);
    let ollama = json!({"message": message, "done": true, "done_reason": "stop"});
    assert_eq!(random_ends(Wire::Ollama, ollama), 3);
    for wire in WIRES {
        assert!(codec(wire).unwrap().path(Purpose::Step).starts_with('/'));
    }
}
