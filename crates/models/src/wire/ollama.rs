//! Ollama's own `/api/chat`: <https://docs.ollama.com/api/chat>. One JSON object a line.

mod decode;
mod encode;

use serde_json::Value;

use super::translate::Guarded;
use super::{Codec, Decoder, Framing, HeaderLookup};
use crate::{ModelFacts, Purpose, RateLimits, Request};

/// The dialect.
pub(super) struct Ollama;

impl Codec for Ollama {
    fn path(&self, _purpose: Purpose) -> &'static str {
        "/api/chat"
    }

    fn framing(&self, _purpose: Purpose) -> Framing {
        Framing::Lines
    }

    fn encode(&self, request: &Request, facts: &ModelFacts) -> Value {
        encode::body(request, facts)
    }

    fn decoder(&self, request: &Request) -> Box<dyn Decoder> {
        Guarded::boxed(decode::Answer::new(request))
    }

    fn rate_limits(&self, _header: HeaderLookup<'_>) -> Option<RateLimits> {
        None
    }
}
