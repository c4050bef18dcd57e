//! The JSON Schema of all messages, generated from their types.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{
    ApprovalAnswer, ApprovalParams, ApprovalRequest, Message, StatusNotification, StatusReport,
    StatusRequest, ViewDocumentParams, ViewDocumentRequest, ViewDocumentResult,
};

/// Every message by method name, with the schemas of its parameters and its answer (JSON Schema 2020-12).
///
/// `docs/protocol.schema.json` holds this value; a test keeps the two the same.
pub fn schema() -> Value {
    let mut messages = Map::new();
    messages.insert(
        StatusRequest::METHOD.into(),
        json!({ "result": schema_of::<StatusReport>() }),
    );
    messages.insert(
        StatusNotification::METHOD.into(),
        json!({ "params": schema_of::<StatusReport>() }),
    );
    messages.insert(
        ViewDocumentRequest::METHOD.into(),
        json!({
            "params": schema_of::<ViewDocumentParams>(),
            "result": schema_of::<ViewDocumentResult>(),
        }),
    );
    messages.insert(
        ApprovalRequest::METHOD.into(),
        json!({
            "params": schema_of::<ApprovalParams>(),
            "result": schema_of::<Option<ApprovalAnswer>>(),
        }),
    );
    Value::Object(messages)
}

fn schema_of<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

#[cfg(test)]
mod tests {
    use expect_test::expect_file;

    #[test]
    fn the_schema_file_is_up_to_date() {
        let schema = serde_json::to_string_pretty(&super::schema()).unwrap() + "\n";
        expect_file!["../../../docs/protocol.schema.json"].assert_eq(&schema);
    }
}
