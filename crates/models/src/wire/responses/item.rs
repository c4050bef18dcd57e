//! Items of an answer, from the form of Responses into our own.

use serde_json::{Map, Value};

use super::super::call_ids::CallIds;
use super::super::json::{argument_text, first_text, list, text};
use crate::{CallForm, Carried, Content, Item, Phase, Role, ToolCall, Wire};

/// What of an item came before the item itself: its id as announced, and its deltas.
#[derive(Debug, Default)]
pub(super) struct Announced {
    /// The id under which a call was announced.
    pub(super) call_id: Option<String>,
    /// Text, of whatever kind the item has, from its deltas.
    pub(super) text: String,
}

/// Our item for `value`; `None` when it says nothing. What `value` lacks is taken from what was announced.
pub(super) fn decode(value: &Value, announced: &Announced, call_ids: &mut CallIds) -> Option<Item> {
    match value["type"].as_str().unwrap_or_default() {
        "message" => message(value, announced),
        "reasoning" => reasoning(value, announced),
        "function_call" => Some(call(value, announced, call_ids, CallForm::Function)),
        "custom_tool_call" => Some(call(value, announced, call_ids, CallForm::Freeform)),
        "" => None,
        _ => Some(Item::Carried(Carried {
            wire: Wire::Responses,
            value: value.clone(),
        })),
    }
}

/// Whether an item, or a part of it, is a refusal.
pub(super) fn is_refusal(item: &Value) -> bool {
    list(item, "content")
        .iter()
        .any(|part| part["type"] == "refusal")
}

fn message(value: &Value, announced: &Announced) -> Option<Item> {
    let mut content: Vec<Content> = match &value["content"] {
        Value::String(text) if !text.is_empty() => vec![Content::text(text)],
        _ => list(value, "content").iter().filter_map(part).collect(),
    };
    if content.is_empty() && !announced.text.is_empty() {
        content.push(Content::text(&announced.text));
    }
    let role = match value["role"].as_str() {
        Some("user") => Role::User,
        Some("developer" | "system") => Role::Developer,
        _ => Role::Assistant,
    };
    let phase = match value["phase"].as_str() {
        Some("commentary") => Some(Phase::Commentary),
        Some("final_answer") => Some(Phase::FinalAnswer),
        _ => None,
    };
    (!content.is_empty()).then_some(Item::Message {
        role,
        content,
        phase,
    })
}

fn part(part: &Value) -> Option<Content> {
    if let Some(text) = first_text(part, &["text", "refusal"]) {
        return Some(Content::text(text));
    }
    let (media_type, data) = text(part, "image_url")?
        .strip_prefix("data:")?
        .split_once(";base64,")?;
    Some(Content::Image {
        media_type: media_type.to_owned(),
        data: data.to_owned(),
    })
}

fn reasoning(value: &Value, announced: &Announced) -> Option<Item> {
    let texts = |key| -> Vec<String> {
        let parts = list(value, key).iter();
        parts
            .filter_map(|part| text(part, "text"))
            .map(str::to_owned)
            .collect()
    };
    let mut summary = texts("summary");
    if summary.is_empty() {
        summary = texts("content");
    }
    if summary.is_empty() && !announced.text.is_empty() {
        summary.push(announced.text.clone());
    }
    let carried = carried_reasoning(value);
    (!summary.is_empty() || carried.is_some()).then_some(Item::Reasoning { summary, carried })
}

/// Reasoning can be given back when it is all there: encrypted, or open. An id alone means nothing to a service that
/// stores nothing. Fields other than these are refused on the way back.
fn carried_reasoning(value: &Value) -> Option<Carried> {
    if text(value, "encrypted_content").is_none() && list(value, "content").is_empty() {
        return None;
    }
    let kept = ["type", "id", "summary", "content", "encrypted_content"]
        .iter()
        .filter(|key| !value[**key].is_null())
        .map(|key| ((*key).to_owned(), value[*key].clone()));
    let mut kept: Map<String, Value> = kept.collect();
    kept.entry("summary")
        .or_insert_with(|| Value::Array(Vec::new()));
    Some(Carried {
        wire: Wire::Responses,
        value: Value::Object(kept),
    })
}

fn call(value: &Value, announced: &Announced, call_ids: &mut CallIds, form: CallForm) -> Item {
    let written = match form {
        CallForm::Function => argument_text(&value["arguments"]),
        CallForm::Freeform => argument_text(&value["input"]),
    };
    let arguments = match (written.is_empty(), announced.text.is_empty(), form) {
        (false, _, _) => written,
        (true, false, _) => announced.text.clone(),
        (true, true, CallForm::Function) => "{}".to_owned(),
        (true, true, CallForm::Freeform) => String::new(),
    };
    let given = first_text(value, &["call_id", "id"]);
    Item::ToolCall(ToolCall {
        call_id: match &announced.call_id {
            Some(call_id) => call_id.clone(),
            None => call_ids.claim(given),
        },
        name: text(value, "name").unwrap_or("unnamed").to_owned(),
        arguments,
        form,
    })
}
