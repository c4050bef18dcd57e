//! OpenAI's errors, which Responses and Chat Completions share.

use serde_json::{Value, json};

use crate::Refusal;

/// Status and body; `key` is what the client sent.
pub(super) fn error(refusal: &Refusal, key: &str) -> (u16, Value) {
    let (status, kind, code, message) = match refusal {
        Refusal::RateLimited { retry_after } => {
            let wait = retry_after.map_or(String::new(), |wait| {
                format!(" Please try again in {:.3}s.", wait.as_secs_f64())
            });
            let message = format!("Rate limit reached for scripted on tokens per min (TPM).{wait}");
            (429, "tokens", Some("rate_limit_exceeded"), message)
        }
        Refusal::ServerError => {
            let message = "The server had an error while processing your request.".into();
            (500, "server_error", None, message)
        }
        Refusal::Overloaded => {
            let message = "Our servers are currently overloaded. Please try again later.".into();
            (
                503,
                "service_unavailable_error",
                Some("server_is_overloaded"),
                message,
            )
        }
        Refusal::ContextTooLong => {
            let message = "Your input exceeds the context window of this model.".into();
            (
                400,
                "invalid_request_error",
                Some("context_length_exceeded"),
                message,
            )
        }
        Refusal::Unauthorized => {
            let message = format!("Incorrect API key provided: {key}.");
            (
                401,
                "invalid_request_error",
                Some("invalid_api_key"),
                message,
            )
        }
        Refusal::UnknownModel => {
            let message = "The model does not exist or you do not have access to it.".into();
            (
                404,
                "invalid_request_error",
                Some("model_not_found"),
                message,
            )
        }
        Refusal::QuotaExceeded => {
            let message = "You exceeded your current quota, please check your plan.".into();
            (
                429,
                "insufficient_quota",
                Some("insufficient_quota"),
                message,
            )
        }
        Refusal::Invalid(reason) => (400, "invalid_request_error", None, reason.clone()),
        Refusal::PreviousResponseNotFound => {
            let message = "Previous response not found.".into();
            (
                400,
                "invalid_request_error",
                Some("previous_response_not_found"),
                message,
            )
        }
        Refusal::ConnectionLimit => {
            let message = "Responses websocket connection limit reached (60 minutes).".into();
            (
                400,
                "invalid_request_error",
                Some("websocket_connection_limit_reached"),
                message,
            )
        }
    };
    let error = json!({"message": message, "type": kind, "param": null, "code": code});
    (status, json!({ "error": error }))
}
