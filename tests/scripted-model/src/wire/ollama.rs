//! Ollama's `/api/chat`: what is accepted, and what is answered. Its calls have no ids.

mod read;

use serde_json::{Value, json};

use super::{Event, Setting, resolve};
use crate::{End, Part, Refusal, Step};

pub(crate) use read::read;

pub(crate) fn answer(step: &Step, setting: &Setting<'_>) -> Vec<Event> {
    let mut events = Vec::new();
    let mut calls = 0;
    for part in &step.parts {
        match part {
            Part::Say(text) => events.extend(deltas(step, setting, "content", text)),
            Part::Reason(text) => events.extend(deltas(step, setting, "thinking", text)),
            Part::Call { name, arguments } => {
                let text = resolve(name, arguments, setting.tools).text;
                events.push(call(setting, calls, name, &text));
                calls += 1;
            }
        }
        if let Some(event) = events.last_mut() {
            event.ends_part = true;
        }
    }
    events.push(end(step, setting));
    events
}

fn line(setting: &Setting<'_>, message: Value) -> Value {
    json!({
        "model": setting.model, "created_at": "2026-01-02T03:04:05.678901234Z", "message": message, "done": false,
    })
}

fn deltas(step: &Step, setting: &Setting<'_>, field: &str, text: &str) -> Vec<Event> {
    let delta = |piece: String| {
        let mut message = json!({"role": "assistant", "content": ""});
        message[field] = piece.into();
        Event::unnamed(line(setting, message).to_string())
    };
    step.pace.pieces(text).into_iter().map(delta).collect()
}

fn call(setting: &Setting<'_>, index: usize, name: &str, arguments: &str) -> Event {
    // Ollama parses what the model writes and shows nothing that is no object.
    let arguments = serde_json::from_str(arguments).unwrap_or(json!({}));
    let function = json!({"index": index, "name": name, "arguments": arguments});
    let message =
        json!({"role": "assistant", "content": "", "tool_calls": [{"function": function}]});
    Event::unnamed(line(setting, message).to_string())
}

fn end(step: &Step, setting: &Setting<'_>) -> Event {
    let mut end = line(setting, json!({"role": "assistant", "content": ""}));
    end["done"] = true.into();
    end["done_reason"] = match step.end {
        End::MaxOutputTokens => "length".into(),
        _ => "stop".into(),
    };
    for duration in [
        "total_duration",
        "load_duration",
        "prompt_eval_duration",
        "eval_duration",
    ] {
        end[duration] = 1_000_000.into();
    }
    end["prompt_eval_count"] = setting.usage.input.into();
    end["eval_count"] = setting.usage.output.into();
    Event::unnamed(end.to_string())
}

pub(crate) fn error(refusal: &Refusal, key: &str) -> (u16, Value) {
    let (status, message) = match refusal {
        Refusal::RateLimited { .. } => (429, "too many requests".into()),
        Refusal::ServerError => (
            500,
            "llama runner process has terminated: exit status 2".into(),
        ),
        Refusal::Overloaded => {
            let message = "server busy, please try again.  maximum pending requests exceeded";
            (503, message.into())
        }
        Refusal::ContextTooLong => (400, "the input length exceeds the context length".into()),
        Refusal::Unauthorized => (401, format!("unauthorized: {key}")),
        Refusal::UnknownModel => (404, "model 'scripted' not found".into()),
        Refusal::QuotaExceeded => (402, "you have reached your usage limit".into()),
        Refusal::Invalid(reason) => (400, reason.clone()),
        Refusal::PreviousResponseNotFound | Refusal::ConnectionLimit => {
            (400, "invalid request".into())
        }
    };
    (status, json!({ "error": message }))
}
