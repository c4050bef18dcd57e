//! One content block of an answer: how its deltas add up, and which of our items it is.

use serde_json::{Value, json};

use super::super::arguments;
use super::super::json::{argument_text, text};
use crate::{CallForm, Carried, Item, ModelEvent, Role, ToolCall, Wire};

/// A block that is being read.
#[derive(Debug)]
pub(super) struct Block {
    value: Value,
    /// Of a tool's input, as it was streamed.
    input: String,
    call_id: Option<String>,
}

impl Block {
    /// The block that `value` begins; `call_id` is the id under which its call is known, if it is one.
    pub(super) fn new(value: Value, call_id: Option<String>) -> Self {
        Self {
            // Fields are set below, which only an object takes.
            value: if value.is_object() { value } else { json!({}) },
            input: String::new(),
            call_id,
        }
    }

    /// The block that must have begun when `delta` comes without one; `None` when that cannot be told.
    pub(super) fn for_delta(delta: &Value) -> Option<Self> {
        let value = match delta["type"].as_str()? {
            "text_delta" => json!({"type": "text", "text": ""}),
            "thinking_delta" | "signature_delta" => json!({"type": "thinking", "thinking": ""}),
            _ => return None,
        };
        Some(Self::new(value, None))
    }

    /// What the block's beginning already says.
    pub(super) fn begin(&self, out: &mut Vec<ModelEvent>) {
        let shown = |key| text(&self.value, key).map(str::to_owned);
        match (self.value["type"].as_str(), &self.call_id) {
            (Some("text"), _) => out.extend(shown("text").map(ModelEvent::TextDelta)),
            (Some("thinking"), _) => out.extend(shown("thinking").map(ModelEvent::ReasoningDelta)),
            (Some("tool_use"), Some(call_id)) => out.push(ModelEvent::ToolCallStarted {
                call_id: call_id.clone(),
                name: self.name(),
            }),
            (Some("fallback"), _) => out.push(ModelEvent::Notice(fallback(&self.value))),
            _ => {}
        }
    }

    /// Takes a delta: a known one into its field, an unknown one into the fields that it names.
    pub(super) fn delta(&mut self, delta: &Value, out: &mut Vec<ModelEvent>) {
        match delta["type"].as_str().unwrap_or_default() {
            "text_delta" => {
                let more = self.append("text", delta);
                out.extend(more.map(ModelEvent::TextDelta));
            }
            "thinking_delta" => {
                let more = self.append("thinking", delta);
                out.extend(more.map(ModelEvent::ReasoningDelta));
            }
            "input_json_delta" => self.input_delta(delta, out),
            // Sources of a text are not part of it when it is given back.
            "citations_delta" => {}
            _ => {
                let fields = delta.as_object().into_iter().flatten();
                for (key, _) in fields.filter(|(key, _)| *key != "type") {
                    if self.append(key, delta).is_none() && !delta[key].is_string() {
                        self.value[key] = delta[key].clone();
                    }
                }
            }
        }
    }

    /// The item that the block is; `None` when it says nothing.
    pub(super) fn into_item(mut self) -> Option<Item> {
        match self.value["type"].as_str().unwrap_or_default() {
            "text" => text(&self.value, "text").map(|text| Item::message(Role::Assistant, text)),
            "thinking" => {
                let summary: Vec<String> = text(&self.value, "thinking")
                    .into_iter()
                    .map(str::to_owned)
                    .collect();
                let is_empty = summary.is_empty() && text(&self.value, "signature").is_none();
                (!is_empty).then(|| Item::Reasoning {
                    summary,
                    carried: Some(carried(self.value)),
                })
            }
            "redacted_thinking" => Some(Item::Reasoning {
                summary: Vec::new(),
                carried: Some(carried(self.value)),
            }),
            "tool_use" => Some(Item::ToolCall(ToolCall {
                call_id: self.call_id.take().unwrap_or_default(),
                name: self.name(),
                arguments: self.arguments(),
                form: CallForm::Function,
            })),
            "" => None,
            _ => {
                if !self.input.is_empty() {
                    self.value["input"] = arguments::object_of(&self.input);
                }
                Some(Item::Carried(carried(self.value)))
            }
        }
    }

    /// Appends the text below `key` of `delta` to the block's; gives what was appended.
    fn append(&mut self, key: &str, delta: &Value) -> Option<String> {
        let more = text(delta, key)?.to_owned();
        match &mut self.value[key] {
            Value::String(text) => text.push_str(&more),
            field => *field = Value::String(more.clone()),
        }
        Some(more)
    }

    fn input_delta(&mut self, delta: &Value, out: &mut Vec<ModelEvent>) {
        let Some(more) = text(delta, "partial_json") else {
            return;
        };
        self.input.push_str(more);
        if let Some(call_id) = &self.call_id {
            out.push(ModelEvent::ToolCallDelta {
                call_id: call_id.clone(),
                delta: more.to_owned(),
            });
        }
    }

    fn name(&self) -> String {
        text(&self.value, "name").unwrap_or("unnamed").to_owned()
    }

    /// As streamed; else as the block began with it.
    fn arguments(&self) -> String {
        let whole = argument_text(&self.value["input"]);
        match (self.input.trim().is_empty(), whole.is_empty()) {
            (false, _) => self.input.clone(),
            (true, false) => whole,
            (true, true) => "{}".to_owned(),
        }
    }
}

fn carried(value: Value) -> Carried {
    Carried {
        wire: Wire::Messages,
        value,
    }
}

fn fallback(block: &Value) -> String {
    let model = |key: &str| {
        text(&block[key], "model")
            .unwrap_or("another model")
            .to_owned()
    };
    format!(
        "The service went on with {} in place of {}.",
        model("to"),
        model("from")
    )
}

/// Whether `value` is a block that calls one of our tools.
pub(super) fn is_call(value: &Value) -> bool {
    value["type"] == "tool_use"
}
