//! What can go wrong with an answer on demand.

use std::time::Duration;

use serde::Deserialize;

/// Something that goes wrong with one answer. Events are counted from the answer's first. Where the end of a body is
/// spoken of, a WebSocket is closed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The connection is closed without an answer.
    HangUp,
    /// An error in place of the answer: a status over HTTP, an error event over WebSocket.
    Refuse(Refusal),
    /// An error event after so many events.
    FailAfter {
        /// Events that come first.
        events: usize,
        /// The error.
        refusal: Refusal,
    },
    /// The connection is closed in the middle of the event that follows so many others.
    CutInEvent {
        /// Events that come first.
        events: usize,
    },
    /// The connection is closed when so many parts of the answer are complete.
    CutAfterParts {
        /// Parts that come first.
        parts: usize,
    },
    /// Nothing is answered, ever.
    HangBeforeHeaders,
    /// So many events come, and then nothing, ever. More than there are leaves out only the end of the HTTP body.
    HangAfter {
        /// Events that come first.
        events: usize,
    },
    /// The end of the HTTP body comes late, although all events are there.
    LateEnd(Duration),
    /// Bytes that are no events, and a proper end of the body.
    Garbage,
    /// Bytes that are not HTTP; over WebSocket, a binary message.
    NotHttp,
    /// After so many events, one that is no JSON, and a proper end of the body.
    MalformedJson {
        /// Events that come first.
        events: usize,
    },
    /// The body ends properly after so many events, without the one that ends the answer.
    EndEarly {
        /// Events that come first.
        events: usize,
    },
    /// The client is sent elsewhere: 307 with this location.
    Redirect(String),
}

/// An error that a service tells, in each wire's own words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Too many requests.
    RateLimited {
        /// When to come again, if the service says so: in headers, and in the text.
        retry_after: Option<Duration>,
    },
    /// The service failed.
    ServerError,
    /// The service is overloaded.
    Overloaded,
    /// The conversation is longer than the window.
    ContextTooLong,
    /// The key is wrong; the answer repeats it, as careless services do.
    Unauthorized,
    /// There is no such model.
    UnknownModel,
    /// The credit is used up.
    QuotaExceeded,
    /// Refused for a reason in words.
    Invalid(String),
    /// WebSocket: the answer that the request builds on is not known.
    PreviousResponseNotFound,
    /// WebSocket: the connection is too old.
    ConnectionLimit,
}
