//! The chunks of an answer in Chat Completions.

use serde_json::Value;

use super::super::call_ids::CallIds;
use super::super::json::{list, text};
use super::super::translate::Translate;
use super::super::{failure, usage};
use super::calls::Calls;
use super::reasoning::Reasoning;
use crate::{EndReason, Item, ModelEvent, Request, Role, Usage};

/// An answer that is being read.
#[derive(Debug)]
pub(super) struct Answer {
    reasoning: Reasoning,
    text: String,
    calls: Calls,
    refused: bool,
    finish_reason: Option<String>,
    done_marker: bool,
    usage: Option<Usage>,
    /// The id that all chunks of an answer have.
    id: Option<String>,
}

impl Answer {
    /// The answer to `request`.
    pub(super) fn new(request: &Request) -> Self {
        Self {
            reasoning: Reasoning::default(),
            text: String::new(),
            calls: Calls::new(CallIds::of(request)),
            refused: false,
            finish_reason: None,
            done_marker: false,
            usage: None,
            id: None,
        }
    }

    fn choice(&mut self, choice: &Value, out: &mut Vec<ModelEvent>) {
        // An answer that was not streamed has the whole message in place of a piece.
        let delta = if choice["delta"].is_object() {
            &choice["delta"]
        } else {
            &choice["message"]
        };
        out.extend(self.reasoning.fields(delta).map(ModelEvent::ReasoningDelta));
        self.content(&delta["content"], out);
        if let Some(refusal) = text(delta, "refusal") {
            self.refused = true;
            self.add_text(refusal, out);
        }
        for piece in list(delta, "tool_calls") {
            self.calls.piece(piece, out);
        }
        if delta["function_call"].is_object() {
            let piece = serde_json::json!({"index": 0, "function": delta["function_call"]});
            self.calls.piece(&piece, out);
        }
        let calls = self.calls.deliver_whole();
        if !calls.is_empty() {
            self.deliver(calls, out);
        }
        if let Some(reason) = text(choice, "finish_reason") {
            self.finish_reason = Some(reason.to_owned());
        }
    }

    fn content(&mut self, content: &Value, out: &mut Vec<ModelEvent>) {
        match content {
            Value::String(text) => self.add_text(text, out),
            Value::Array(parts) => parts.iter().for_each(|part| self.content_part(part, out)),
            _ => {}
        }
    }

    fn content_part(&mut self, part: &Value, out: &mut Vec<ModelEvent>) {
        if part["type"] == "thinking" {
            out.extend(self.reasoning.part(part).map(ModelEvent::ReasoningDelta));
        } else if let Some(words) = part.as_str().or_else(|| text(part, "text")) {
            self.add_text(words, out);
        }
    }

    fn add_text(&mut self, text: &str, out: &mut Vec<ModelEvent>) {
        if !text.is_empty() {
            self.text.push_str(text);
            out.push(ModelEvent::TextDelta(text.to_owned()));
        }
    }

    /// Delivers calls, and before them what was thought and said so far.
    fn deliver(&mut self, calls: Vec<Item>, out: &mut Vec<ModelEvent>) {
        out.extend(self.reasoning.take().map(ModelEvent::ItemDone));
        let text = std::mem::take(&mut self.text);
        if !text.is_empty() {
            out.push(ModelEvent::ItemDone(Item::message(Role::Assistant, text)));
        }
        out.extend(calls.into_iter().map(ModelEvent::ItemDone));
    }

    fn complete(&mut self, out: &mut Vec<ModelEvent>) {
        let calls = self.calls.deliver_all();
        self.deliver(calls, out);
        out.push(match self.end_reason() {
            Ok(end) => ModelEvent::Done {
                end,
                usage: self.usage,
            },
            Err(message) => ModelEvent::Failed(failure::from_report(&Value::String(message))),
        });
    }

    /// An error is what a service means when it ends an answer for a fault of its own.
    fn end_reason(&self) -> Result<EndReason, String> {
        let reason = self
            .finish_reason
            .as_deref()
            .unwrap_or("stop")
            .to_ascii_lowercase();
        Ok(match reason.as_str() {
            "stop" | "tool_calls" | "function_call" | "tool_use" | "stop_sequence" | "eos"
            | "end_turn" | "complete" => {
                if self.refused {
                    EndReason::Refusal
                } else {
                    EndReason::Complete
                }
            }
            "length" | "max_tokens" | "model_length" => EndReason::MaxOutputTokens,
            "content_filter" | "sensitive" | "safety" => EndReason::ContentFilter,
            "refusal" => EndReason::Refusal,
            "error" | "network_error" => return Err("the answer broke off".to_owned()),
            "insufficient_system_resource" => return Err("overloaded".to_owned()),
            _ => EndReason::Other(reason),
        })
    }
}

impl Translate for Answer {
    fn begins_another(&self, chunk: &Value) -> bool {
        let id = text(chunk, "id");
        id.is_some() && id != self.id.as_deref() && !list(chunk, "choices").is_empty()
    }

    fn restart(&mut self) {
        self.calls.restart();
        self.refused = false;
        self.finish_reason = None;
        self.done_marker = false;
        self.usage = None;
        self.id = None;
    }

    fn object(&mut self, _name: Option<&str>, chunk: &Value, out: &mut Vec<ModelEvent>) {
        if self.id.is_none() {
            self.id = text(chunk, "id").map(str::to_owned);
        }
        let choices = list(chunk, "choices");
        let choice = choices
            .iter()
            .find(|choice| choice["index"] == 0)
            .or(choices.first());
        if let Some(choice) = choice {
            self.choice(choice, out);
        }
        let places = [
            &chunk["usage"],
            &chunk["x_groq"]["usage"],
            choice.map_or(&Value::Null, |choice| &choice["usage"]),
        ];
        let usage = places.into_iter().find_map(usage::openai);
        self.usage = usage.or(self.usage);
        let is_whole = choice.is_some_and(|choice| choice["message"].is_object());
        // The chunk with nothing but the usage is the last; not all services send `[DONE]` behind it.
        let is_last = usage.is_some() && choice.is_none() && self.finish_reason.is_some();
        if is_whole || is_last {
            self.complete(out);
        }
    }

    fn done_marker(&mut self) {
        self.done_marker = true;
    }

    fn end(&mut self, out: &mut Vec<ModelEvent>) {
        if self.finish_reason.is_some() || self.done_marker {
            self.complete(out);
        }
    }
}
