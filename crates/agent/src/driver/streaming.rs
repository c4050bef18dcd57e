//! What a surface is told while an answer is still being written. Only complete items count; this is for the eye.

use std::collections::HashSet;

use models::{Item, ModelEvent, ToolCall};

use crate::{
    machine::{Machine, call_details},
    surface::{ItemDetails, ItemUpdate, SurfaceItem, ThreadEvent},
    tool::Presentation,
};

/// The incomplete items of one answer.
#[derive(Debug, Default)]
pub(super) struct Streaming {
    message: Option<Open>,
    reasoning: Option<Open>,
    /// Calls that the model is still writing.
    calls: Vec<OpenCall>,
    /// Calls that the surface knows of.
    shown_calls: HashSet<String>,
}

/// An incomplete call.
#[derive(Debug)]
struct OpenCall {
    /// Its id as the model gives it.
    given: String,
    /// Its id in the thread.
    id: String,
}

/// An incomplete text.
#[derive(Debug)]
struct Open {
    id: String,
    text: String,
}

impl Streaming {
    /// Takes a piece of an item; gives what to tell.
    pub(super) fn take(&mut self, event: ModelEvent, machine: &Machine) -> Vec<ThreadEvent> {
        match event {
            ModelEvent::TextDelta(delta) => {
                let text = String::new();
                let details = ItemDetails::Message { text };
                grow(&mut self.message, delta, details, || {
                    machine.next_message_id()
                })
            }
            ModelEvent::ReasoningDelta(delta) => {
                let text = String::new();
                let details = ItemDetails::Reasoning { text };
                grow(&mut self.reasoning, delta, details, || {
                    machine.next_reasoning_id()
                })
            }
            ModelEvent::ToolCallStarted { call_id, name } => {
                let id = machine.call_id(call_id.clone());
                vec![self.begin_call(OpenCall { given: call_id, id }, name)]
            }
            ModelEvent::ToolCallDelta { call_id, delta } => {
                let mut calls = self.calls.iter();
                let call = calls.find(|call| call.given == call_id);
                let update = ItemUpdate::Arguments { delta };
                call.map(|call| ThreadEvent::ItemUpdated {
                    item_id: call.id.clone(),
                    update,
                })
                .into_iter()
                .collect()
            }
            _ => Vec::new(),
        }
    }

    /// An item is complete, so its pieces are no longer of interest.
    pub(super) fn complete(&mut self, item: &Item) {
        match item {
            Item::Message { .. } => self.message = None,
            Item::Reasoning { .. } => self.reasoning = None,
            Item::ToolCall(call) => self.calls.retain(|open| open.given != call.call_id),
            Item::ToolOutput { .. } | Item::Carried(_) => {}
        }
    }

    /// A call's tool begins; gives what to tell.
    pub(super) fn run(
        &mut self,
        call: &ToolCall,
        announcement: Option<&Presentation>,
    ) -> ThreadEvent {
        let details = call_details(call, announcement, None);
        if self.shown_calls.insert(call.call_id.clone()) {
            let id = call.call_id.clone();
            let item = SurfaceItem { id, details };
            ThreadEvent::ItemStarted { item }
        } else {
            ThreadEvent::ItemUpdated {
                item_id: call.call_id.clone(),
                update: ItemUpdate::Running { details },
            }
        }
    }

    /// Takes the incomplete message.
    pub(super) fn take_text(&mut self) -> String {
        self.message
            .take()
            .map_or_else(String::new, |open| open.text)
    }

    /// The answer will not be completed; gives what to tell.
    pub(super) fn discard(&mut self) -> Vec<ThreadEvent> {
        let texts = [self.message.take(), self.reasoning.take()];
        let texts = texts.into_iter().flatten().map(|open| open.id);
        let calls = std::mem::take(&mut self.calls).into_iter();
        let ids = texts.chain(calls.map(|call| call.id));
        ids.map(|item_id| ThreadEvent::ItemDiscarded { item_id })
            .collect()
    }

    fn begin_call(&mut self, call: OpenCall, name: String) -> ThreadEvent {
        let id = call.id.clone();
        self.shown_calls.insert(id.clone());
        self.calls.push(call);
        let details = ItemDetails::ToolCall {
            name,
            arguments: String::new(),
            output: String::new(),
            status: None,
        };
        ThreadEvent::ItemStarted {
            item: SurfaceItem { id, details },
        }
    }
}

/// More of a running tool's output.
pub(super) fn output(call_id: String, delta: String) -> ThreadEvent {
    ThreadEvent::ItemUpdated {
        item_id: call_id,
        update: ItemUpdate::Output { delta },
    }
}

fn grow(
    open: &mut Option<Open>,
    delta: String,
    details: ItemDetails,
    next_id: impl FnOnce() -> String,
) -> Vec<ThreadEvent> {
    let mut events = Vec::new();
    let open = open.get_or_insert_with(|| {
        let id = next_id();
        let item = SurfaceItem {
            id: id.clone(),
            details,
        };
        events.push(ThreadEvent::ItemStarted { item });
        Open {
            id,
            text: String::new(),
        }
    });
    open.text.push_str(&delta);
    events.push(ThreadEvent::ItemUpdated {
        item_id: open.id.clone(),
        update: ItemUpdate::Text { delta },
    });
    events
}
