//! A realistic conversation, made up at random: what was asked, what the model did on any wire, what the tools answered.

use fastrand::Rng;
use serde_json::json;

use crate::{CallForm, Carried, Content, Item, Phase, Role, ToolCall, ToolSpec, Wire};

/// So many steps: each is what can stand between two requests. A request is made after any number of whole steps.
pub(super) fn steps(random: &mut Rng, count: usize) -> Vec<Vec<Item>> {
    let mut calls = 0;
    (0..count)
        .map(|number| match random.u8(0..4) {
            _ if number == 0 => input(random),
            0 => input(random),
            _ => step(random, &mut calls),
        })
        .collect()
}

/// Tools of both forms.
pub(super) fn tools() -> Vec<ToolSpec> {
    vec![
        ToolSpec::Function {
            name: "read_file".to_owned(),
            description: "Reads.".to_owned(),
            parameters: json!({"type": "object", "properties": {"path": {"type": "string"}}}),
        },
        ToolSpec::Freeform {
            name: "apply_patch".to_owned(),
            description: "Patches.".to_owned(),
            grammar: "start: \"x\"".to_owned(),
        },
    ]
}

fn input(random: &mut Rng) -> Vec<Item> {
    let mut items = Vec::new();
    if random.bool() {
        items.push(Item::message(Role::Developer, words(random)));
    }
    let mut content = vec![Content::text(words(random))];
    if random.u8(0..4) == 0 {
        content.push(image());
    }
    items.push(Item::Message {
        role: Role::User,
        content,
        phase: None,
    });
    items
}

/// An answer with calls and all their outputs; perhaps something that the person said meanwhile.
fn step(random: &mut Rng, calls: &mut usize) -> Vec<Item> {
    let mut items = Vec::new();
    if random.bool() {
        items.push(reasoning(random));
    }
    if random.bool() {
        items.push(Item::Message {
            role: Role::Assistant,
            content: vec![Content::text(words(random))],
            phase: random.bool().then_some(Phase::Commentary),
        });
    }
    if random.u8(0..6) == 0 {
        items.push(Item::Carried(Carried {
            wire: random.choice(super::WIRES).unwrap(),
            value: json!({"type": "web_search_call", "id": "ws_1", "status": "completed"}),
        }));
    }
    let made: Vec<ToolCall> = (0..random.usize(1..4))
        .map(|_| call(random, calls))
        .collect();
    items.extend(made.iter().cloned().map(Item::ToolCall));
    items.extend(made.iter().map(|call| output(random, call)));
    if random.u8(0..4) == 0 {
        items.extend(input(random));
    }
    items
}

fn reasoning(random: &mut Rng) -> Item {
    let wire = random.choice(super::WIRES).unwrap();
    let text = words(random);
    let value = match wire {
        Wire::Responses => {
            json!({"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": text})
        }
        Wire::Messages => json!({"type": "thinking", "thinking": text, "signature": "c2ln"}),
        Wire::Ollama => json!({"thinking": text}),
        _ if random.bool() => json!({"reasoning_content": text}),
        _ => json!({"content": [{"type": "thinking", "thinking": text}]}),
    };
    Item::Reasoning {
        summary: vec![text],
        carried: random.bool().then_some(Carried { wire, value }),
    }
}

fn call(random: &mut Rng, calls: &mut usize) -> ToolCall {
    *calls += 1;
    let (name, form, arguments) = match random.u8(0..4) {
        0 => (
            "apply_patch",
            CallForm::Freeform,
            "*** Begin Patch\n\"x\"".to_owned(),
        ),
        1 => (
            "read_file",
            CallForm::Function,
            "{\"path\": \"cut o".to_owned(),
        ),
        2 => ("read_file", CallForm::Function, String::new()),
        _ => (
            "read_file",
            CallForm::Function,
            json!({"path": words(random)}).to_string(),
        ),
    };
    ToolCall {
        call_id: format!("functions.{name}:{calls}"),
        name: name.to_owned(),
        arguments,
        form,
    }
}

fn output(random: &mut Rng, call: &ToolCall) -> Item {
    let mut content = vec![Content::text(words(random))];
    match random.u8(0..5) {
        0 => content.clear(),
        1 => content.push(image()),
        _ => {}
    }
    Item::ToolOutput {
        call_id: call.call_id.clone(),
        form: call.form,
        content,
        failed: random.u8(0..4) == 0,
    }
}

fn image() -> Content {
    Content::Image {
        media_type: "image/png".to_owned(),
        data: "iVBORw0KGgo=".to_owned(),
    }
}

fn words(random: &mut Rng) -> String {
    let words = [
        "fn",
        "\"quoted\"",
        "é",
        "\n",
        "{",
        "]",
        "</x>",
        "😀",
        "\\",
        "a b",
    ];
    (0..random.usize(1..6))
        .map(|_| random.choice(words).unwrap())
        .collect()
}
