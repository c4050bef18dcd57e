//! The items that a conversation with a model is made of, in our own form.
//!
//! The agent keeps its history in them and writes them to the thread's log; each wire translates them. An item's
//! translation depends on nothing but the item itself, so that a longer history begins with the bytes of a shorter one.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One element of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Item {
    /// Something said.
    Message {
        /// By whom.
        role: Role,
        /// What, in order.
        content: Vec<Content>,
        /// For assistants that say so: whether this is a remark on the way or the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phase: Option<Phase>,
    },
    /// The model's reasoning. Only `summary` may be shown.
    Reasoning {
        /// Paragraphs of the summary (or of the open reasoning) that the service discloses.
        summary: Vec<String>,
        /// What the wire needs to be given back, verbatim: encrypted reasoning, a signature. Other wires leave it out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        carried: Option<Carried>,
    },
    /// The model calls a tool.
    ToolCall(ToolCall),
    /// What a tool answered.
    ToolOutput {
        /// The call's [`ToolCall::call_id`].
        call_id: String,
        /// The call's form, which some wires repeat in the answer.
        form: CallForm,
        /// The answer: text, and images where the model takes them.
        content: Vec<Content>,
        /// Whether the answer says that the tool failed.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        failed: bool,
    },
    /// An item that only one wire understands and wants back unchanged, for example a compacted history.
    Carried(Carried),
}

/// An item of one wire, kept verbatim for that wire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Carried {
    /// The wire that made it and alone gets it back.
    pub wire: Wire,
    /// Its JSON there.
    pub value: Value,
}

/// A dialect in which models are spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wire {
    /// OpenAI's Responses, over HTTP or WebSocket.
    Responses,
    /// OpenAI's Chat Completions and what imitates it.
    ChatCompletions,
    /// Anthropic's Messages.
    Messages,
    /// Ollama's own `/api/chat`.
    Ollama,
    /// Our embedded provider, which speaks to nobody.
    Embedded,
}

/// A tool call, complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Pairs the call with its output; unique within a thread. A wire whose service gives none makes one up.
    pub call_id: String,
    /// The tool's name.
    pub name: String,
    /// JSON text for [`CallForm::Function`] (perhaps not valid JSON: the model wrote it), free text for [`CallForm::Freeform`].
    pub arguments: String,
    /// How the arguments are to be read.
    pub form: CallForm,
}

/// How a tool's arguments are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallForm {
    /// As a JSON object.
    #[default]
    Function,
    /// As plain text in a grammar of the tool's own ("custom" tools of Responses).
    Freeform,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The program; wires without such a role send it as the user's.
    Developer,
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// Whether an assistant's message is a remark or the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Said on the way, before more work.
    Commentary,
    /// The answer.
    FinalAnswer,
}

/// A part of a message or of a tool's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// A picture. Wires and models without pictures send a line of text that says so.
    Image {
        /// For example `image/png`.
        media_type: String,
        /// The file's bytes in standard base64.
        data: String,
    },
}

impl Content {
    /// A text part.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }
}

impl Item {
    /// A message of one text.
    pub fn message(role: Role, text: impl Into<String>) -> Self {
        Self::Message {
            role,
            content: vec![Content::text(text)],
            phase: None,
        }
    }
}
