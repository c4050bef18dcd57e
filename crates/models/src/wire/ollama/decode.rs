//! The lines of an answer in Ollama's form. Tool calls come whole.

use serde_json::{Value, json};

use super::super::call_ids::CallIds;
use super::super::json::{argument_text, count, list, text};
use super::super::translate::Translate;
use crate::{CallForm, Carried, EndReason, Item, ModelEvent, Request, Role, ToolCall, Usage, Wire};

/// An answer that is being read.
#[derive(Debug)]
pub(super) struct Answer {
    call_ids: CallIds,
    thinking: String,
    text: String,
}

impl Answer {
    /// The answer to `request`.
    pub(super) fn new(request: &Request) -> Self {
        Self {
            call_ids: CallIds::of(request),
            thinking: String::new(),
            text: String::new(),
        }
    }

    fn message(&mut self, message: &Value, out: &mut Vec<ModelEvent>) {
        if let Some(thinking) = text(message, "thinking") {
            self.thinking.push_str(thinking);
            out.push(ModelEvent::ReasoningDelta(thinking.to_owned()));
        }
        if let Some(content) = text(message, "content") {
            self.text.push_str(content);
            out.push(ModelEvent::TextDelta(content.to_owned()));
        }
        for call in list(message, "tool_calls") {
            self.call(call, out);
        }
    }

    fn call(&mut self, call: &Value, out: &mut Vec<ModelEvent>) {
        self.deliver_prose(out);
        let function = &call["function"];
        let name = text(function, "name").unwrap_or("unnamed").to_owned();
        let call_id = self.call_ids.claim(text(call, "id"));
        let arguments = match argument_text(&function["arguments"]) {
            nothing if nothing.trim().is_empty() => "{}".to_owned(),
            arguments => arguments,
        };
        out.push(ModelEvent::ToolCallStarted {
            call_id: call_id.clone(),
            name: name.clone(),
        });
        out.push(ModelEvent::ToolCallDelta {
            call_id: call_id.clone(),
            delta: arguments.clone(),
        });
        out.push(ModelEvent::ItemDone(Item::ToolCall(ToolCall {
            call_id,
            name,
            arguments,
            form: CallForm::Function,
        })));
    }

    /// Delivers what was thought and said so far.
    fn deliver_prose(&mut self, out: &mut Vec<ModelEvent>) {
        let thinking = std::mem::take(&mut self.thinking);
        if !thinking.is_empty() {
            out.push(ModelEvent::ItemDone(Item::Reasoning {
                carried: Some(Carried {
                    wire: Wire::Ollama,
                    value: json!({"thinking": thinking}),
                }),
                summary: vec![thinking],
            }));
        }
        let text = std::mem::take(&mut self.text);
        if !text.is_empty() {
            out.push(ModelEvent::ItemDone(Item::message(Role::Assistant, text)));
        }
    }
}

impl Translate for Answer {
    fn object(&mut self, _name: Option<&str>, line: &Value, out: &mut Vec<ModelEvent>) {
        self.message(&line["message"], out);
        if line["done"] == true {
            self.deliver_prose(out);
            out.push(ModelEvent::Done {
                end: end_reason(text(line, "done_reason")),
                usage: usage(line),
            });
        }
    }

    fn end(&mut self, _out: &mut Vec<ModelEvent>) {}
}

fn end_reason(reason: Option<&str>) -> EndReason {
    match reason {
        None | Some("stop" | "load" | "unload") => EndReason::Complete,
        Some("length") => EndReason::MaxOutputTokens,
        Some(other) => EndReason::Other(other.to_owned()),
    }
}

fn usage(line: &Value) -> Option<Usage> {
    let input = count(line, "prompt_eval_count");
    let output = count(line, "eval_count");
    (input.is_some() || output.is_some()).then(|| Usage {
        input: input.unwrap_or(0),
        output: output.unwrap_or(0),
        ..Usage::default()
    })
}
