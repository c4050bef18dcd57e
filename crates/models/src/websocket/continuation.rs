//! What is sent over the socket: everything, or only what the service does not know yet.
//!
//! A service keeps the last answer of a socket in memory. When a request is the last one, its answer and more, the
//! answer's identifier and the rest are enough.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::endpoint::Remote;
use crate::{Item, Request};

/// What the service remembers on this socket.
pub(super) struct Memory {
    /// The last answer's identifier.
    pub(super) response_id: String,
    /// All fields of the last request but its input.
    pub(super) fields: Map<String, Value>,
    /// The last request's items, then its answer's.
    pub(super) items: Vec<Arc<Item>>,
}

/// One request as it goes over the socket.
pub(super) struct Frame {
    /// All fields but the input and those of the transport.
    pub(super) fields: Map<String, Value>,
    input: Value,
    previous: Option<String>,
    answer: Answer,
}

/// What a request is sent for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// For an answer.
    Wanted,
    /// Only so that the service has read it when the next one comes.
    NotYet,
}

impl Frame {
    /// `request`, as short as what the service remembers allows.
    pub(super) fn new(
        remote: &Remote,
        request: &Request,
        memory: Option<&Memory>,
        answer: Answer,
    ) -> Self {
        memory
            .and_then(|memory| Self::rest(remote, request, memory, answer))
            .unwrap_or_else(|| {
                let (fields, input) = encode(remote, request, &request.items);
                Self {
                    fields,
                    input,
                    previous: None,
                    answer,
                }
            })
    }

    /// Whether it relies on what the service remembers.
    pub(super) fn continues(&self) -> bool {
        self.previous.is_some()
    }

    /// As a JSON object.
    pub(super) fn into_json(self) -> Value {
        self.json()
    }

    /// As text.
    pub(super) fn text(&self) -> String {
        self.json().to_string()
    }

    fn json(&self) -> Value {
        let mut object = self.fields.clone();
        object.insert("type".into(), "response.create".into());
        object.insert("input".into(), self.input.clone());
        if let Some(previous) = &self.previous {
            object.insert("previous_response_id".into(), previous.as_str().into());
        }
        if self.answer == Answer::NotYet {
            object.insert("generate".into(), false.into());
        }
        Value::Object(object)
    }

    fn rest(remote: &Remote, request: &Request, memory: &Memory, answer: Answer) -> Option<Self> {
        let rest = memory.rest(&request.items)?;
        let (fields, input) = encode(remote, request, rest);
        (fields == memory.fields).then(|| Self {
            fields,
            input,
            previous: Some(memory.response_id.clone()),
            answer,
        })
    }
}

impl Memory {
    /// What `items` has besides the remembered ones, if it begins with them and has more.
    ///
    /// Equal items have equal encodings, because an item's encoding depends on nothing else.
    fn rest<'a>(&self, items: &'a [Arc<Item>]) -> Option<&'a [Arc<Item>]> {
        let (known, rest) = items.split_at_checked(self.items.len())?;
        let begins = known
            .iter()
            .zip(&self.items)
            .all(|(item, remembered)| Arc::ptr_eq(item, remembered) || item == remembered);
        (begins && !rest.is_empty()).then_some(rest)
    }
}

/// The fields of `request` and the input for `items` of it.
fn encode(remote: &Remote, request: &Request, items: &[Arc<Item>]) -> (Map<String, Value>, Value) {
    let part = Request {
        items: items.to_vec(),
        model: request.model.clone(),
        instructions: Arc::clone(&request.instructions),
        tools: Arc::clone(&request.tools),
        cache_key: request.cache_key.clone(),
        reasoning: request.reasoning,
        max_output_tokens: request.max_output_tokens,
        purpose: request.purpose,
    };
    let facts = (remote.facts)(&request.model);
    let mut fields = match remote.codec.encode(&part, &facts) {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    // Answers on a socket always stream; the field belongs to the other transport.
    fields.remove("stream");
    let input = fields.remove("input").unwrap_or_default();
    (fields, input)
}
