//! Responses: what is answered. `read` says what may be asked, `remembered` how a request is continued.

mod input;
mod read;
mod remembered;

use serde_json::{Value, json};

use super::{Answer, Event, Setting, resolve};
use crate::seal::seal;
use crate::{Conversation, End, Part, SeenItem, SeenRole, Step};

pub(crate) use read::{read, read_compaction};
pub(crate) use remembered::Remembered;

/// Writes the events of an answer, numbering them.
struct Writer<'a> {
    setting: &'a Setting<'a>,
    step: &'a Step,
    events: Vec<Event>,
    items: Vec<Value>,
}

pub(crate) fn answer(step: &Step, setting: &Setting<'_>) -> Answer {
    let mut writer = Writer {
        setting,
        step,
        events: Vec::new(),
        items: Vec::new(),
    };
    writer.whole("response.created", "in_progress", json!(null));
    writer.whole("response.in_progress", "in_progress", json!(null));
    let last = step.parts.len().saturating_sub(1);
    for (index, part) in step.parts.iter().enumerate() {
        let is_cut = index == last && step.end == End::MaxOutputTokens;
        writer.part(part, if is_cut { "incomplete" } else { "completed" });
    }
    writer.end();
    Answer {
        events: writer.events,
        items: writer.items,
    }
}

/// The answer to a request that only warms up: no output.
pub(crate) fn ready(setting: &Setting<'_>) -> Answer {
    answer(&Step::default(), setting)
}

/// The answer's id.
pub(crate) fn response_id(number: usize) -> String {
    format!("resp_{number:08}")
}

/// An error in the middle of an answer.
pub(crate) fn failure(body: &Value, setting: &Setting<'_>) -> Event {
    let error = &body["error"];
    let response = json!({
        "id": response_id(setting.number), "object": "response", "status": "failed", "output": [],
        "error": {"code": error["code"].as_str().unwrap_or("server_error"), "message": error["message"]},
    });
    let event = json!({"type": "response.failed", "response": response});
    Event::named("response.failed", event.to_string())
}

/// The body of the answer to a request for compaction: the user's messages, and the rest sealed.
pub(crate) fn compaction(number: usize, body: &Value, conversation: &Conversation) -> Value {
    let is_users = |item: &&Value| item["role"] == "user";
    let input = body["input"].as_array().map_or(&[][..], Vec::as_slice);
    let mut output: Vec<Value> = input.iter().filter(is_users).cloned().collect();
    output.push(json!({
        "type": "compaction",
        "id": format!("cmp_{number:08}"),
        "encrypted_content": seal(&note(conversation)),
    }));
    json!({
        "id": response_id(number), "object": "response.compaction", "created_at": 1_700_000_000, "output": output,
        "usage": {
            "input_tokens": 100, "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 10, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 110,
        },
    })
}

/// What the service keeps of a history: what the model said, and every call with the beginning of its output.
fn note(conversation: &Conversation) -> String {
    let line = |item: &SeenItem| match item {
        SeenItem::Message {
            role: SeenRole::Assistant,
            text,
            ..
        } => format!("said: {text}\n"),
        SeenItem::Call {
            name, arguments, ..
        } => format!("called: {name} {arguments}\n"),
        SeenItem::Output { text, .. } => {
            format!("answered: {}\n", text.chars().take(200).collect::<String>())
        }
        SeenItem::Compaction { note } => note.clone(),
        _ => String::new(),
    };
    conversation.items.iter().map(line).collect()
}

