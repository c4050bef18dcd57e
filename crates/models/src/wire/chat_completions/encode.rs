//! Requests in the form of Chat Completions.

use serde_json::{Value, json};

use super::super::grouping::{GO_ON, Group, Output, ends_with_answer, groups};
use super::super::{arguments, content, json as fields, tools};
use super::{calls, reasoning};
use crate::{
    Content, DeveloperRole, EffortField, Item, ModelFacts, OutputLimitField, ReasoningEffort,
    ReasoningHistory, Request, Role,
};

/// The request's body.
pub(super) fn body(request: &Request, facts: &ModelFacts) -> Value {
    let quirks = facts.quirks;
    let mut body = json!({
        "model": request.model,
        "messages": messages(request, facts),
        "stream": true,
    });
    if !quirks.no_stream_options {
        body["stream_options"] = json!({"include_usage": true});
    }
    if !request.tools.is_empty() {
        body["tools"] = json!(tools::functions(&request.tools));
        body["tool_choice"] = json!("auto");
    }
    if quirks.prompt_cache_key {
        body["prompt_cache_key"] = json!(request.cache_key);
    }
    let limit = match quirks.output_limit {
        OutputLimitField::MaxTokens => "max_tokens",
        OutputLimitField::MaxCompletionTokens => "max_completion_tokens",
    };
    fields::set(&mut body, limit, request.max_output_tokens);
    if let (true, Some(effort)) = (facts.reasoning, request.reasoning.map(effort)) {
        match quirks.effort {
            EffortField::ReasoningEffort => body["reasoning_effort"] = json!(effort),
            EffortField::ReasoningObject => body["reasoning"] = json!({"effort": effort}),
            EffortField::Omitted => {}
        }
    }
    body
}

fn effort(effort: ReasoningEffort) -> &'static str {
    match effort {
        ReasoningEffort::None => "none",
        ReasoningEffort::Minimal => "minimal",
        ReasoningEffort::Low => "low",
        ReasoningEffort::Medium => "medium",
        ReasoningEffort::High => "high",
        ReasoningEffort::ExtraHigh => "xhigh",
    }
}

fn messages(request: &Request, facts: &ModelFacts) -> Vec<Value> {
    let mut messages = Vec::new();
    if !request.instructions.is_empty() {
        let role = match facts.quirks.developer_role {
            DeveloperRole::User | DeveloperRole::System => "system",
            DeveloperRole::Developer => "developer",
        };
        messages.push(json!({"role": role, "content": &*request.instructions}));
    }
    for group in groups(&request.items) {
        match group {
            Group::Input(role, parts) => messages.push(input(role, parts, facts)),
            Group::Answer(items) => messages.extend(answer(&items, facts)),
            Group::Outputs(outputs) => messages.extend(tool_messages(&outputs, facts)),
        }
    }
    if ends_with_answer(&request.items) {
        messages.push(json!({"role": "user", "content": GO_ON}));
    }
    messages
}

fn input(role: Role, parts: &[Content], facts: &ModelFacts) -> Value {
    let role = match (role, facts.quirks.developer_role) {
        (Role::Developer, DeveloperRole::Developer) => "developer",
        (Role::Developer, DeveloperRole::System) => "system",
        _ => "user",
    };
    json!({"role": role, "content": input_content(parts, facts)})
}

/// One text as a plain string, which every service takes; several parts, or pictures, as a list.
fn input_content(parts: &[Content], facts: &ModelFacts) -> Value {
    let mut parts = content::parts(parts, facts, content::text_part, image);
    match parts.as_mut_slice() {
        [] => json!(""),
        [part] if part["type"] == "text" => part["text"].take(),
        _ => Value::Array(parts),
    }
}

fn image(media_type: &str, data: &str) -> Value {
    json!({"type": "image_url", "image_url": {"url": content::data_url(media_type, data)}})
}

/// `None` when nothing is left that this wire could carry.
fn answer(items: &[&Item], facts: &ModelFacts) -> Option<Value> {
    let mut text = Vec::new();
    let mut calls = Vec::new();
    let mut thoughts = Vec::new();
    for item in items {
        match item {
            Item::Message { content, .. } => text.push(content::joined(content, facts)),
            Item::ToolCall(call) => calls.push(json!({
                "id": call.call_id,
                "type": "function",
                "function": {"name": call.name, "arguments": arguments::text(call)},
            })),
            Item::Reasoning {
                carried: Some(carried),
                ..
            } if facts.quirks.reasoning_history == ReasoningHistory::Kept => thoughts.push(carried),
            Item::Carried(carried) => calls::give_back(carried, &mut calls),
            _ => {}
        }
    }
    if text.is_empty() && calls.is_empty() {
        return None;
    }
    let text = text.join("\n\n");
    let mut message = json!({"role": "assistant", "content": text});
    if !calls.is_empty() {
        message["tool_calls"] = Value::Array(calls);
    }
    reasoning::give_back(&thoughts, &mut message);
    Some(message)
}

/// The outputs of a step, and behind them their pictures as a user's message: tools can answer with text only.
fn tool_messages(outputs: &[Output<'_>], facts: &ModelFacts) -> Vec<Value> {
    let mut messages: Vec<Value> = outputs
        .iter()
        .map(|output| {
            json!({
                "role": "tool",
                "tool_call_id": output.call_id,
                "content": content::joined(output.content, facts),
            })
        })
        .collect();
    let pictures: Vec<Value> = outputs
        .iter()
        .flat_map(|output| content::pictures(output.content, facts))
        .map(|(media_type, data)| image(media_type, data))
        .collect();
    if !pictures.is_empty() {
        let mut parts = vec![content::text_part("Pictures from the tool outputs above:")];
        parts.extend(pictures);
        messages.push(json!({"role": "user", "content": parts}));
    }
    messages
}
