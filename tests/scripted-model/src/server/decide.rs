//! What to do with a request for the model: refuse it, as the rules or the script say, or answer it with a step.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;

use super::state::Shared;
use crate::json::Wrong;
use crate::step::tokens;
use crate::wire::responses;
use crate::{Conversation, Kind, Refusal, SeenRequest, Step, Transport, Wire};

/// Why a request is refused before the script is asked.
pub(super) struct Objection {
    pub(super) refusal: Refusal,
    /// What the client did wrong; `None` where the service just has its limits.
    pub(super) violation: Option<String>,
}

impl Objection {
    fn violation(what: Wrong) -> Self {
        Self {
            refusal: Refusal::Invalid(what.clone()),
            violation: Some(what),
        }
    }
}

/// Reads a request as its service would; `complete` is the body with the whole conversation.
pub(super) fn read(
    request: &SeenRequest,
    complete: &Value,
    shared: &Shared,
) -> Result<Conversation, Objection> {
    check_key(request, shared)?;
    check_headers(request).map_err(Objection::violation)?;
    check_previous(request)?;
    let conversation = match request.kind {
        Kind::Step(wire) => wire.read(complete),
        Kind::Prewarm => Wire::Responses.read(complete),
        Kind::Compaction => responses::read_compaction(complete),
        Kind::Other => Err("not a request for the model".into()),
    };
    let conversation = conversation.map_err(Objection::violation)?;
    let size = tokens(complete.to_string().len());
    // A compaction must be possible just when the window is full.
    let is_too_long = shared.script.window.is_some_and(|window| size > window);
    if is_too_long && request.kind != Kind::Compaction {
        return Err(Objection {
            refusal: Refusal::ContextTooLong,
            violation: None,
        });
    }
    Ok(conversation)
}

/// Over HTTP, with `store: false`, there is nothing that a request could build on.
fn check_previous(request: &SeenRequest) -> Result<(), Objection> {
    let is_stateless = request.transport == Transport::Http;
    if is_stateless && !request.body["previous_response_id"].is_null() {
        return Err(Objection {
            refusal: Refusal::PreviousResponseNotFound,
            violation: Some("Previous response not found.".into()),
        });
    }
    Ok(())
}

fn check_key(request: &SeenRequest, shared: &Shared) -> Result<(), Objection> {
    match &shared.script.key {
        Some(key) if key_of(request) != key => Err(Objection {
            refusal: Refusal::Unauthorized,
            violation: None,
        }),
        _ => Ok(()),
    }
}

/// The key that a request carries, or nothing.
pub(super) fn key_of(request: &SeenRequest) -> &str {
    let bearer = request.header("authorization");
    let bearer = bearer.and_then(|value| value.strip_prefix("Bearer "));
    bearer.or(request.header("x-api-key")).unwrap_or_default()
}

fn check_headers(request: &SeenRequest) -> Result<(), Wrong> {
    if request.kind == Kind::Step(Wire::Messages) && request.header("anthropic-version").is_none() {
        return Err("anthropic-version: header is required".into());
    }
    let is_json = |value: &str| value.starts_with("application/json");
    if request.method == "POST" && !request.header("content-type").is_some_and(is_json) {
        return Err("content-type: expected application/json".into());
    }
    Ok(())
}

/// Asks the script for a step.
pub(super) fn choose(request: &SeenRequest, shared: &Shared) -> Result<Step, Objection> {
    match catch_unwind(AssertUnwindSafe(|| shared.script.choose(request))) {
        Ok(Some(step)) => Ok(step),
        Ok(None) => Err(Objection::violation(
            "the script has no further step".into(),
        )),
        Err(panic) => {
            let message = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or(panic.downcast_ref::<&str>().copied())
                .unwrap_or("without a message");
            Err(Objection::violation(format!(
                "the script panicked: {message}"
            )))
        }
    }
}
