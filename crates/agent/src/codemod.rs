//! The embedded provider `codemod`: no model and no network, but the same loop, tools and proposals.
//!
//! It takes requests in a small command language (`docs/codemod.md`), asks for one tool call a command, and sums up what
//! the tools answered. All its state is in the request's items, so it goes on after any interruption. Anything that is
//! not in its language is answered with what it is, what it can do, and how to get a model.

mod answers;
mod command;
mod conversation;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use models::{
    CallForm, EndReason, EventSink, Exchange, Item, ModelEvent, ModelFacts, ModelSession, Phase,
    Provider, Request, Role, ToolCall, Usage, Wire,
};
use serde_json::{Value, json};

pub use command::{Command, CommandError, parse};
use conversation::{Conversation, Step};

/// The name by which it is configured.
pub use models::catalogue::EMBEDDED as NAME;

/// The provider. Its only model has the same name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Codemod;

impl Provider for Codemod {
    fn name(&self) -> &str {
        NAME
    }

    fn facts(&self, _model: &str) -> ModelFacts {
        ModelFacts {
            // It reads whatever it is given.
            context_window: 1_000_000_000,
            ..ModelFacts::unknown(Wire::Embedded)
        }
    }

    fn open(&self) -> Box<dyn ModelSession> {
        Box::new(CodemodSession)
    }
}

/// Keeps nothing: the items say everything.
struct CodemodSession;

impl ModelSession for CodemodSession {
    fn start(&mut self, request: &Request, mut sink: EventSink) -> Exchange {
        for event in events(request) {
            sink(event);
        }
        Exchange::finished()
    }

    fn body(&self, request: &Request) -> Value {
        json!({ "model": request.model, "items": request.items.iter().map(AsRef::as_ref).collect::<Vec<&Item>>() })
    }
}

/// The whole answer to a request.
fn events(request: &Request) -> Vec<ModelEvent> {
    let conversation = Conversation::of(&request.items);
    let (mut events, end) = match conversation.next(&request.tools) {
        Step::Call { name, arguments } => {
            let id = call_id(&request.items);
            (call(id, name, arguments.to_string()), EndReason::Complete)
        }
        Step::Say(text) => (message(text), EndReason::Complete),
        Step::GiveUp(text) => (message(text), EndReason::Unsuccessful),
    };
    events.push(ModelEvent::Done {
        end,
        usage: Some(Usage::default()),
    });
    events
}

/// Of the conversation so far, since a number of items may come again once a history was made shorter.
fn call_id(items: &[Arc<Item>]) -> String {
    let mut hasher = DefaultHasher::new();
    for item in items {
        json!(item.as_ref()).to_string().hash(&mut hasher);
    }
    format!("codemod-{:016x}", hasher.finish())
}

fn call(call_id: String, name: &str, arguments: String) -> Vec<ModelEvent> {
    let started = ModelEvent::ToolCallStarted {
        call_id: call_id.clone(),
        name: name.to_owned(),
    };
    let delta = ModelEvent::ToolCallDelta {
        call_id: call_id.clone(),
        delta: arguments.clone(),
    };
    let call = ToolCall {
        call_id,
        name: name.to_owned(),
        arguments,
        form: CallForm::Function,
    };
    vec![started, delta, ModelEvent::ItemDone(Item::ToolCall(call))]
}

fn message(text: String) -> Vec<ModelEvent> {
    let item = Item::Message {
        role: Role::Assistant,
        content: vec![models::Content::text(&text)],
        phase: Some(Phase::FinalAnswer),
    };
    vec![ModelEvent::TextDelta(text), ModelEvent::ItemDone(item)]
}

#[cfg(test)]
mod tests;
