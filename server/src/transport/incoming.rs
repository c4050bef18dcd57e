//! What a message body is: a request, a notification, an answer, or nothing that JSON-RPC knows.
//!
//! Pure; called by the reader thread. Anything that cannot be served carries the answer that it is owed.

use serde_json::Value;
use tower_lsp_server::jsonrpc::{Error, ErrorCode, Id, Request, Response};

use super::outbox::OUR_ID_PREFIX;

/// A message from the client.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A request or a notification for the service.
    Call(Request),
    /// The answer to a request of ours.
    Answer {
        /// The id that we gave our request.
        id: Value,
        /// The result, or the client's error.
        outcome: Result<Value, Value>,
    },
    /// Not a message; this is what the client is told.
    Refused(Response),
    /// An answer to a request of ours that says nothing. It is only logged: nobody answers an answer.
    Ignored {
        /// The id that we gave our request.
        id: String,
    },
}

/// Tells what `body` is; never fails.
pub(crate) fn decode(body: &[u8]) -> Incoming {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => decode_object(object),
        Ok(Value::Array(_)) => refused(
            Id::Null,
            ErrorCode::InvalidRequest,
            "LSP has no batches: send each message in a frame of its own",
        ),
        Ok(_) => refused(
            Id::Null,
            ErrorCode::InvalidRequest,
            "a message is a JSON object",
        ),
        Err(error) => undecodable(&format!("the body is not JSON: {error}")),
    }
}

/// The answer to bytes that are no message.
pub(crate) fn undecodable(reason: &str) -> Incoming {
    refused(Id::Null, ErrorCode::ParseError, reason)
}

fn decode_object(mut object: serde_json::Map<String, Value>) -> Incoming {
    let id = object.remove("id");
    let Some(method) = object.remove("method") else {
        return decode_answer(id, &mut object);
    };
    let Value::String(method) = method else {
        return refused(
            known_id(id),
            ErrorCode::InvalidRequest,
            "`method` is a string",
        );
    };
    // The framework tells missing parameters from `null`; clients do not.
    let params = object.remove("params").unwrap_or(Value::Null);
    let request = Request::build(method).params(params);
    match id {
        None => Incoming::Call(request.finish()),
        Some(id) => match known_id(Some(id)) {
            Id::Null => refused(
                Id::Null,
                ErrorCode::InvalidRequest,
                "the id of a request is a whole number or a string",
            ),
            id => Incoming::Call(request.id(id).finish()),
        },
    }
}

/// Some clients write both `result` and `error`, one of them `null`; JSON-RPC means such an `error` to be left out.
fn decode_answer(id: Option<Value>, object: &mut serde_json::Map<String, Value>) -> Incoming {
    let error = object.remove("error").filter(|error| !error.is_null());
    let outcome = match (object.remove("result"), error) {
        (Some(result), None) => Ok(result),
        (None | Some(Value::Null), Some(error)) => Err(error),
        _ => return no_answer(id),
    };
    Incoming::Answer {
        id: id.unwrap_or(Value::Null),
        outcome,
    }
}

fn no_answer(id: Option<Value>) -> Incoming {
    match id {
        Some(Value::String(id)) if id.starts_with(OUR_ID_PREFIX) => Incoming::Ignored { id },
        id => refused(
            known_id(id),
            ErrorCode::InvalidRequest,
            "a message has a `method`, or an `id` with either `result` or `error`",
        ),
    }
}

fn known_id(id: Option<Value>) -> Id {
    id.and_then(|id| serde_json::from_value(id).ok())
        .unwrap_or(Id::Null)
}

