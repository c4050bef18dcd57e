//! Reasoning in Chat Completions, which was never part of it: services put it into fields of their own, and several
//! demand it back between tool calls.

use serde_json::{Map, Value, json};

use super::super::json::{first_text, list, text};
use crate::{Carried, Item, Wire};

/// Fields that hold open reasoning as text. Where a service fills several they say the same.
const TEXT_FIELDS: [&str; 3] = ["reasoning_content", "reasoning", "thinking"];

/// OpenRouter's list of reasoning in the form of the service behind it, encrypted pieces included.
const DETAILS: &str = "reasoning_details";

/// Reasoning that is being read.
#[derive(Debug, Default)]
pub(super) struct Reasoning {
    text: String,
    /// The field in which the text came; `None` for parts of the content, which Mistral sends.
    field: Option<&'static str>,
    details: Vec<Value>,
}

impl Reasoning {
    /// Takes what `delta` says besides its content; gives the text to show.
    pub(super) fn fields(&mut self, delta: &Value) -> Option<String> {
        for detail in list(delta, DETAILS) {
            self.add_detail(detail);
        }
        let found = TEXT_FIELDS
            .iter()
            .find_map(|field| Some((*field, text(delta, field)?)));
        if let Some((field, text)) = found {
            self.field = Some(field);
            self.text.push_str(text);
            return Some(text.to_owned());
        }
        let from_details: String = list(delta, DETAILS)
            .iter()
            .filter_map(|detail| first_text(detail, &["text", "summary"]))
            .collect();
        self.text.push_str(&from_details);
        (!from_details.is_empty()).then_some(from_details)
    }

    /// Takes a part of the content that is a thought; gives the text to show.
    pub(super) fn part(&mut self, part: &Value) -> Option<String> {
        let thought = match &part["thinking"] {
            Value::String(text) => text.clone(),
            _ => list(part, "thinking")
                .iter()
                .filter_map(|part| text(part, "text"))
                .collect(),
        };
        self.text.push_str(&thought);
        (!thought.is_empty()).then_some(thought)
    }

    /// The item, if there was any reasoning; what follows is another.
    pub(super) fn take(&mut self) -> Option<Item> {
        let Self {
            text,
            field,
            details,
        } = std::mem::take(self);
        if text.is_empty() && details.is_empty() {
            return None;
        }
        let mut value = Map::new();
        match field {
            Some(field) => {
                value.insert(field.to_owned(), json!(text));
            }
            None if details.is_empty() => {
                let thought =
                    json!({"type": "thinking", "thinking": [{"type": "text", "text": text}]});
                value.insert("content".to_owned(), json!([thought]));
            }
            None => {}
        }
        if !details.is_empty() {
            value.insert(DETAILS.to_owned(), Value::Array(details));
        }
        Some(Item::Reasoning {
            summary: if text.is_empty() {
                Vec::new()
            } else {
                vec![text]
            },
            carried: Some(Carried {
                wire: Wire::ChatCompletions,
                value: Value::Object(value),
            }),
        })
    }

    /// Details are streamed: pieces with the same index and type belong together.
    fn add_detail(&mut self, detail: &Value) {
        let Value::Object(fields) = detail else {
            return;
        };
        let same = |known: &&mut Value| {
            !detail["index"].is_null()
                && known["index"] == detail["index"]
                && known["type"] == detail["type"]
        };
        let Some(known) = self.details.iter_mut().find(same) else {
            self.details.push(detail.clone());
            return;
        };
        for (key, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
            let grows = matches!(key.as_str(), "text" | "summary" | "data");
            match (&mut known[key.as_str()], value) {
                (Value::String(text), Value::String(more)) if grows => text.push_str(more),
                (field, value) => *field = value.clone(),
            }
        }
    }
}

/// Puts the reasoning of an answer back into its message, in the fields in which it came.
pub(super) fn give_back(thoughts: &[&Carried], message: &mut Value) {
    let ours = thoughts
        .iter()
        .filter(|carried| carried.wire == Wire::ChatCompletions);
    for (key, value) in ours.flat_map(|carried| carried.value.as_object()).flatten() {
        match (key.as_str(), &mut message[key.as_str()], value) {
            ("content", field, Value::Array(parts)) => prepend(parts, field),
            (_, Value::Array(known), Value::Array(more)) => known.extend(more.iter().cloned()),
            (_, Value::String(known), Value::String(more)) => known.push_str(more),
            (_, field, value) => *field = value.clone(),
        }
    }
}

/// Thoughts that are part of the content stand before the text.
fn prepend(parts: &[Value], content: &mut Value) {
    let before = match content.take() {
        Value::Array(known) => known,
        Value::String(text) if text.is_empty() => Vec::new(),
        text => vec![json!({"type": "text", "text": text})],
    };
    let thoughts = before.iter().filter(|part| part["type"] == "thinking");
    let rest = before.iter().filter(|part| part["type"] != "thinking");
    *content = thoughts.chain(parts).chain(rest).cloned().collect();
}
