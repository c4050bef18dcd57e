//! The arguments of a tool: how the model is told of them, and how they are read from what it wrote.
//!
//! Both come from one struct of the tool, so they cannot disagree. Arguments that cannot be read become an answer that
//! names the field, says what was expected, and shows an example. Fields that nobody knows are passed over.

use models::{ToolCall, ToolSpec};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::ToolOutput;

/// Reads a call's arguments.
///
/// `example` is a correct call's arguments as JSON text, for the answer when these cannot be read. Takes what models are
/// known to send: nothing at all for no arguments, and an object that is encoded twice.
///
/// # Errors
/// The answer to the model.
pub fn parse<T: DeserializeOwned + JsonSchema>(
    call: &ToolCall,
    example: &str,
) -> Result<T, ToolOutput> {
    let text = match call.arguments.trim() {
        "" => "{}",
        text => text,
    };
    let once_more = serde_json::from_str::<String>(text);
    let text = once_more.as_deref().unwrap_or(text);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| problem(&error.path().to_string(), error.inner()));
    let value = value.and_then(|value| {
        let end = deserializer.end();
        end.map(|()| value).map_err(|error| problem(".", &error))
    });
    value.map_err(|problem| refusal::<T>(&call.name, &problem, example))
}

/// The description of a tool that takes `T` as its arguments.
pub fn function<T: JsonSchema>(name: &str, description: &str) -> ToolSpec {
    ToolSpec::Function {
        name: name.into(),
        description: description.into(),
        parameters: schema::<T>(),
    }
}

/// The JSON schema of `T`: one object without references, titles and number formats, which only cost tokens.
///
/// An optional field is one that is not required; that it may also be `null` is not said.
pub fn schema<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>().into();
    tidy(&mut schema);
    if let Value::Object(object) = &mut schema {
        // The struct's own documentation is for its readers; the tool's description is for the model.
        object.remove("description");
        object.insert("additionalProperties".into(), false.into());
    }
    schema
}

fn tidy(value: &mut Value) {
    match value {
        Value::Object(object) => tidy_object(object),
        Value::Array(values) => values.iter_mut().for_each(tidy),
        _ => {}
    }
}

fn tidy_object(object: &mut Map<String, Value>) {
    // A field of the tool may itself be called `title` or `format`; then its value is an object.
    for noise in ["title", "format", "default", "minimum", "$schema"] {
        if object.get(noise).is_some_and(|value| !value.is_object()) {
            object.remove(noise);
        }
    }
    without_null(object);
    plain_enumeration(object);
    object.values_mut().for_each(tidy);
}

/// `["string", "null"]` becomes `"string"`, a choice between something and null that something.
fn without_null(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    let Some(Value::Array(choices)) = object.get_mut("anyOf") else {
        return;
    };
    choices.retain(|choice| choice["type"] != "null");
    if let [Value::Object(only)] = choices.as_slice() {
        let only = only.clone();
        object.remove("anyOf");
        for (key, value) in only {
            object.entry(key).or_insert(value);
        }
    }
}

/// A choice between documented constants becomes a list of them.
fn plain_enumeration(object: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = object.get("oneOf") else {
        return;
    };
    let constants: Option<Vec<Value>> = choices
        .iter()
        .map(|choice| {
            choice
                .get("const")
                .cloned()
                .map(|value| vec![value])
                .or_else(|| choice.get("enum")?.as_array().cloned())
        })
        .collect::<Option<Vec<_>>>()
        .map(|lists| lists.concat());
    if let Some(constants) = constants {
        object.remove("oneOf");
        object.insert("type".into(), "string".into());
        object.insert("enum".into(), constants.into());
    }
}

/// Where and what, with the parser's "at line 1 column 20" left out when the field's name says it better.
fn problem(path: &str, error: &serde_json::Error) -> String {
    let message = error.to_string();
    if !error.is_data() {
        return format!("they are not valid JSON: {message}");
    }
    let message = message
        .rsplit_once(" at line ")
        .map_or(message.as_str(), |(message, _)| message);
    match path {
        "." => message.into(),
        path => format!("`{path}`: {message}"),
    }
}

fn refusal<T: JsonSchema>(tool: &str, problem: &str, example: &str) -> ToolOutput {
    ToolOutput::failure(format!(
        "The arguments of {tool} could not be read: {problem}.\nExpected: {}.\nExample: {example}",
        expectation(&schema::<T>())
    ))
}

/// The fields of an object in words: `path (string, required), limit (integer)`.
fn expectation(schema: &Value) -> String {
    let required = schema["required"].as_array();
    let is_required =
        |name: &String| required.is_some_and(|names| names.iter().any(|required| required == name));
    let Some(properties) = schema["properties"].as_object() else {
        return "a JSON object".into();
    };
    let mut fields: Vec<_> = properties.iter().collect();
    fields.sort_by_key(|(name, _)| (!is_required(name), (*name).clone()));
    let fields: Vec<_> = fields
        .into_iter()
        .map(|(name, field)| match is_required(name) {
            true => format!("{name} ({}, required)", type_name(field)),
            false => format!("{name} ({})", type_name(field)),
        })
        .collect();
    format!("an object with {}", fields.join(", "))
}

fn type_name(field: &Value) -> String {
    if let Some(values) = field["enum"].as_array() {
        let values: Vec<_> = values.iter().map(Value::to_string).collect();
        return values.join(" or ");
    }
    match field["type"].as_str() {
        Some("array") => format!("array of {}", type_name(&field["items"])),
        Some("object") => match field["properties"].as_object() {
            Some(properties) => {
                let names: Vec<_> = properties.keys().map(String::as_str).collect();
                format!("{{{}}}", names.join(", "))
            }
            None => "object".into(),
        },
        Some(name) => name.into(),
        None => "value".into(),
    }
}

#[cfg(test)]
mod tests;
