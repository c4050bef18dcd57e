//! Anthropic's Messages: what is answered. `read` says what may be asked.

mod blocks;
mod read;

use serde_json::{Value, json};

use super::{Event, Setting, resolve};
use crate::seal::seal;
use crate::{End, Part, Refusal, Step};

pub(crate) use read::read;

pub(crate) fn answer(step: &Step, setting: &Setting<'_>) -> Vec<Event> {
    let mut events = vec![start(setting)];
    for (index, part) in step.parts.iter().enumerate() {
        events.extend(block(step, setting, index, part));
    }
    if step.end == End::Paused {
        events.extend(server_tool(setting, step.parts.len()));
    }
    let usage = json!({
        "input_tokens": uncached(setting), "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": setting.usage.cached_input, "output_tokens": setting.usage.output,
    });
    let delta = json!({"stop_reason": stop_reason(step), "stop_sequence": null});
    events.push(event(
        json!({"type": "message_delta", "delta": delta, "usage": usage}),
    ));
    events.push(event(json!({"type": "message_stop"})));
    events
}

fn event(value: Value) -> Event {
    let name = value["type"].as_str().unwrap_or_default().to_owned();
    Event::named(&name, value.to_string())
}

fn uncached(setting: &Setting<'_>) -> u64 {
    setting
        .usage
        .input
        .saturating_sub(setting.usage.cached_input)
}

fn start(setting: &Setting<'_>) -> Event {
    event(json!({"type": "message_start", "message": {
        "model": setting.model, "id": format!("msg_{:08}", setting.number), "type": "message", "role": "assistant",
        "content": [], "stop_reason": null, "stop_sequence": null,
        "usage": {
            "input_tokens": uncached(setting), "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": setting.usage.cached_input, "output_tokens": 1,
        },
    }}))
}

fn block(step: &Step, setting: &Setting<'_>, index: usize, part: &Part) -> Vec<Event> {
    let (start, deltas): (Value, Vec<Value>) = match part {
        Part::Say(text) => (
            json!({"type": "text", "text": ""}),
            pieces(
                step,
                text,
                |piece| json!({"type": "text_delta", "text": piece}),
            ),
        ),
        Part::Reason(text) => {
            let mut deltas = pieces(
                step,
                text,
                |piece| json!({"type": "thinking_delta", "thinking": piece}),
            );
            deltas.push(json!({"type": "signature_delta", "signature": seal(text)}));
            (
                json!({"type": "thinking", "thinking": "", "signature": ""}),
                deltas,
            )
        }
        Part::Call { name, arguments } => {
            let text = resolve(name, arguments, setting.tools).text;
            // An empty object is sent as no text at all.
            let text = if text == "{}" { String::new() } else { text };
            let mut deltas = vec![json!({"type": "input_json_delta", "partial_json": ""})];
            deltas.extend(pieces(
                step,
                &text,
                |piece| json!({"type": "input_json_delta", "partial_json": piece}),
            ));
            let id = format!("toolu_{:08}{index:04}", setting.number);
            (
                json!({"type": "tool_use", "id": id, "name": name, "input": {}}),
                deltas,
            )
        }
    };
    framed(index, &start, deltas)
}

fn pieces(step: &Step, text: &str, delta: impl Fn(String) -> Value) -> Vec<Value> {
    step.pace.pieces(text).into_iter().map(delta).collect()
}

fn framed(index: usize, start: &Value, deltas: Vec<Value>) -> Vec<Event> {
    let mut events = vec![event(
        json!({"type": "content_block_start", "index": index, "content_block": start}),
    )];
    if index == 0 {
        events.push(event(json!({"type": "ping"})));
    }
    events.extend(deltas.into_iter().map(|delta| {
        event(json!({"type": "content_block_delta", "index": index, "delta": delta}))
    }));
    events.push(event(json!({"type": "content_block_stop", "index": index})).ending_part());
    events
}

/// The service pauses only while it uses a tool of its own.
fn server_tool(setting: &Setting<'_>, index: usize) -> Vec<Event> {
    let id = format!("srvtoolu_{:08}", setting.number);
    let start = json!({"type": "server_tool_use", "id": id, "name": "web_search", "input": {}});
    let delta = json!({"type": "input_json_delta", "partial_json": "{\"query\": \"rope\"}"});
    framed(index, &start, vec![delta])
}

fn stop_reason(step: &Step) -> &'static str {
    match step.end {
        End::MaxOutputTokens => "max_tokens",
        End::ContentFilter | End::Refusal => "refusal",
        End::Paused => "pause_turn",
        End::Complete if step.has_calls() => "tool_use",
        End::Complete => "end_turn",
    }
}

pub(crate) fn error(refusal: &Refusal, key: &str) -> (u16, Value) {
    let (status, kind, message) = match refusal {
        Refusal::RateLimited { .. } => {
            let message = "This request would exceed your organization's rate limit.".into();
            (429, "rate_limit_error", message)
        }
        Refusal::ServerError => (500, "api_error", "Internal server error".into()),
        Refusal::Overloaded => (529, "overloaded_error", "Overloaded".into()),
        Refusal::ContextTooLong => {
            let message = "prompt is too long: 215000 tokens > 200000 maximum".into();
            (400, "invalid_request_error", message)
        }
        Refusal::Unauthorized => (
            401,
            "authentication_error",
            format!("invalid x-api-key: {key}"),
        ),
        Refusal::UnknownModel => (404, "not_found_error", "model: scripted".into()),
        Refusal::QuotaExceeded => {
            let message = "Your credit balance is too low to access the Anthropic API.".into();
            (400, "invalid_request_error", message)
        }
        Refusal::Invalid(reason) => (400, "invalid_request_error", reason.clone()),
        Refusal::PreviousResponseNotFound | Refusal::ConnectionLimit => {
            (400, "invalid_request_error", "invalid request".into())
        }
    };
    let error = json!({"type": kind, "message": message});
    (
        status,
        json!({"type": "error", "error": error, "request_id": "req_scripted"}),
    )
}
