//! The JSON Schema of all messages, generated from their types.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Map, Value};

use crate::{
    ApprovalRequest, DiagnosticsNotification, HunksNotification, InlineEditNotification, Message,
    ProposalRequest, StatusNotification, StatusRequest, TaskNotification, TaskUpdateNotification,
    TasksRequest, ThreadsRequest, ViewDocumentRequest,
};

/// Every message by method name, with the schemas of its parameters and its answer (JSON Schema 2020-12).
///
/// `docs/protocol.schema.json` holds this value; a test keeps the two the same.
pub fn schema() -> Value {
    Value::Object(Map::from_iter([
        message::<StatusRequest>(),
        message::<StatusNotification>(),
        message::<ViewDocumentRequest>(),
        message::<ApprovalRequest>(),
        message::<TasksRequest>(),
        message::<TaskNotification>(),
        message::<TaskUpdateNotification>(),
        message::<ThreadsRequest>(),
        message::<ProposalRequest>(),
        message::<HunksNotification>(),
        message::<InlineEditNotification>(),
        message::<DiagnosticsNotification>(),
    ]))
}

/// A message's entry; what it has none of is left out.
fn message<M: Message>() -> (String, Value)
where
    M::Params: JsonSchema,
    M::Result: JsonSchema,
{
    let parts = [
        ("params", schema_of::<M::Params>()),
        ("result", schema_of::<M::Result>()),
    ];
    let parts = parts.into_iter().filter(|(_, schema)| !is_nothing(schema));
    let parts = parts.map(|(name, schema)| (name.to_owned(), schema));
    (M::METHOD.into(), Value::Object(parts.collect()))
}

/// The schema of `()`.
fn is_nothing(schema: &Value) -> bool {
    schema["type"] == "null"
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
