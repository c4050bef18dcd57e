//! The events of an answer in Messages: blocks that begin, grow and stop, inside one message.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::call_ids::CallIds;
use super::super::json::{count, list, text};
use super::super::translate::Translate;
use super::block::{self, Block};
use crate::{EndReason, FailureKind, ModelError, ModelEvent, Request, Usage};

/// An answer that is being read.
#[derive(Debug)]
pub(super) struct Answer {
    call_ids: CallIds,
    blocks: BTreeMap<u64, Block>,
    stop_reason: Option<String>,
    counts: Counts,
}

/// Token counts as the service gives them: the input without what the cache had.
#[derive(Debug, Default)]
struct Counts {
    input: Option<u64>,
    cache_read: Option<u64>,
    cache_write: Option<u64>,
    output: Option<u64>,
    thinking: Option<u64>,
}

impl Answer {
    /// The answer to `request`.
    pub(super) fn new(request: &Request) -> Self {
        Self {
            call_ids: CallIds::of(request),
            blocks: BTreeMap::new(),
            stop_reason: None,
            counts: Counts::default(),
        }
    }

    fn begin_block(&mut self, place: u64, value: &Value, out: &mut Vec<ModelEvent>) {
        self.stop_block(place, out);
        let call_id = block::is_call(value).then(|| self.call_ids.claim(value["id"].as_str()));
        let block = Block::new(value.clone(), call_id);
        block.begin(out);
        self.blocks.insert(place, block);
    }

    fn delta(&mut self, event: &Value, out: &mut Vec<ModelEvent>) {
        let place = count(event, "index").unwrap_or(0);
        let delta = &event["delta"];
        if let Some(block) = self.blocks.get_mut(&place) {
            block.delta(delta, out);
        } else if let Some(mut block) = Block::for_delta(delta) {
            block.delta(delta, out);
            self.blocks.insert(place, block);
        }
    }

    fn stop_block(&mut self, place: u64, out: &mut Vec<ModelEvent>) {
        let item = self.blocks.remove(&place).and_then(Block::into_item);
        out.extend(item.map(ModelEvent::ItemDone));
    }

    /// A message, or its beginning, which may already hold blocks.
    fn message(&mut self, message: &Value, out: &mut Vec<ModelEvent>) {
        self.counts.update(&message["usage"]);
        self.stopped(message);
        for (place, block) in (0..).zip(list(message, "content")) {
            self.begin_block(place, block, out);
            self.stop_block(place, out);
        }
    }

    fn stopped(&mut self, value: &Value) {
        if let Some(reason) = text(value, "stop_reason") {
            self.stop_reason = Some(reason.to_owned());
        }
    }

    fn complete(&mut self, out: &mut Vec<ModelEvent>) {
        let is_full = self.stop_reason.as_deref() == Some("model_context_window_exceeded");
        for (_, block) in std::mem::take(&mut self.blocks) {
            out.extend(block.into_item().map(ModelEvent::ItemDone));
        }
        out.push(if is_full {
            ModelEvent::Failed(ModelError {
                kind: FailureKind::ContextTooLong,
                message: "The answer filled what was left of the model's window.".to_owned(),
                retry_after: None,
                attempts: 1,
            })
        } else {
            ModelEvent::Done {
                end: end_reason(self.stop_reason.as_deref()),
                usage: self.counts.usage(),
            }
        });
    }
}

impl Translate for Answer {
    fn begins_another(&self, event: &Value) -> bool {
        event["type"] == "message_start"
    }

    fn restart(&mut self) {
        self.stop_reason = None;
        self.counts = Counts::default();
    }

    fn object(&mut self, name: Option<&str>, event: &Value, out: &mut Vec<ModelEvent>) {
        let place = count(event, "index").unwrap_or(0);
        match event["type"].as_str().or(name).unwrap_or_default() {
            "message_start" => self.message(&event["message"], out),
            "content_block_start" => self.begin_block(place, &event["content_block"], out),
            "content_block_delta" => self.delta(event, out),
            "content_block_stop" => self.stop_block(place, out),
            "message_delta" => {
                self.stopped(&event["delta"]);
                self.counts.update(&event["usage"]);
            }
            "message_stop" => self.complete(out),
            "message" => {
                self.message(event, out);
                self.complete(out);
            }
            _ => {}
        }
    }

    /// Some imitators leave `message_stop` out.
    fn end(&mut self, out: &mut Vec<ModelEvent>) {
        if self.stop_reason.is_some() {
            self.complete(out);
        }
    }
}

impl Counts {
    /// Later counts are totals, too: they take the place of earlier ones.
    fn update(&mut self, usage: &Value) {
        let Self {
            input,
            cache_read,
            cache_write,
            output,
            thinking,
        } = self;
        for (field, key) in [
            (input, "input_tokens"),
            (cache_read, "cache_read_input_tokens"),
            (cache_write, "cache_creation_input_tokens"),
            (output, "output_tokens"),
        ] {
            *field = count(usage, key).or(*field);
        }
        *thinking = count(&usage["output_tokens_details"], "thinking_tokens").or(*thinking);
    }

    fn usage(&self) -> Option<Usage> {
        if self.input.is_none() && self.output.is_none() {
            return None;
        }
        let cached_input = self.cache_read.unwrap_or(0);
        let cache_write = self.cache_write.unwrap_or(0);
        Some(Usage {
            input: self
                .input
                .unwrap_or(0)
                .saturating_add(cached_input)
                .saturating_add(cache_write),
            cached_input,
            cache_write,
            output: self.output.unwrap_or(0),
            reasoning: self.thinking.unwrap_or(0),
        })
    }
}

fn end_reason(stop_reason: Option<&str>) -> EndReason {
    match stop_reason {
        None | Some("end_turn" | "stop_sequence" | "tool_use") => EndReason::Complete,
        Some("max_tokens") => EndReason::MaxOutputTokens,
        // After a compaction the service waits to be asked again, as after a pause.
        Some("pause_turn" | "compaction") => EndReason::Paused,
        Some("refusal") => EndReason::Refusal,
        Some(other) => EndReason::Other(other.to_owned()),
    }
}
