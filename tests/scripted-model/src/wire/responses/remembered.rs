//! What a WebSocket remembers: the newest answer's id, with everything that led to it and the answer itself.

use serde_json::Value;

use super::response_id;

/// The state that the next request on a socket may build on.
#[derive(Default)]
pub(crate) struct Remembered {
    newest: Option<(String, Vec<Value>)>,
}

impl Remembered {
    /// The request with its whole input; `None` when it builds on an answer that is not known here.
    pub(crate) fn complete(&self, body: &Value) -> Option<Value> {
        let mut body = body.clone();
        let Some(previous) = body["previous_response_id"].as_str() else {
            return Some(body);
        };
        let (id, items) = self.newest.as_ref()?;
        if previous != id {
            return None;
        }
        let mut input = items.clone();
        input.extend(body["input"].as_array().into_iter().flatten().cloned());
        body["input"] = input.into();
        Some(body)
    }

    /// Keeps an answer that was sent whole.
    pub(crate) fn keep(&mut self, number: usize, complete: &Value, output: Vec<Value>) {
        let mut items = complete["input"].as_array().cloned().unwrap_or_default();
        items.extend(output);
        self.newest = Some((response_id(number), items));
    }

    /// Forgets, as the service does after a failure.
    pub(crate) fn forget(&mut self) {
        self.newest = None;
    }
}
