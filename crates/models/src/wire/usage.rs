//! Token counts in the form that OpenAI's two wires and their imitators give them.

use serde_json::Value;

use super::json::{count, first_count};
use crate::Usage;

/// The usage that `value` tells of; `None` when it tells of none.
pub(super) fn openai(value: &Value) -> Option<Usage> {
    let input = first_count(value, &["input_tokens", "prompt_tokens"]);
    let output = first_count(value, &["output_tokens", "completion_tokens"]);
    if input.is_none() && output.is_none() {
        return None;
    }
    let input_details = details(value, ["input_tokens_details", "prompt_tokens_details"]);
    let output_details = details(
        value,
        ["output_tokens_details", "completion_tokens_details"],
    );
    let input = input.unwrap_or(0);
    // Some services (xAI, Gemini) leave reasoning out of the output, but not out of the total.
    let total = count(value, "total_tokens").unwrap_or(0);
    Some(Usage {
        input,
        cached_input: count(input_details, "cached_tokens")
            .or_else(|| {
                first_count(
                    value,
                    &[
                        "prompt_cache_hit_tokens",
                        "cache_read_input_tokens",
                        "cached_tokens",
                    ],
                )
            })
            .unwrap_or(0),
        cache_write: count(input_details, "cache_write_tokens")
            .or_else(|| count(value, "cache_creation_input_tokens"))
            .unwrap_or(0),
        output: output.unwrap_or(0).max(total.saturating_sub(input)),
        reasoning: count(output_details, "reasoning_tokens")
            .or_else(|| count(value, "reasoning_tokens"))
            .unwrap_or(0),
    })
}

fn details<'a>(value: &'a Value, keys: [&str; 2]) -> &'a Value {
    let [first, second] = keys.map(|key| &value[key]);
    if first.is_object() { first } else { second }
}
