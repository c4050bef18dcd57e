//! Anthropic's Messages: <https://platform.claude.com/docs/en/api/messages>.

mod block;
mod decode;
mod encode;

use serde_json::Value;

use super::translate::Guarded;
use super::{Codec, Decoder, Framing, HeaderLookup, headers};
use crate::{ModelFacts, Purpose, RateLimits, Request};

/// Lets models before Claude 4.6 think between tool calls, which newer ones do by themselves.
const INTERLEAVED_THINKING: &str = "interleaved-thinking-2025-05-14";

/// The dialect.
pub(super) struct Messages;

impl Codec for Messages {
    fn path(&self, _purpose: Purpose) -> &'static str {
        "/messages"
    }

    fn framing(&self, _purpose: Purpose) -> Framing {
        Framing::Sse
    }

    fn encode(&self, request: &Request, facts: &ModelFacts) -> Value {
        encode::body(request, facts)
    }

    fn header(
        &self,
        request: &Request,
        facts: &ModelFacts,
    ) -> Option<(&'static str, &'static str)> {
        encode::thinks_between_calls_on_demand(request, facts)
            .then_some(("anthropic-beta", INTERLEAVED_THINKING))
    }

    fn decoder(&self, request: &Request) -> Box<dyn Decoder> {
        Guarded::boxed(decode::Answer::new(request))
    }

    fn rate_limits(&self, header: HeaderLookup<'_>) -> Option<RateLimits> {
        let pattern = |name: &str, field: &str| format!("anthropic-ratelimit-{name}-{field}");
        let names = ["requests", "tokens", "input-tokens", "output-tokens"];
        headers::rate_limits(&names, pattern, header)
    }
}
