//! The few fields of a service's event that the transport itself must know.

use std::borrow::Cow;

use serde::Deserialize;

/// What an event is, and the identifiers that steer the socket.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct EventHead<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Cow<'a, str>,
    code: Option<String>,
    error: Option<ErrorHead>,
    response: Option<ResponseHead>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorHead {
    code: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ResponseHead {
    id: Option<String>,
}

impl<'a> EventHead<'a> {
    /// Reads `event`; what is not understood is left to the wire.
    pub(super) fn of(event: &'a str) -> Self {
        serde_json::from_str(event).unwrap_or_default()
    }

    /// The code of an event that refuses a request; `None` for all other events.
    pub(super) fn refusal(&self) -> Option<&str> {
        if self.kind != "error" {
            return None;
        }
        let nested = self.error.as_ref().and_then(|error| error.code.as_deref());
        Some(nested.or(self.code.as_deref()).unwrap_or_default())
    }

    /// The answer's identifier, to be referred to by the next request.
    pub(super) fn response_id(self) -> Option<String> {
        self.response?.id
    }
}
