//! Chat Completions: what is accepted, and what is answered.
//!
//! As strict as the strictest of the services that speak it: one system message at most, and only in front; arguments
//! of calls that are given back must be JSON, because chat templates parse them.

mod read;

use serde_json::{Value, json};

use super::{Event, Setting, resolve};
use crate::{End, Part, Step};

pub(crate) use read::{read, read_tool};

pub(crate) fn answer(step: &Step, setting: &Setting<'_>) -> Vec<Event> {
    let mut events = vec![chunk(
        setting,
        json!({"role": "assistant", "content": ""}),
        None,
    )];
    let mut calls = 0;
    for part in &step.parts {
        match part {
            Part::Say(text) if step.end == End::Refusal => {
                events.extend(deltas(step, setting, "refusal", text));
            }
            Part::Say(text) => events.extend(deltas(step, setting, "content", text)),
            Part::Reason(text) => events.extend(deltas(step, setting, "reasoning_content", text)),
            Part::Call { name, arguments } => {
                let text = resolve(name, arguments, setting.tools).text;
                events.extend(call(step, setting, calls, name, &text));
                calls += 1;
            }
        }
        if let Some(event) = events.last_mut() {
            event.ends_part = true;
        }
    }
    events.push(chunk(setting, json!({}), Some(finish_reason(step))));
    if setting.tells_usage {
        events.push(usage(setting));
    }
    events.push(Event::unnamed("[DONE]".into()));
    events
}

fn chunk(setting: &Setting<'_>, delta: Value, finish: Option<&str>) -> Event {
    let choices = json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]);
    let mut chunk = envelope(setting, choices);
    if setting.tells_usage {
        chunk["usage"] = Value::Null;
    }
    Event::unnamed(chunk.to_string())
}

fn envelope(setting: &Setting<'_>, choices: Value) -> Value {
    json!({
        "id": format!("chatcmpl-{:08}", setting.number), "object": "chat.completion.chunk",
        "created": 1_700_000_000, "model": setting.model, "system_fingerprint": null, "choices": choices,
    })
}

fn deltas(step: &Step, setting: &Setting<'_>, field: &str, text: &str) -> Vec<Event> {
    let pieces = step.pace.pieces(text);
    let delta = |piece: String| chunk(setting, json!({ field: piece }), None);
    pieces.into_iter().map(delta).collect()
}

fn call(
    step: &Step,
    setting: &Setting<'_>,
    index: usize,
    name: &str,
    arguments: &str,
) -> Vec<Event> {
    let id = format!("call_{:08}{index:04}", setting.number);
    let delta = |call: Value| chunk(setting, json!({"tool_calls": [call]}), None);
    let mut events = vec![delta(json!({
        "index": index, "id": id, "type": "function", "function": {"name": name, "arguments": ""},
    }))];
    let pieces = step.pace.pieces(arguments);
    events.extend(
        pieces
            .into_iter()
            .map(|piece| delta(json!({"index": index, "function": {"arguments": piece}}))),
    );
    events
}

fn finish_reason(step: &Step) -> &'static str {
    match step.end {
        End::MaxOutputTokens => "length",
        End::ContentFilter => "content_filter",
        _ if step.has_calls() => "tool_calls",
        _ => "stop",
    }
}

fn usage(setting: &Setting<'_>) -> Event {
    let usage = setting.usage;
    let mut chunk = envelope(setting, json!([]));
    chunk["usage"] = json!({
        "prompt_tokens": usage.input, "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached_input},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
    });
    Event::unnamed(chunk.to_string())
}
