//! A call's arguments on the way back to the service, which refuses what the model once wrote wrongly.

use serde_json::{Map, Value, json};

use crate::{CallForm, ToolCall};

/// Holds the text of arguments that are no JSON object, so that the model sees what it wrote.
const UNREADABLE: &str = "unreadable_arguments";

/// Holds the text of a call in free text, where the wire has only objects.
const FREE_TEXT: &str = "input";

/// The arguments as an object, for wires that demand one.
pub(super) fn object(call: &ToolCall) -> Value {
    match call.form {
        CallForm::Freeform => json!({ FREE_TEXT: call.arguments }),
        CallForm::Function => object_of(&call.arguments),
    }
}

/// The arguments as the text of an object, unchanged where they are one.
pub(super) fn text(call: &ToolCall) -> String {
    match parse(&call.arguments) {
        Some(_) if call.form == CallForm::Function => call.arguments.clone(),
        _ => object(call).to_string(),
    }
}

/// `arguments` as an object; a wrapped text where they are none.
pub(super) fn object_of(arguments: &str) -> Value {
    match parse(arguments) {
        Some(map) => Value::Object(map),
        None if arguments.trim().is_empty() => json!({}),
        None => json!({ UNREADABLE: arguments }),
    }
}

/// Whether `arguments` are a complete object.
pub(super) fn is_object(arguments: &str) -> bool {
    parse(arguments).is_some()
}

fn parse(arguments: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(arguments).ok()
}
