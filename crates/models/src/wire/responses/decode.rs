//! The events of an answer in Responses.
//!
//! Items count when they are done; what an answer leaves undone is taken from its last event or from the deltas.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::call_ids::CallIds;
use super::super::json::{count, first_text, list, text};
use super::super::translate::Translate;
use super::super::{failure, usage};
use super::item::{self, Announced};
use crate::{EndReason, ModelEvent, Request};

/// An answer that is being read.
#[derive(Debug)]
pub(super) struct Answer {
    call_ids: CallIds,
    /// Items that were announced and are not done, by their place in the answer.
    open: BTreeMap<u64, Open>,
    done: BTreeSet<u64>,
    refused: bool,
}

#[derive(Debug)]
struct Open {
    item: Value,
    announced: Announced,
}

impl Answer {
    /// The answer to `request`.
    pub(super) fn new(request: &Request) -> Self {
        Self {
            call_ids: CallIds::of(request),
            open: BTreeMap::new(),
            done: BTreeSet::new(),
            refused: false,
        }
    }

    fn added(&mut self, event: &Value, out: &mut Vec<ModelEvent>) {
        let item = &event["item"];
        let is_call = matches!(
            item["type"].as_str(),
            Some("function_call" | "custom_tool_call")
        );
        let mut announced = Announced::default();
        if let (true, Some(name)) = (is_call, text(item, "name")) {
            let call_id = self.call_ids.claim(first_text(item, &["call_id", "id"]));
            announced.call_id = Some(call_id.clone());
            out.push(ModelEvent::ToolCallStarted {
                call_id,
                name: name.to_owned(),
            });
        }
        let open = Open {
            item: item.clone(),
            announced,
        };
        self.open.insert(self.place(event), open);
    }

    /// Keeps a delta, in case that the item itself never comes; gives the id of the call that it belongs to.
    fn keep(&mut self, event: &Value) -> Option<String> {
        let place = self.place(event);
        let announced = &mut self.open.get_mut(&place)?.announced;
        announced.text.push_str(&delta(event)?);
        announced.call_id.clone()
    }

    fn item_done(&mut self, place: u64, value: &Value, out: &mut Vec<ModelEvent>) {
        if !self.done.insert(place) {
            return;
        }
        let announced = self
            .open
            .remove(&place)
            .map(|open| open.announced)
            .unwrap_or_default();
        self.refused |= item::is_refusal(value);
        out.extend(item::decode(value, &announced, &mut self.call_ids).map(ModelEvent::ItemDone));
    }

    /// The answer, whole: delivers the items that were not done on the way.
    fn response(&mut self, kind: &str, response: &Value, out: &mut Vec<ModelEvent>) {
        let status = response["status"].as_str().unwrap_or_default();
        if kind == "response.failed" || matches!(status, "failed" | "cancelled") {
            out.push(ModelEvent::Failed(failure::from_report(response)));
            return;
        }
        for (place, item) in (0..).zip(list(response, "output")) {
            self.item_done(place, item, out);
        }
        for (place, open) in std::mem::take(&mut self.open) {
            let value = open.item.clone();
            self.open.insert(place, open);
            self.item_done(place, &value, out);
        }
        let end = if kind == "response.incomplete" || status == "incomplete" {
            incomplete(response)
        } else if self.refused {
            EndReason::Refusal
        } else {
            EndReason::Complete
        };
        out.push(ModelEvent::Done {
            end,
            usage: usage::openai(&response["usage"]),
        });
    }

    /// Where an event's item stands; the newest item when the service does not say.
    fn place(&self, event: &Value) -> u64 {
        count(event, "output_index").unwrap_or_else(|| {
            let by_id = text(event, "item_id").and_then(|id| {
                self.open
                    .iter()
                    .find(|(_, open)| open.item["id"] == id)
                    .map(|(place, _)| *place)
            });
            let newest = self.open.keys().next_back().copied();
            let next = self.done.last().map_or(0, |place| place + 1);
            match event["type"].as_str() {
                Some("response.output_item.added") => newest.map_or(next, |place| place + 1),
                _ => by_id.or(newest).unwrap_or(next),
            }
        })
    }
}

impl Translate for Answer {
    fn begins_another(&self, event: &Value) -> bool {
        event["type"] == "response.created"
    }

    fn restart(&mut self) {
        self.open.clear();
        self.done.clear();
        self.refused = false;
    }

    fn object(&mut self, name: Option<&str>, event: &Value, out: &mut Vec<ModelEvent>) {
        let is_whole = matches!(
            event["object"].as_str(),
            Some("response" | "response.compaction")
        ) && event["output"].is_array();
        let kind = event["type"].as_str().or(name).unwrap_or_default();
        match kind {
            _ if is_whole => self.response("", event, out),
            "response.output_item.added" => self.added(event, out),
            "response.output_item.done" => {
                let place = self.place(event);
                self.item_done(place, &event["item"], out);
            }
            "response.output_text.delta" | "response.refusal.delta" => {
                self.refused |= kind == "response.refusal.delta";
                self.keep(event);
                out.extend(delta(event).map(ModelEvent::TextDelta));
            }
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
                self.keep(event);
                out.extend(delta(event).map(ModelEvent::ReasoningDelta));
            }
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
                if let (Some(call_id), Some(delta)) = (self.keep(event), delta(event)) {
                    out.push(ModelEvent::ToolCallDelta { call_id, delta });
                }
            }
            "response.completed"
            | "response.incomplete"
            | "response.failed"
            | "response.done"
            | "response.cancelled" => self.response(kind, &event["response"], out),
            "response.error" => out.push(ModelEvent::Failed(failure::from_report(event))),
            _ => {}
        }
    }

    fn end(&mut self, _out: &mut Vec<ModelEvent>) {}
}

fn delta(event: &Value) -> Option<String> {
    text(event, "delta").map(str::to_owned)
}

fn incomplete(response: &Value) -> EndReason {
    match text(&response["incomplete_details"], "reason") {
        Some("max_output_tokens" | "max_tokens") | None => EndReason::MaxOutputTokens,
        Some("content_filter") => EndReason::ContentFilter,
        Some(other) => EndReason::Other(other.to_owned()),
    }
}
