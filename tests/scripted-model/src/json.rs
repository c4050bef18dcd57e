//! Reading JSON strictly: each function says what is wrong and where, in words for the author of the request.

use serde_json::{Map, Value};

/// What is wrong with a request.
pub(crate) type Wrong = String;

/// The object at `at`.
pub(crate) fn object<'a>(value: &'a Value, at: &str) -> Result<&'a Map<String, Value>, Wrong> {
    value
        .as_object()
        .ok_or_else(|| format!("{at}: expected an object, got {}", kind_of(value)))
}

/// The array in the field `key`.
pub(crate) fn array<'a>(value: &'a Value, key: &str, at: &str) -> Result<&'a [Value], Wrong> {
    value[key].as_array().map(Vec::as_slice).ok_or_else(|| {
        format!(
            "{at}.{key}: expected an array, got {}",
            kind_of(&value[key])
        )
    })
}

/// The string in the field `key`.
pub(crate) fn text<'a>(value: &'a Value, key: &str, at: &str) -> Result<&'a str, Wrong> {
    value[key].as_str().ok_or_else(|| {
        format!(
            "{at}.{key}: expected a string, got {}",
            kind_of(&value[key])
        )
    })
}

/// The string in the field `key`, or nothing if there is no such field or it is null.
pub(crate) fn optional_text<'a>(
    value: &'a Value,
    key: &str,
    at: &str,
) -> Result<Option<&'a str>, Wrong> {
    match &value[key] {
        Value::Null => Ok(None),
        _ => text(value, key, at).map(Some),
    }
}

/// Refuses fields that are not among `known`.
pub(crate) fn only(value: &Value, known: &[&str], at: &str) -> Result<(), Wrong> {
    match object(value, at)?
        .keys()
        .find(|key| !known.contains(&key.as_str()))
    {
        Some(unknown) => Err(format!("{at}.{unknown}: unknown parameter")),
        None => Ok(()),
    }
}

/// Refuses a string that is not among `known`; no string is fine.
pub(crate) fn one_of(value: &Value, key: &str, known: &[&str], at: &str) -> Result<(), Wrong> {
    match optional_text(value, key, at)? {
        Some(text) if !known.contains(&text) => Err(format!(
            "{at}.{key}: invalid value '{text}'; supported are {}",
            known.join(", ")
        )),
        _ => Ok(()),
    }
}

/// Refuses what is no whole number from `least` up; nothing is fine.
pub(crate) fn at_least(value: &Value, key: &str, least: u64, at: &str) -> Result<(), Wrong> {
    match &value[key] {
        Value::Null => Ok(()),
        number if number.as_u64().is_some_and(|number| number >= least) => Ok(()),
        _ => Err(format!("{at}.{key}: expected a whole number from {least}")),
    }
}

/// Refuses what is no name of a tool: letters, digits, `_` and `-`, at most `longest`.
pub(crate) fn tool_name(name: &str, longest: usize, at: &str) -> Result<(), Wrong> {
    let fits = name
        .chars()
        .all(|character| character.is_ascii_alphanumeric() || "_-".contains(character));
    if name.is_empty() || !fits || name.len() > longest {
        return Err(format!(
            "{at}.name: '{name}' must match ^[a-zA-Z0-9_-]{{1,{longest}}}$"
        ));
    }
    Ok(())
}

/// Refuses what is no schema of an object.
pub(crate) fn object_schema(schema: &Value, at: &str) -> Result<(), Wrong> {
    object(schema, at)?;
    if schema["type"] != "object" {
        return Err(format!(
            "{at}: schema must be a JSON schema of 'type: \"object\"', got {}",
            schema["type"]
        ));
    }
    let Some(properties) = schema.get("properties") else {
        return Ok(());
    };
    let properties = object(properties, &format!("{at}.properties"))?;
    for required in schema["required"].as_array().into_iter().flatten() {
        let name = required.as_str().unwrap_or_default();
        if !properties.contains_key(name) {
            return Err(format!("{at}.required: '{name}' is no property"));
        }
    }
    Ok(())
}

/// What a value is, for messages.
fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
