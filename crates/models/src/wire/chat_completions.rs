//! OpenAI's Chat Completions and what imitates it: <https://platform.openai.com/docs/api-reference/chat>.
//!
//! Dozens of services speak it, each a little differently; what must be told to a service differently is a
//! [`crate::Quirks`], what comes back differently is taken as it comes.

mod calls;
mod decode;
mod encode;
mod reasoning;

use serde_json::Value;

use super::translate::Guarded;
use super::{Codec, Decoder, Framing, HeaderLookup, headers};
use crate::{ModelFacts, Purpose, RateLimits, Request};

/// The dialect.
pub(super) struct ChatCompletions;

impl Codec for ChatCompletions {
    fn path(&self, _purpose: Purpose) -> &'static str {
        "/chat/completions"
    }

    fn framing(&self, _purpose: Purpose) -> Framing {
        Framing::Sse
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
