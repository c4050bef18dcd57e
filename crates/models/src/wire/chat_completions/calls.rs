//! Tool calls that are streamed in pieces, told apart in every way that services have found.
//!
//! Properly, pieces of a call have the same index, and the first has id and name. In fact the index may be missing or
//! always 0, the id missing, empty, or repeated, the name repeated, and the whole call may come at once.

use serde_json::{Value, json};

use super::super::arguments;
use super::super::call_ids::CallIds;
use super::super::json::{argument_text, text};
use crate::{CallForm, Carried, Item, ModelEvent, ToolCall, Wire};

/// The field beside a call's function that must come back unchanged.
const EXTRA_CONTENT: &str = "extra_content";

/// The calls of an answer.
#[derive(Debug)]
pub(super) struct Calls {
    call_ids: CallIds,
    open: Vec<Call>,
}

#[derive(Debug)]
struct Call {
    index: Option<u64>,
    /// As the service gave it; ours may be another.
    given_id: Option<String>,
    started: Option<Started>,
    arguments: String,
    /// What Gemini wants back with the call: the signature of the thought behind it.
    extra_content: Value,
    delivered: bool,
}

#[derive(Debug)]
struct Started {
    call_id: String,
    name: String,
}

impl Calls {
    /// No calls yet.
    pub(super) fn new(call_ids: CallIds) -> Self {
        Self {
            call_ids,
            open: Vec::new(),
        }
    }

    /// Takes a piece of a call, and shows it.
    pub(super) fn piece(&mut self, piece: &Value, out: &mut Vec<ModelEvent>) {
        let position = self.position(piece).unwrap_or_else(|| {
            self.open.push(Call {
                index: piece["index"].as_u64(),
                given_id: text(piece, "id").map(str::to_owned),
                started: None,
                arguments: String::new(),
                extra_content: Value::Null,
                delivered: false,
            });
            self.open.len() - 1
        });
        let call_ids = &mut self.call_ids;
        let call = &mut self.open[position];
        call.grow(&piece["function"], call_ids, out);
        if piece[EXTRA_CONTENT].is_object() {
            call.extra_content = piece[EXTRA_CONTENT].clone();
        }
    }

    /// Delivers calls in order: those that are whole and followed by another, up to the first that is not.
    pub(super) fn deliver_whole(&mut self) -> Vec<Item> {
        let followed = self.open.len().saturating_sub(1);
        let mut delivered = Vec::new();
        for call in &mut self.open[..followed] {
            if !call.is_whole() {
                break;
            }
            delivered.extend(call.deliver(&mut self.call_ids));
        }
        delivered
    }

    /// The answer has ended: delivers what is left, also what was cut off.
    pub(super) fn deliver_all(&mut self) -> Vec<Item> {
        let call_ids = &mut self.call_ids;
        self.open
            .iter_mut()
            .flat_map(|call| call.deliver(call_ids))
            .collect()
    }

    /// Another answer begins, whose calls are told apart anew.
    pub(super) fn restart(&mut self) {
        self.open.clear();
    }

    /// Which call `piece` belongs to; `None` when it begins one.
    fn position(&self, piece: &Value) -> Option<usize> {
        let id = text(piece, "id");
        let has_name = text(&piece["function"], "name").is_some();
        let found = match (piece["index"].as_u64(), id) {
            (Some(index), _) => self
                .open
                .iter()
                .rposition(|call| call.index == Some(index))?,
            (None, Some(id)) => self
                .open
                .iter()
                .rposition(|call| call.given_id.as_deref() == Some(id))?,
            (None, None) if has_name => return None,
            (None, None) => self.open.len().checked_sub(1)?,
        };
        let call = &self.open[found];
        let another_id = id.is_some() && call.given_id.is_some() && call.given_id.as_deref() != id;
        // Two calls under one index, each with a name: told apart by the id, or by the first one being whole.
        let another = has_name && (another_id || (id.is_none() && call.is_whole()));
        (!another).then_some(found)
    }
}

impl Call {
    fn grow(&mut self, function: &Value, call_ids: &mut CallIds, out: &mut Vec<ModelEvent>) {
        if let (None, Some(name)) = (&self.started, text(function, "name")) {
            let call_id = call_ids.claim(self.given_id.as_deref());
            out.push(ModelEvent::ToolCallStarted {
                call_id: call_id.clone(),
                name: name.to_owned(),
            });
            // Arguments that came before the name are shown now.
            out.extend(shown(&call_id, &self.arguments));
            self.started = Some(Started {
                call_id,
                name: name.to_owned(),
            });
        }
        let delta = argument_text(&function["arguments"]);
        self.arguments.push_str(&delta);
        if let Some(started) = &self.started {
            out.extend(shown(&started.call_id, &delta));
        }
    }

    fn is_whole(&self) -> bool {
        self.started.is_some() && arguments::is_object(&self.arguments)
    }

    /// The call and what goes with it; nothing when it says nothing or was delivered.
    fn deliver(&mut self, call_ids: &mut CallIds) -> Vec<Item> {
        let says_nothing = self.started.is_none() && self.arguments.is_empty();
        if std::mem::replace(&mut self.delivered, true) || says_nothing {
            return Vec::new();
        }
        let started = self.started.take().unwrap_or_else(|| Started {
            call_id: call_ids.claim(self.given_id.as_deref()),
            name: "unnamed".to_owned(),
        });
        let arguments = match self.arguments.trim() {
            "" => "{}".to_owned(),
            _ => self.arguments.clone(),
        };
        let call_id = started.call_id.clone();
        let call = Item::ToolCall(ToolCall {
            call_id: call_id.clone(),
            name: started.name.clone(),
            arguments,
            form: CallForm::Function,
        });
        self.started = Some(started);
        let extra = self.extra_content.is_object().then(|| {
            let value = json!({"call_id": call_id, EXTRA_CONTENT: self.extra_content});
            Item::Carried(Carried {
                wire: Wire::ChatCompletions,
                value,
            })
        });
        std::iter::once(call).chain(extra).collect()
    }
}

/// Puts what came with a call back into it.
pub(super) fn give_back(carried: &Carried, calls: &mut [Value]) {
    let of_call = |call: &&mut Value| call["id"] == carried.value["call_id"];
    if carried.wire == Wire::ChatCompletions
        && let Some(call) = calls.iter_mut().find(of_call)
    {
        call[EXTRA_CONTENT] = carried.value[EXTRA_CONTENT].clone();
    }
}

fn shown(call_id: &str, delta: &str) -> Option<ModelEvent> {
    (!delta.is_empty()).then(|| ModelEvent::ToolCallDelta {
        call_id: call_id.to_owned(),
        delta: delta.to_owned(),
    })
}
