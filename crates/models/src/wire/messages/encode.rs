//! Requests in the form of Messages.
//!
//! Cache breakpoints stand on the last tool and on the instructions; the conversation is cached by the request-level
//! `cache_control`, which moves by itself, so that a message's bytes never change.

use serde_json::{Value, json};

use super::super::grouping::{GO_ON, Group, Output, ends_with_answer, groups};
use super::super::{arguments, content, json as fields, tools};
use crate::{Carried, Content, Item, ModelFacts, ReasoningEffort, Request, ThinkingControl, Wire};

/// The longest answer when neither the request nor the facts give one, in tokens: the wire demands a number.
const DEFAULT_MAX_TOKENS: u64 = 8192;

/// The least budget that the service takes, in tokens.
const LEAST_THINKING_BUDGET: u64 = 1024;

/// The request's body.
pub(super) fn body(request: &Request, facts: &ModelFacts) -> Value {
    let max_tokens = request
        .max_output_tokens
        .or(facts.max_output_tokens)
        .unwrap_or(DEFAULT_MAX_TOKENS);
    let mut body = json!({
        "model": request.model,
        "max_tokens": max_tokens,
        "messages": messages(request, facts),
        "stream": true,
    });
    if !request.instructions.is_empty() {
        body["system"] = json!([cached(content::text_part(&request.instructions))]);
    }
    if !request.tools.is_empty() {
        body["tools"] = tool_list(request);
    }
    if !facts.quirks.no_automatic_cache {
        body["cache_control"] = ephemeral();
    }
    if let (true, Some(effort)) = (facts.reasoning, request.reasoning) {
        add_thinking(&mut body, effort, max_tokens, facts.quirks.thinking);
    }
    body
}

/// Whether the model thinks between the calls of a turn only if a header asks for it.
pub(super) fn thinks_between_calls_on_demand(request: &Request, facts: &ModelFacts) -> bool {
    facts.reasoning
        && facts.quirks.thinking == ThinkingControl::Budget
        && !request.tools.is_empty()
        && !matches!(request.reasoning, None | Some(ReasoningEffort::None))
}

fn tool_list(request: &Request) -> Value {
    let mut tools: Vec<Value> = request
        .tools
        .iter()
        .map(|tool| {
            let (name, description, schema) = tools::function(tool);
            json!({"name": name, "description": description, "input_schema": schema})
        })
        .collect();
    if let Some(last) = tools.pop() {
        tools.push(cached(last));
    }
    Value::Array(tools)
}

fn add_thinking(
    body: &mut Value,
    effort: ReasoningEffort,
    max_tokens: u64,
    control: ThinkingControl,
) {
    match (control, effort) {
        (_, ReasoningEffort::None) => {}
        (ThinkingControl::Adaptive, effort) => {
            // Newer models leave the summary out unless it is asked for.
            body["thinking"] = json!({"type": "adaptive", "display": "summarized"});
            body["output_config"] = json!({"effort": effort_level(effort)});
        }
        (ThinkingControl::Budget, effort) => {
            // The budget must leave room for the answer.
            let budget = thinking_budget(effort).min(max_tokens / 4 * 3);
            if budget >= LEAST_THINKING_BUDGET {
                body["thinking"] = json!({"type": "enabled", "budget_tokens": budget});
            }
        }
    }
}

/// The highest level is `max`, which more models know than `xhigh`.
fn effort_level(effort: ReasoningEffort) -> &'static str {
    match effort {
        ReasoningEffort::None | ReasoningEffort::Minimal | ReasoningEffort::Low => "low",
        ReasoningEffort::Medium => "medium",
        ReasoningEffort::High => "high",
        ReasoningEffort::ExtraHigh => "max",
    }
}

/// In tokens.
fn thinking_budget(effort: ReasoningEffort) -> u64 {
    match effort {
        ReasoningEffort::None | ReasoningEffort::Minimal => LEAST_THINKING_BUDGET,
        ReasoningEffort::Low => 4096,
        ReasoningEffort::Medium => 10_240,
        ReasoningEffort::High => 24_576,
        ReasoningEffort::ExtraHigh => 49_152,
    }
}

fn messages(request: &Request, facts: &ModelFacts) -> Vec<Value> {
    let mut messages: Vec<Value> = groups(&request.items)
        .iter()
        .filter_map(|group| match group {
            Group::Input(_, parts) => message("user", blocks(parts, facts)),
            Group::Answer(items) => {
                let blocks = items.iter().flat_map(|item| answer_blocks(item, facts));
                message("assistant", blocks.collect())
            }
            Group::Outputs(outputs) => {
                let results = outputs.iter().map(|output| tool_result(output, facts));
                message("user", results.collect())
            }
        })
        .collect();
    if ends_with_answer(&request.items) {
        messages.extend(message("user", vec![content::text_part(GO_ON)]));
    }
    messages
}

/// Messages must have content.
fn message(role: &str, blocks: Vec<Value>) -> Option<Value> {
    (!blocks.is_empty()).then(|| json!({"role": role, "content": blocks}))
}

fn answer_blocks(item: &Item, facts: &ModelFacts) -> Vec<Value> {
    match item {
        Item::Message { content, .. } => blocks(content, facts),
        Item::Reasoning { carried, .. } => given_back(carried.as_ref()),
        Item::ToolCall(call) => vec![json!({
            "type": "tool_use",
            "id": safe_id(&call.call_id),
            "name": call.name,
            "input": arguments::object(call),
        })],
        Item::Carried(carried) => given_back(Some(carried)),
        // Outputs are grouped by themselves.
        Item::ToolOutput { .. } => Vec::new(),
    }
}

fn given_back(carried: Option<&Carried>) -> Vec<Value> {
    let ours = carried.filter(|carried| carried.wire == Wire::Messages);
    ours.map(|carried| carried.value.clone())
        .into_iter()
        .collect()
}

fn tool_result(output: &Output<'_>, facts: &ModelFacts) -> Value {
    let blocks = blocks(output.content, facts);
    // The service refuses errors that are empty or have pictures; that the tool failed is also said in the text.
    let is_text = !blocks.is_empty() && blocks.iter().all(|block| block["type"] == "text");
    let is_error = output.failed && is_text;
    let mut result = json!({
        "type": "tool_result",
        "tool_use_id": safe_id(output.call_id),
        "content": blocks,
    });
    fields::set(&mut result, "is_error", is_error.then_some(true));
    result
}

fn blocks(parts: &[Content], facts: &ModelFacts) -> Vec<Value> {
    let image = |media_type: &str, data: &str| {
        json!({
            "type": "image",
            "source": {"type": "base64", "media_type": media_type, "data": data},
        })
    };
    let mut blocks = content::parts(parts, facts, content::text_part, image);
    // The service writes texts of nothing but line breaks, and refuses them when they come back.
    blocks.retain(|block| {
        block["text"]
            .as_str()
            .is_none_or(|text| !text.trim().is_empty())
    });
    blocks
}

/// Ids of other services may hold what this one refuses: it takes letters, digits, `_` and `-`.
fn safe_id(call_id: &str) -> String {
    let safe =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    call_id
        .chars()
        .map(|character| if safe(character) { character } else { '_' })
        .collect()
}

fn cached(mut block: Value) -> Value {
    block["cache_control"] = ephemeral();
    block
}

fn ephemeral() -> Value {
    json!({"type": "ephemeral"})
}