impl Writer<'_> {
    fn emit(&mut self, mut event: Value) {
        event["sequence_number"] = self.events.len().into();
        let name = event["type"].as_str().unwrap_or_default().to_owned();
        self.events.push(Event::named(&name, event.to_string()));
    }

    fn whole(&mut self, name: &str, status: &str, incomplete: Value) {
        let usage = (status != "in_progress").then(|| self.usage());
        let response = json!({
            "id": response_id(self.setting.number), "object": "response", "created_at": 1_700_000_000,
            "status": status, "background": false, "error": null, "incomplete_details": incomplete,
            "model": self.setting.model, "output": self.items, "parallel_tool_calls": true,
            "store": false, "usage": usage, "metadata": {},
        });
        self.emit(json!({"type": name, "response": response}));
    }

    fn usage(&self) -> Value {
        let usage = self.setting.usage;
        json!({
            "input_tokens": usage.input, "input_tokens_details": {"cached_tokens": usage.cached_input},
            "output_tokens": usage.output, "output_tokens_details": {"reasoning_tokens": usage.reasoning},
            "total_tokens": usage.input + usage.output,
        })
    }

    fn end(&mut self) {
        match self.step.end {
            End::MaxOutputTokens => {
                let why = json!({"reason": "max_output_tokens"});
                self.whole("response.incomplete", "incomplete", why);
            }
            End::ContentFilter => {
                let why = json!({"reason": "content_filter"});
                self.whole("response.incomplete", "incomplete", why);
            }
            End::Complete | End::Refusal | End::Paused => {
                self.whole("response.completed", "completed", json!(null));
            }
        }
    }

    fn part(&mut self, part: &Part, status: &str) {
        let item = match part {
            Part::Say(text) => self.message(text, status),
            Part::Reason(text) => self.reasoning(text),
            Part::Call { name, arguments } => {
                let resolved = resolve(name, arguments, self.setting.tools);
                if resolved.is_freeform {
                    self.freeform_call(name, &resolved.text, status)
                } else {
                    self.function_call(name, &resolved.text, status)
                }
            }
        };
        let event = json!({"type": "response.output_item.done", "output_index": self.index(), "item": item});
        self.emit(event);
        if let Some(event) = self.events.last_mut() {
            event.ends_part = true;
        }
        self.items.push(item);
    }

    fn index(&self) -> usize {
        self.items.len()
    }

    fn id(&self, prefix: &str) -> String {
        format!("{prefix}_{:08}{:04}", self.setting.number, self.index())
    }

    fn added(&mut self, item: &Value) {
        let event = json!({"type": "response.output_item.added", "output_index": self.index(), "item": item});
        self.emit(event);
    }

    /// Deltas of a field, then the whole.
    fn text(&mut self, stem: &str, place: &Value, text: &str, whole: &str) {
        for piece in self.step.pace.pieces(text) {
            let mut event = place.clone();
            event["type"] = format!("response.{stem}.delta").into();
            event["delta"] = piece.into();
            self.emit(event);
        }
        let mut event = place.clone();
        event["type"] = format!("response.{stem}.done").into();
        event[whole] = text.into();
        self.emit(event);
    }

    fn message(&mut self, text: &str, status: &str) -> Value {
        let id = self.id("msg");
        let is_refusal = self.step.end == End::Refusal;
        let (kind, field) = if is_refusal {
            ("refusal", "refusal")
        } else {
            ("output_text", "text")
        };
        let part = |text: &str| match is_refusal {
            true => json!({"type": kind, "refusal": text}),
            false => json!({"type": kind, "annotations": [], "logprobs": [], "text": text}),
        };
        let item = |status: &str, content: Value| json!({"id": id, "type": "message", "status": status, "content": content, "role": "assistant"});
        self.added(&item("in_progress", json!([])));
        let place = json!({"item_id": id, "output_index": self.index(), "content_index": 0});
        let around = |name: &str, text: &str| {
            let mut event = place.clone();
            event["type"] = format!("response.content_part.{name}").into();
            event["part"] = part(text);
            event
        };
        self.emit(around("added", ""));
        self.text(kind, &place, text, field);
        self.emit(around("done", text));
        item(status, json!([part(text)]))
    }

    fn reasoning(&mut self, text: &str) -> Value {
        let id = self.id("rs");
        self.added(&json!({"id": id, "type": "reasoning", "summary": []}));
        let place = json!({"item_id": id, "output_index": self.index(), "summary_index": 0});
        let around = |name: &str, text: &str| {
            let mut event = place.clone();
            event["type"] = format!("response.reasoning_summary_part.{name}").into();
            event["part"] = json!({"type": "summary_text", "text": text});
            event
        };
        self.emit(around("added", ""));
        self.text("reasoning_summary_text", &place, text, "text");
        self.emit(around("done", text));
        json!({
            "id": id, "type": "reasoning", "summary": [{"type": "summary_text", "text": text}],
            "encrypted_content": seal(text),
        })
    }

    fn function_call(&mut self, name: &str, arguments: &str, status: &str) -> Value {
        let id = self.id("fc");
        let call_id = self.id("call");
        let item = |status: &str, arguments: &str| {
            json!({
                "id": id, "type": "function_call", "status": status, "arguments": arguments,
                "call_id": call_id, "name": name,
            })
        };
        self.added(&item("in_progress", ""));
        let place = json!({"item_id": id, "output_index": self.index()});
        self.text("function_call_arguments", &place, arguments, "arguments");
        item(status, arguments)
    }

    fn freeform_call(&mut self, name: &str, input: &str, status: &str) -> Value {
        let id = self.id("ctc");
        let call_id = self.id("call");
        let item = |status: &str, input: &str| {
            json!({
                "id": id, "type": "custom_tool_call", "status": status, "input": input,
                "call_id": call_id, "name": name,
            })
        };
        self.added(&item("in_progress", ""));
        let place = json!({"item_id": id, "output_index": self.index()});
        self.text("custom_tool_call_input", &place, input, "input");
        item(status, input)
    }
}
