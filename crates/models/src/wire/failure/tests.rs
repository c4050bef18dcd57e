//! Errors in the shapes of real services, and what the person reads of them.

use std::time::Duration;

use expect_test::expect;
use serde_json::json;

use super::{from_answer, from_report};
use crate::FailureKind::{self, *};

fn answered(status: u16, body: &str) -> FailureKind {
    from_answer(status, &|_| None, body).kind
}

#[test]
fn every_shape_of_error_body() {
    let openai = |code: &str, kind: &str, message: &str| {
        json!({"error": {"code": code, "type": kind, "message": message, "param": null}})
            .to_string()
    };
    let anthropic = |kind: &str, message: &str| {
        json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "r"})
            .to_string()
    };
    for (status, body, kind) in [
        (400, openai("context_length_exceeded", "invalid_request_error", "Too long."), ContextTooLong),
        (429, openai("insufficient_quota", "insufficient_quota", "You exceeded your current quota"), QuotaExceeded),
        (429, openai("rate_limit_exceeded", "tokens", "Rate limit reached"), RateLimited),
        (413, openai("rate_limit_exceeded", "tokens", "Request too large. Reduce the length of the messages"), ContextTooLong),
        (401, openai("invalid_api_key", "invalid_request_error", "Incorrect API key provided"), Unauthorized),
        (404, openai("model_not_found", "invalid_request_error", "The model `x` does not exist"), UnknownModel),
        (400, openai("invalid_prompt", "invalid_request_error", "Your prompt was flagged"), Policy),
        (400, openai("invalid_prompt", "invalid_request_error", "Bad prompt"), InvalidRequest),
        (503, openai("server_is_overloaded", "service_unavailable_error", ""), Overloaded),
        (400, anthropic("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"), ContextTooLong),
        (400, anthropic("invalid_request_error", "Your credit balance is too low"), QuotaExceeded),
        (413, anthropic("request_too_large", "Request exceeds the maximum size"), ContextTooLong),
        (404, anthropic("not_found_error", "model: claude-x"), UnknownModel),
        (404, anthropic("not_found_error", "model: claude-x was not found"), UnknownModel),
        (403, anthropic("permission_error", "No access"), Unauthorized),
        (529, anthropic("overloaded_error", "Overloaded"), Overloaded),
        (500, anthropic("api_error", "Internal"), Service),
        (404, r#"{"error":"model \"qwen9\" not found, try pulling it first"}"#.to_owned(), UnknownModel),
        (400, r#"{"error":"the input length exceeds the context length"}"#.to_owned(), ContextTooLong),
        (400, r#"{"error":{"code":400,"type":"exceed_context_size_error","message":"the request exceeds the available context size"}}"#.to_owned(), ContextTooLong),
        (400, r#"{"object":"error","message":"This model's maximum context length is 4096 tokens","code":400}"#.to_owned(), ContextTooLong),
        (400, r#"{"error":"The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 10247 >= n_ctx: 4096)."}"#.to_owned(), ContextTooLong),
        (400, r#"{"error":"Cannot truncate prompt with n_keep (15028) >= n_ctx (7424)"}"#.to_owned(), ContextTooLong),
        (422, r#"{"detail":[{"loc":["body","tools"],"msg":"extra fields"}]}"#.to_owned(), InvalidRequest),
        (429, r#"[{"error":{"code":429,"message":"You exceeded your current quota. Please retry in 23.4s.","status":"RESOURCE_EXHAUSTED"}}]"#.to_owned(), RateLimited),
        (402, r#"{"error":{"code":402,"message":"Insufficient credits"}}"#.to_owned(), QuotaExceeded),
        (502, "<html><head><title>502 Bad Gateway</title></head></html>".to_owned(), Service),
        (404, "404 page not found".to_owned(), InvalidRequest),
        (401, String::new(), Unauthorized),
        (500, "null".to_owned(), Service),
        (429, "[]".to_owned(), RateLimited),
        (418, "\"short and stout\"".to_owned(), InvalidRequest),
    ] {
        assert_eq!(answered(status, &body), kind, "{status} {body}");
    }
}

#[test]
fn errors_inside_an_answer() {
    let kind = |report| from_report(&report).kind;
    assert_eq!(
        kind(
            json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
        ),
        Overloaded
    );
    assert_eq!(
        kind(
            json!({"type": "error", "code": "context_length_exceeded", "message": "x", "param": null})
        ),
        ContextTooLong
    );
    assert_eq!(
        kind(json!({"type": "error", "status": 401, "error": {"message": "no"}})),
        Unauthorized
    );
    assert_eq!(
        kind(json!({"error": {"code": 502, "message": "upstream"}})),
        Service
    );
    assert_eq!(kind(json!({"error": "unexpected EOF"})), Service);
}

#[test]
fn the_wait_comes_from_the_header_or_else_from_the_words() {
    let body = r#"{"error":{"code":"rate_limit_exceeded","message":"Please try again in 1.2s."}}"#;
    let wait = |header: &'static str| {
        let lookup = move |name: &str| (name == header).then(|| "9".to_owned());
        from_answer(429, &lookup, body).retry_after
    };
    assert_eq!(wait("retry-after"), Some(Duration::from_secs(9)));
    assert_eq!(wait("other"), Some(Duration::from_millis(1200)));
    let google = json!({"error": {"code": 429, "message": "no", "status": "RESOURCE_EXHAUSTED",
        "details": [{"@type": "RetryInfo", "retryDelay": "12s"}]}});
    assert_eq!(
        from_report(&google).retry_after,
        Some(Duration::from_secs(12))
    );
}

#[test]
fn what_the_person_reads() {
    let read = |status, body: &str| from_answer(status, &|_| None, body).message;
    let all = [
        read(
            401,
            r#"{"error":{"code":"invalid_api_key","message":"Incorrect API key"}}"#,
        ),
        read(502, "<html>\n<title> Bad Gateway </title>"),
        read(500, ""),
        read(400, &"é".repeat(2000)).chars().skip(1080).collect(),
    ];
    expect![[r#"
        The service refuses the key; check it and what it may be used for (HTTP 401). It says: Incorrect API key
        The service had an error of its own; it may pass (HTTP 502). It says: (a web page) Bad Gateway
        The service had an error of its own; it may pass (HTTP 500). It gives no reason.
        éééééééééééééééééé …"#]].assert_eq(&all.join("\n"));
}
