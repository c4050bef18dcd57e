//! Wires: how a request is written and an answer read in each dialect. Pure: bytes and JSON in, values out.
//!
//! The transport asks [`codec`] for the dialect, sends what [`Codec::encode`] made, and feeds what comes back to an
//! [`AnswerReader`] (or, where frames arrive whole as on a WebSocket, to a [`Decoder`]). Nothing here knows HTTP:
//! a header is looked up through a closure.

use serde_json::Value;

use crate::{ModelError, ModelEvent, ModelFacts, Purpose, RateLimits, Request, Wire};

mod answer;
mod arguments;
mod call_ids;
mod chat_completions;
mod content;
mod failure;
mod grouping;
mod headers;
mod json;
mod lines;
mod messages;
mod ollama;
mod responses;
mod sse;
mod think_tags;
mod tools;
mod translate;
mod usage;

pub use answer::AnswerReader;
pub use lines::LineReader;
pub use responses::encode_items as encode_responses_items;
pub use sse::{SseEvent, SseReader};
pub(crate) use think_tags::ThinkTags;

/// Finds a header of an answer by its lower-case name.
pub type HeaderLookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// One dialect: translates requests and answers, and keeps nothing between them.
pub trait Codec: Send + Sync {
    /// Where requests are posted, to be appended to the service's base URL; begins with a slash.
    ///
    /// The base URL of all wires but Ollama's ends with the API's version, for example `https://api.openai.com/v1`.
    fn path(&self, purpose: Purpose) -> &'static str;

    /// How the answer's body is cut into events.
    ///
    /// Some services answer with one JSON document although a stream was asked for; an answer whose content type is
    /// `application/json` is to be read as [`Framing::Whole`] whatever this says, and every decoder takes it.
    fn framing(&self, purpose: Purpose) -> Framing;

    /// The request's body, an object. Keys are in one fixed order.
    ///
    /// The array of the conversation (`input` or `messages`) of a longer request begins with the elements of the
    /// shorter one that it continues, and all other fields are equal, so that the service finds it in its cache.
    fn encode(&self, request: &Request, facts: &ModelFacts) -> Value;

    /// A header that `request` needs besides those of the service: its lower-case name and its value.
    fn header(
        &self,
        request: &Request,
        facts: &ModelFacts,
    ) -> Option<(&'static str, &'static str)> {
        let _ = (request, facts);
        None
    }

    /// Reads the answer to `request`.
    fn decoder(&self, request: &Request) -> Box<dyn Decoder>;

    /// What an answer other than 2xx means. `body` may be anything, also nothing.
    fn failure(&self, status: u16, header: HeaderLookup<'_>, body: &str) -> ModelError {
        failure::from_answer(status, header, body)
    }

    /// The allowance that an answer's headers tell of, if they do.
    fn rate_limits(&self, header: HeaderLookup<'_>) -> Option<RateLimits>;
}

/// Reads one answer, event by event.
///
/// It gives one [`ModelEvent::Done`] or [`ModelEvent::Failed`], at the latest in [`Decoder::finish`], and nothing after
/// it, unless a whole other answer follows a complete one: that ends with one of its own. Unknown events are passed over; no input makes it panic.
pub trait Decoder: Send {
    /// Takes one event: its name where the framing has names, and its data.
    fn event(&mut self, name: Option<&str>, data: &str, out: &mut Vec<ModelEvent>);

    /// The answer's body has ended. When nothing said that the answer is complete, it was cut:
    /// [`crate::FailureKind::Interrupted`].
    fn finish(&mut self, out: &mut Vec<ModelEvent>);
}

/// How an answer's body is cut into events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events.
    Sse,
    /// One JSON value a line.
    Lines,
    /// The body is one JSON document.
    Whole,
}

/// The translator for `wire`; `None` for [`Wire::Embedded`], which sends nothing.
pub fn codec(wire: Wire) -> Option<&'static dyn Codec> {
    match wire {
        Wire::Responses => Some(&responses::Responses),
        Wire::ChatCompletions => Some(&chat_completions::ChatCompletions),
        Wire::Messages => Some(&messages::Messages),
        Wire::Ollama => Some(&ollama::Ollama),
        Wire::Embedded => None,
    }
}

#[cfg(test)]
mod tests;
