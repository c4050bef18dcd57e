//! OpenAI's Responses, over server-sent events or WebSocket: <https://platform.openai.com/docs/api-reference/responses>.
//!
//! Requests are stateless: nothing is stored at the service, and encrypted reasoning travels with the conversation.

mod decode;
mod encode;
mod item;

use serde_json::Value;

use super::translate::Guarded;
use super::{Codec, Decoder, Framing, HeaderLookup, headers};
use crate::{ModelFacts, Purpose, RateLimits, Request};

pub use encode::encode_items;

/// The dialect.
pub(super) struct Responses;

impl Codec for Responses {
    fn path(&self, purpose: Purpose) -> &'static str {
        match purpose {
            Purpose::Step => "/responses",
            Purpose::Compaction => "/responses/compact",
        }
    }

    fn framing(&self, purpose: Purpose) -> Framing {
        match purpose {
            Purpose::Step => Framing::Sse,
            Purpose::Compaction => Framing::Whole,
        }
    }

    fn encode(&self, request: &Request, facts: &ModelFacts) -> Value {
        encode::body(request, facts)
    }

    fn decoder(&self, request: &Request) -> Box<dyn Decoder> {
        Guarded::boxed(decode::Answer::new(request))
    }

    fn rate_limits(&self, header: HeaderLookup<'_>) -> Option<RateLimits> {
        headers::openai_rate_limits(header)
    }
}