fn refused(id: Id, code: ErrorCode, reason: &str) -> Incoming {
    let mut error = Error::new(code);
    error.message = reason.to_string().into();
    Incoming::Refused(Response::from_error(id, error))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::{Incoming, decode};

    fn check(body: &str, expected: Expect) {
        let described = match decode(body.as_bytes()) {
            Incoming::Call(request) => format!("call {request}"),
            Incoming::Answer { id, outcome } => format!("answer {id} {outcome:?}"),
            Incoming::Refused(response) => serde_json::to_string(&response).unwrap(),
            Incoming::Ignored { id } => format!("ignored {id}"),
        };
        expected.assert_eq(&described);
    }

    #[test]
    fn requests_and_notifications() {
        check(
            r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"b":2}}"#,
            expect![[r#"call {"jsonrpc":"2.0","method":"a","params":{"b":2},"id":1}"#]],
        );
        check(
            r#"{"jsonrpc":"2.0","id":"x","method":"shutdown","params":null}"#,
            expect![[r#"call {"jsonrpc":"2.0","method":"shutdown","params":null,"id":"x"}"#]],
        );
        check(
            r#"{"jsonrpc":"2.0","method":"exit"}"#,
            expect![[r#"call {"jsonrpc":"2.0","method":"exit","params":null}"#]],
        );
    }

    #[test]
    fn answers() {
        check(
            r#"{"jsonrpc":"2.0","id":"ropewalk-1","result":null}"#,
            expect![[r#"answer "ropewalk-1" Ok(Null)"#]],
        );
        check(
            r#"{"id":3,"error":{"code":1,"message":"no"}}"#,
            expect![[r#"answer 3 Err(Object {"code": Number(1), "message": String("no")})"#]],
        );
    }

    #[test]
    fn an_error_that_is_null_is_none() {
        check(
            r#"{"id":"ropewalk-1","result":[7],"error":null}"#,
            expect![[r#"answer "ropewalk-1" Ok(Array [Number(7)])"#]],
        );
        check(
            r#"{"id":"ropewalk-1","result":null,"error":null}"#,
            expect![[r#"answer "ropewalk-1" Ok(Null)"#]],
        );
        check(
            r#"{"id":"ropewalk-1","result":null,"error":{"code":1,"message":"no"}}"#,
            expect![[
                r#"answer "ropewalk-1" Err(Object {"code": Number(1), "message": String("no")})"#
            ]],
        );
    }

    #[test]
    fn a_malformed_answer_to_us_is_never_answered() {
        for body in [
            r#"{"id":"ropewalk-1"}"#,
            r#"{"id":"ropewalk-1","error":null}"#,
            r#"{"id":"ropewalk-1","result":1,"error":{"code":1,"message":"no"}}"#,
        ] {
            check(body, expect!["ignored ropewalk-1"]);
        }
        check(
            r#"{"id":"other-1"}"#,
            expect![[
                r#"{"jsonrpc":"2.0","error":{"code":-32600,"message":"a message has a `method`, or an `id` with either `result` or `error`"},"id":"other-1"}"#
            ]],
        );
    }

    #[test]
    fn what_is_no_message_is_told_so() {
        check(
            "[]",
            expect![[
                r#"{"jsonrpc":"2.0","error":{"code":-32600,"message":"LSP has no batches: send each message in a frame of its own"},"id":null}"#
            ]],
        );
        check(
            "7",
            expect![[
                r#"{"jsonrpc":"2.0","error":{"code":-32600,"message":"a message is a JSON object"},"id":null}"#
            ]],
        );
        check(
            "{\"a\":",
            expect![[
                r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"the body is not JSON: EOF while parsing a value at line 1 column 5"},"id":null}"#
            ]],
        );
        check(
            r#"{"id":1}"#,
            expect![[
                r#"{"jsonrpc":"2.0","error":{"code":-32600,"message":"a message has a `method`, or an `id` with either `result` or `error`"},"id":1}"#
            ]],
        );
        check(
            r#"{"id":{},"method":"a"}"#,
            expect![[
                r#"{"jsonrpc":"2.0","error":{"code":-32600,"message":"the id of a request is a whole number or a string"},"id":null}"#
            ]],
        );
        check(
            r#"{"id":5,"method":7}"#,
            expect![[
                r#"{"jsonrpc":"2.0","error":{"code":-32600,"message":"`method` is a string"},"id":5}"#
            ]],
        );
    }
}
