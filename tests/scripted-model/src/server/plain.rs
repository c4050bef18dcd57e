//! The answers that need no model: lists of models, versions, what is not there.

use serde_json::{Value, json};

use super::http::Message;
use crate::Script;

/// Status and body of the answer to a request that is not for the model.
pub(super) fn answer(message: &Message, script: &Script) -> (u16, Value) {
    let path = message.path.split('?').next().unwrap_or_default();
    match (message.method.as_str(), path) {
        ("GET", "/v1/models") => (200, models(message, script)),
        ("GET", "/api/tags") => (200, tags(script)),
        ("GET", "/api/version") => (200, json!({"version": "0.30.0"})),
        ("POST", "/api/show") => (200, show(script)),
        (method, path) => {
            let error = format!("Invalid URL ({method} {path})");
            (
                404,
                json!({"error": {"message": error, "type": "invalid_request_error"}}),
            )
        }
    }
}

fn models(message: &Message, script: &Script) -> Value {
    let is_anthropic = message
        .headers
        .iter()
        .any(|(name, _)| name == "anthropic-version");
    let models = script.models.iter();
    if is_anthropic {
        let model = |id: &String| json!({"type": "model", "id": id, "display_name": id, "created_at": "2026-01-01T00:00:00Z"});
        let data: Vec<Value> = models.map(model).collect();
        json!({"data": data, "has_more": false, "first_id": script.models.first(), "last_id": script.models.last()})
    } else {
        let model = |id: &String| json!({"id": id, "object": "model", "created": 1_700_000_000, "owned_by": "scripted"});
        json!({"object": "list", "data": models.map(model).collect::<Vec<_>>()})
    }
}

fn tags(script: &Script) -> Value {
    let model = |name: &String| {
        json!({
            "name": name, "model": name, "modified_at": "2026-01-01T00:00:00Z", "size": 1_000_000, "digest": "0",
            "details": {"family": "scripted", "parameter_size": "1B", "quantization_level": "Q4_0"},
        })
    };
    json!({"models": script.models.iter().map(model).collect::<Vec<_>>()})
}

fn show(script: &Script) -> Value {
    json!({
        "details": {"family": "scripted"}, "capabilities": ["completion", "tools"],
        "model_info": {
            "general.architecture": "scripted",
            "scripted.context_length": script.window.unwrap_or(128_000),
        },
    })
}
