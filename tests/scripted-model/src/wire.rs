//! The wires: each reads requests strictly, and writes answers and errors in its service's own shapes.

pub(crate) mod chat_completions;
pub(crate) mod messages;
pub(crate) mod ollama;
mod openai_error;
pub(crate) mod responses;

use serde_json::{Value, json};

use crate::json::Wrong;
use crate::{Arguments, Conversation, Refusal, SeenTool, Step, Usage};

/// A dialect in which models are spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wire {
    /// OpenAI's Responses, over HTTP or WebSocket.
    Responses,
    /// OpenAI's Chat Completions.
    ChatCompletions,
    /// Anthropic's Messages.
    Messages,
    /// Ollama's `/api/chat`.
    Ollama,
}

/// One event of an answer.
pub(crate) struct Event {
    /// For SSE with named events.
    pub(crate) name: Option<String>,
    /// One line of JSON, or a mark like `[DONE]`.
    pub(crate) data: String,
    /// Whether a part of the answer is complete with it.
    pub(crate) ends_part: bool,
}

/// How events are told apart in a body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// As server-sent events.
    Sse,
    /// As lines.
    Lines,
}

/// What an answer needs to know besides its step.
pub(crate) struct Setting<'a> {
    /// Makes ids unique: the request's number.
    pub(crate) number: usize,
    /// The model as it was asked for.
    pub(crate) model: &'a str,
    /// The tools as they were listed.
    pub(crate) tools: &'a [SeenTool],
    /// What the answer is said to cost.
    pub(crate) usage: Usage,
    /// Whether the client wants to be told the cost at the end (Chat Completions).
    pub(crate) tells_usage: bool,
}

/// An answer on a wire.
pub(crate) struct Answer {
    pub(crate) events: Vec<Event>,
    /// Its items as the service remembers them; Responses alone.
    pub(crate) items: Vec<Value>,
}

impl Wire {
    /// Every wire, to test them all.
    pub const ALL: [Self; 4] = [
        Self::Responses,
        Self::ChatCompletions,
        Self::Messages,
        Self::Ollama,
    ];

    /// The path at which a step is asked for.
    pub fn path(self) -> &'static str {
        match self {
            Self::Responses => "/v1/responses",
            Self::ChatCompletions => "/v1/chat/completions",
            Self::Messages => "/v1/messages",
            Self::Ollama => "/api/chat",
        }
    }

    pub(crate) fn framing(self) -> Framing {
        match self {
            Self::Ollama => Framing::Lines,
            _ => Framing::Sse,
        }
    }

    pub(crate) fn read(self, body: &Value) -> Result<Conversation, Wrong> {
        match self {
            Self::Responses => responses::read(body),
            Self::ChatCompletions => chat_completions::read(body),
            Self::Messages => messages::read(body),
            Self::Ollama => ollama::read(body),
        }
    }

    pub(crate) fn answer(self, step: &Step, setting: &Setting<'_>) -> Answer {
        let plain = |events| Answer {
            events,
            items: Vec::new(),
        };
        match self {
            Self::Responses => responses::answer(step, setting),
            Self::ChatCompletions => plain(chat_completions::answer(step, setting)),
            Self::Messages => plain(messages::answer(step, setting)),
            Self::Ollama => plain(ollama::answer(step, setting)),
        }
    }

    /// Status and body of an error; `key` is what the client sent.
    pub(crate) fn refusal(self, refusal: &Refusal, key: &str) -> (u16, Value) {
        match self {
            Self::Responses | Self::ChatCompletions => openai_error::error(refusal, key),
            Self::Messages => messages::error(refusal, key),
            Self::Ollama => ollama::error(refusal, key),
        }
    }

    /// An error in the middle of an answer.
    pub(crate) fn failure(self, refusal: &Refusal, setting: &Setting<'_>) -> Event {
        let (_, body) = self.refusal(refusal, "");
        match self {
            Self::Responses => responses::failure(&body, setting),
            Self::ChatCompletions | Self::Ollama => Event::unnamed(body.to_string()),
            Self::Messages => Event::named("error", body.to_string()),
        }
    }
}

impl Event {
    pub(crate) fn named(name: &str, data: String) -> Self {
        Self {
            name: Some(name.into()),
            data,
            ends_part: false,
        }
    }

    pub(crate) fn unnamed(data: String) -> Self {
        Self {
            name: None,
            data,
            ends_part: false,
        }
    }

    pub(crate) fn ending_part(mut self) -> Self {
        self.ends_part = true;
        self
    }

    /// The event's bytes in a body.
    pub(crate) fn bytes(&self, framing: Framing) -> Vec<u8> {
        let name = self.name.as_deref();
        match framing {
            Framing::Lines => format!("{}\n", self.data).into_bytes(),
            Framing::Sse => {
                let name = name
                    .map(|name| format!("event: {name}\n"))
                    .unwrap_or_default();
                format!("{name}data: {}\n\n", self.data).into_bytes()
            }
        }
    }
}

/// A call's arguments, and whether they are free text.
pub(crate) struct Resolved {
    pub(crate) text: String,
    pub(crate) is_freeform: bool,
}

/// Turns a script's arguments into those of the tool as it was listed.
pub(crate) fn resolve(name: &str, arguments: &Arguments, tools: &[SeenTool]) -> Resolved {
    let tool = tools.iter().find(|tool| tool.name == name);
    let is_freeform = tool.is_some_and(|tool| tool.parameters.is_none());
    let text = match arguments {
        Arguments::Json(value) => value.to_string(),
        Arguments::Raw(text) => text.clone(),
        Arguments::Text(text) if is_freeform => text.clone(),
        Arguments::Text(text) => json!({ only_parameter(tool): text }).to_string(),
    };
    Resolved { text, is_freeform }
}

fn only_parameter(tool: Option<&SeenTool>) -> String {
    tool.and_then(|tool| tool.parameters.as_ref()?["required"][0].as_str())
        .unwrap_or("input")
        .to_owned()
}
