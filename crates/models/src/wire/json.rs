//! Reading JSON that others wrote: a field that is missing, null or of another type is simply not there.

use serde_json::Value;

/// No honest count is greater; sums of such numbers never overflow.
const GREATEST_COUNT: u64 = 1 << 48;

/// The text below `key`; not an empty one.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value[key].as_str().filter(|text| !text.is_empty())
}

/// The first of `keys` that holds a text that is not empty.
pub(super) fn first_text<'a>(value: &'a Value, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| text(value, key))
}

/// The number below `key`, without sign and fraction; at most [`GREATEST_COUNT`].
pub(super) fn count(value: &Value, key: &str) -> Option<u64> {
    let value = &value[key];
    let float = || value.as_f64().filter(|number| *number >= 0.0);
    let count = value
        .as_u64()
        .or_else(|| float().map(|number| number as u64))?;
    Some(count.min(GREATEST_COUNT))
}

/// The first of `keys` that holds a number.
pub(super) fn first_count(value: &Value, keys: &[&str]) -> Option<u64> {
    keys.iter().find_map(|key| count(value, key))
}

/// The elements below `key`.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// `value` as the text of arguments: a text as it is, an object as JSON, nothing as nothing.
pub(super) fn argument_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Sets `key` of `object` when there is something to set.
pub(super) fn set(object: &mut Value, key: &str, value: Option<impl Into<Value>>) {
    if let (Value::Object(map), Some(value)) = (object, value) {
        map.insert(key.to_owned(), value.into());
    }
}
