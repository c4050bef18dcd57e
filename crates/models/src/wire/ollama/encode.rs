//! Requests in Ollama's form.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::super::grouping::{GO_ON, Group, Output, ends_with_answer, groups};
use super::super::{arguments, content, json as fields, tools};
use crate::{
    Content, Item, ModelFacts, ReasoningEffort, ReasoningHistory, Request, ToolCall, Wire,
};

/// The request's body.
pub(super) fn body(request: &Request, facts: &ModelFacts) -> Value {
    let mut body = json!({
        "model": request.model,
        "messages": messages(request, facts),
        "stream": true,
        // Rather an error, upon which the history is compacted, than a history without its beginning.
        "truncate": false,
        "options": {"num_ctx": facts.context_window},
    });
    fields::set(
        &mut body["options"],
        "num_predict",
        request.max_output_tokens,
    );
    if !request.tools.is_empty() {
        body["tools"] = json!(tools::functions(&request.tools));
    }
    if let (true, Some(effort)) = (facts.reasoning, request.reasoning) {
        body["think"] = think(&request.model, effort);
    }
    body
}

/// Models think or do not; only gpt-oss knows levels, and it alone takes their names.
fn think(model: &str, effort: ReasoningEffort) -> Value {
    if !model.contains("gpt-oss") {
        return json!(effort != ReasoningEffort::None);
    }
    json!(match effort {
        ReasoningEffort::None | ReasoningEffort::Minimal | ReasoningEffort::Low => "low",
        ReasoningEffort::Medium => "medium",
        ReasoningEffort::High | ReasoningEffort::ExtraHigh => "high",
    })
}

fn messages(request: &Request, facts: &ModelFacts) -> Vec<Value> {
    // Tool outputs are named after their tool, which the history says before.
    let names: HashMap<&str, &str> = request
        .items
        .iter()
        .filter_map(|item| match item.as_ref() {
            Item::ToolCall(call) => Some((call.call_id.as_str(), call.name.as_str())),
            _ => None,
        })
        .collect();
    let mut messages = Vec::new();
    if !request.instructions.is_empty() {
        messages.push(json!({"role": "system", "content": &*request.instructions}));
    }
    for group in groups(&request.items) {
        match group {
            Group::Input(_, parts) => messages.push(input(parts, facts)),
            Group::Answer(items) => messages.extend(answer(&items, facts)),
            Group::Outputs(outputs) => messages.extend(tool_messages(&outputs, &names, facts)),
        }
    }
    if ends_with_answer(&request.items) {
        messages.push(json!({"role": "user", "content": GO_ON}));
    }
    messages
}

fn input(parts: &[Content], facts: &ModelFacts) -> Value {
    let mut message = json!({"role": "user", "content": content::joined(parts, facts)});
    let images: Vec<&str> = content::pictures(parts, facts)
        .map(|(_, data)| data)
        .collect();
    if !images.is_empty() {
        message["images"] = json!(images);
    }
    message
}

fn answer(items: &[&Item], facts: &ModelFacts) -> Option<Value> {
    let mut text = Vec::new();
    let mut calls = Vec::new();
    let mut thinking = Vec::new();
    for item in items {
        match item {
            Item::Message { content, .. } => text.push(content::joined(content, facts)),
            Item::ToolCall(call) => calls.push(encode_call(call)),
            Item::Reasoning {
                carried: Some(carried),
                ..
            } if carried.wire == Wire::Ollama
                && facts.quirks.reasoning_history == ReasoningHistory::Kept =>
            {
                thinking.extend(fields::text(&carried.value, "thinking"));
            }
            _ => {}
        }
    }
    if text.is_empty() && calls.is_empty() {
        return None;
    }
    let mut message = json!({"role": "assistant", "content": text.join("\n\n")});
    if !thinking.is_empty() {
        message["thinking"] = json!(thinking.concat());
    }
    if !calls.is_empty() {
        message["tool_calls"] = Value::Array(calls);
    }
    Some(message)
}

fn encode_call(call: &ToolCall) -> Value {
    json!({
        "id": call.call_id,
        "function": {"name": call.name, "arguments": arguments::object(call)},
    })
}

/// The outputs of a step, and behind them their pictures as a user's message, which all models understand.
fn tool_messages(
    outputs: &[Output<'_>],
    names: &HashMap<&str, &str>,
    facts: &ModelFacts,
) -> Vec<Value> {
    let mut messages: Vec<Value> = outputs
        .iter()
        .map(|output| {
            let mut message = json!({
                "role": "tool",
                "tool_call_id": output.call_id,
                "content": content::joined(output.content, facts),
            });
            fields::set(
                &mut message,
                "tool_name",
                names.get(output.call_id).copied(),
            );
            message
        })
        .collect();
    let images: Vec<&str> = outputs
        .iter()
        .flat_map(|output| content::pictures(output.content, facts))
        .map(|(_, data)| data)
        .collect();
    if !images.is_empty() {
        messages.push(json!({
            "role": "user",
            "content": "Pictures from the tool outputs above:",
            "images": images,
        }));
    }
    messages
}
