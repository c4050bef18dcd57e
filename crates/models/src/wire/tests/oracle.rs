//! What a recording says, found by walking its JSON without any of the decoders' code.
//!
//! Where a recording holds several answers one after another, all that they say counts, and the last one's end and usage.

use serde_json::Value;

use crate::{EndReason, Usage, Wire};

/// What must arrive of an answer.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Expected {
    /// The text of the complete items.
    pub(super) text: String,
    /// The text as it streamed: a shortened recording may have less of it.
    pub(super) streamed_text: String,
    pub(super) reasoning: String,
    /// Names and arguments (as JSON values) of the calls of our tools.
    pub(super) calls: Vec<(String, Value)>,
    /// Types of the items that only the service understands.
    pub(super) carried: Vec<String>,
    pub(super) end: Option<EndReason>,
    pub(super) usage: Option<Usage>,
}

/// What `payloads` say.
pub(super) fn expected(wire: Wire, payloads: &[Value]) -> Expected {
    let mut expected = match wire {
        Wire::Responses => return responses(payloads),
        Wire::Messages => messages(payloads),
        _ => chat(payloads),
    };
    expected.streamed_text = expected.text.clone();
    expected
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

fn number(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or(0)
}

fn parsed(arguments: &str) -> Value {
    if arguments.is_empty() {
        return serde_json::json!({});
    }
    serde_json::from_str(arguments).unwrap()
}

fn responses(payloads: &[Value]) -> Expected {
    let mut expected = Expected::default();
    for event in payloads {
        match text(&event["type"]) {
            "response.output_text.delta" => expected.streamed_text += text(&event["delta"]),
            "response.reasoning_summary_text.delta" => expected.reasoning += text(&event["delta"]),
            "response.output_item.done" => match text(&event["item"]["type"]) {
                "message" => expected.text += text(&event["item"]["content"][0]["text"]),
                "reasoning" => {}
                "function_call" => expected.calls.push((
                    text(&event["item"]["name"]).to_owned(),
                    parsed(text(&event["item"]["arguments"])),
                )),
                other => expected.carried.push(other.to_owned()),
            },
            "response.completed" => {
                let usage = &event["response"]["usage"];
                expected.end = Some(EndReason::Complete);
                expected.usage = Some(Usage {
                    input: number(usage, "/input_tokens"),
                    cached_input: number(usage, "/input_tokens_details/cached_tokens"),
                    cache_write: number(usage, "/input_tokens_details/cache_write_tokens"),
                    output: number(usage, "/output_tokens"),
                    reasoning: number(usage, "/output_tokens_details/reasoning_tokens"),
                });
            }
            _ => {}
        }
    }
    expected
}

fn messages(payloads: &[Value]) -> Expected {
    let mut expected = Expected::default();
    let mut inputs: Vec<(String, Value, String)> = Vec::new();
    let mut usage = serde_json::Map::new();
    for event in payloads {
        match text(&event["type"]) {
            "message_start" => {
                let message = &event["message"];
                usage = message["usage"].as_object().unwrap().clone();
                expected.end = None;
                // A message that only calls from within the service's own tool comes whole.
                for block in message["content"].as_array().unwrap() {
                    assert_eq!(block["type"], "tool_use", "the oracle knows no other");
                    let call = (text(&block["name"]).to_owned(), block["input"].clone());
                    expected.calls.push(call);
                }
                if message["stop_reason"] == "tool_use" {
                    expected.end = Some(EndReason::Complete);
                }
            }
            "content_block_start" => {
                let block = &event["content_block"];
                let name = text(&block["name"]).to_owned();
                inputs.push((name, block["input"].clone(), String::new()));
                match text(&block["type"]) {
                    "text" | "thinking" => {}
                    "tool_use" => expected.calls.push((String::new(), Value::Null)),
                    other => expected.carried.push(other.to_owned()),
                }
            }
            "content_block_delta" => {
                let delta = &event["delta"];
                expected.text += text(&delta["text"]);
                expected.reasoning += text(&delta["thinking"]);
                inputs.last_mut().unwrap().2 += text(&delta["partial_json"]);
            }
            "content_block_stop" => {
                // Blocks of these recordings do not overlap, so the newest one stops.
                let (name, input, streamed) = inputs.last().unwrap().clone();
                if let Some(call) = expected.calls.iter_mut().find(|call| call.1.is_null())
                    && !input.is_null()
                {
                    let input = if streamed.is_empty() {
                        input
                    } else {
                        parsed(&streamed)
                    };
                    *call = (name, input);
                }
            }
            "message_delta" => {
                usage.extend(event["usage"].as_object().unwrap().clone());
                expected.end = Some(match text(&event["delta"]["stop_reason"]) {
                    "end_turn" | "tool_use" => EndReason::Complete,
                    other => panic!("the oracle does not know {other}"),
                });
            }
            _ => {}
        }
    }
    let usage = Value::Object(usage);
    let cached_input = number(&usage, "/cache_read_input_tokens");
    let cache_write = number(&usage, "/cache_creation_input_tokens");
    expected.usage = Some(Usage {
        input: number(&usage, "/input_tokens") + cached_input + cache_write,
        cached_input,
        cache_write,
        output: number(&usage, "/output_tokens"),
        reasoning: 0,
    });
    expected
}

fn chat(payloads: &[Value]) -> Expected {
    let mut expected = Expected::default();
    let mut calls: Vec<(String, String)> = Vec::new();
    for chunk in payloads {
        let choice = &chunk["choices"][0];
        let delta = &choice["delta"];
        expected.reasoning += text(&delta["reasoning_content"]);
        match &delta["content"] {
            Value::Array(parts) => {
                for part in parts {
                    expected.text += text(&part["text"]);
                    expected.reasoning += text(&part["thinking"][0]["text"]);
                }
            }
            content => expected.text += text(content),
        }
        // Each of these recordings has one call at most.
        if let Some(call) = delta["tool_calls"].get(0) {
            if calls.is_empty() {
                calls.push(Default::default());
            }
            calls[0].0 += text(&call["function"]["name"]);
            calls[0].1 += text(&call["function"]["arguments"]);
        }
        match text(&choice["finish_reason"]) {
            "" => {}
            "stop" | "tool_calls" => expected.end = Some(EndReason::Complete),
            other => panic!("the oracle does not know {other}"),
        }
        if let Some(usage) = chunk.get("usage").filter(|usage| usage.is_object()) {
            let input = number(usage, "/prompt_tokens");
            expected.usage = Some(Usage {
                input,
                cached_input: number(usage, "/prompt_tokens_details/cached_tokens"),
                cache_write: 0,
                output: number(usage, "/total_tokens") - input,
                reasoning: number(usage, "/completion_tokens_details/reasoning_tokens"),
            });
        }
    }
    expected.calls = calls
        .into_iter()
        .map(|(name, arguments)| (name, parsed(&arguments)))
        .collect();
    expected
}
