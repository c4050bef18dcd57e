//! What the decoders of all wires share: parsing, errors inside a stream, and that an answer ends exactly once.

use serde_json::Value;

use super::{Decoder, failure};
use crate::{FailureKind, ModelError, ModelEvent};

/// What one dialect makes of the events of an answer. [`Guarded`] sees to the rest.
pub(super) trait Translate: Send {
    /// Takes one event, an object. What follows a terminal event in `out` is dropped.
    fn object(&mut self, name: Option<&str>, object: &Value, out: &mut Vec<ModelEvent>);

    /// Whether `object`, which comes after a complete answer, begins another. Gateways that do several rounds for one
    /// request send their answers one behind the other.
    fn begins_another(&self, object: &Value) -> bool {
        let _ = object;
        false
    }

    /// Forgets the answer, which is complete, but not the ids of its calls.
    fn restart(&mut self) {}

    /// `[DONE]` came, which some dialects end with.
    fn done_marker(&mut self) {}

    /// Nothing more comes, or so `[DONE]` says. Gives the terminal event if the answer is complete. May be called twice.
    fn end(&mut self, out: &mut Vec<ModelEvent>);
}

/// A decoder around a dialect.
pub(super) struct Guarded<T> {
    dialect: T,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    /// The answer is complete; only another one is of interest.
    Complete,
    /// The answer failed, or nothing more comes.
    Over,
}

impl<T: Translate + 'static> Guarded<T> {
    /// A decoder of `dialect`.
    pub(super) fn boxed(dialect: T) -> Box<dyn Decoder> {
        Box::new(Self {
            dialect,
            state: State::Reading,
        })
    }
}

impl<T: Translate> Guarded<T> {
    fn value(&mut self, name: Option<&str>, value: &Value, out: &mut Vec<ModelEvent>) {
        if self.state == State::Complete {
            if !self.dialect.begins_another(value) {
                return;
            }
            self.dialect.restart();
            self.state = State::Reading;
        }
        match value {
            Value::Object(_) if is_error(value) => {
                out.push(ModelEvent::Failed(failure::from_report(value)));
            }
            Value::Object(_) => self.dialect.object(name, value, out),
            Value::Array(values) => values.iter().for_each(|value| self.value(name, value, out)),
            _ => {}
        }
    }

    fn garbage(name: Option<&str>, data: &str, out: &mut Vec<ModelEvent>) {
        out.push(ModelEvent::Failed(if name == Some("error") {
            failure::from_report(&Value::String(data.to_owned()))
        } else {
            interrupted(format!(
                "The answer cannot be read, it is not JSON: {}",
                failure::shortened(data, 200)
            ))
        }));
    }

    fn settle(&mut self, before: usize, out: &mut Vec<ModelEvent>) {
        let terminal = out[before..].iter().position(ModelEvent::is_terminal);
        if let Some(position) = terminal {
            out.truncate(before + position + 1);
            self.state = match out.last() {
                Some(ModelEvent::Done { .. }) => State::Complete,
                _ => State::Over,
            };
        }
    }
}

impl<T: Translate> Decoder for Guarded<T> {
    fn event(&mut self, name: Option<&str>, data: &str, out: &mut Vec<ModelEvent>) {
        let data = data.trim();
        if self.state == State::Over || data.is_empty() {
            return;
        }
        let before = out.len();
        if data == "[DONE]" {
            if self.state == State::Complete {
                return;
            }
            self.dialect.done_marker();
            self.dialect.end(out);
        } else {
            match serde_json::from_str::<Value>(data) {
                Ok(value) => self.value(name, &value, out),
                Err(_) if self.state == State::Complete => {}
                Err(_) => Self::garbage(name, data, out),
            }
        }
        self.settle(before, out);
    }

    fn finish(&mut self, out: &mut Vec<ModelEvent>) {
        let state = std::mem::replace(&mut self.state, State::Over);
        if state != State::Reading {
            return;
        }
        let before = out.len();
        self.dialect.end(out);
        self.settle(before, out);
        self.state = State::Over;
        if out.len() == before || !out.last().is_some_and(ModelEvent::is_terminal) {
            out.push(ModelEvent::Failed(interrupted(
                "The connection ended before the answer did.".to_owned(),
            )));
        }
    }
}

/// Whether an event tells of an error, as the dialects do it: `{"error": ...}` or `{"type": "error", ...}`.
fn is_error(object: &Value) -> bool {
    match object["type"].as_str() {
        Some(kind) => kind == "error",
        None => object["object"] == "error" || !matches!(object["error"], Value::Null),
    }
}

fn interrupted(message: String) -> ModelError {
    ModelError {
        kind: FailureKind::Interrupted,
        message,
        retry_after: None,
        attempts: 1,
    }
}
