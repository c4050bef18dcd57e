//! What the server saw: requests as they came, and their conversations read without regard to a wire.

use std::time::Instant;

use serde_json::Value;

use crate::Wire;

/// A request, as it came and as it was understood.
#[derive(Clone, Debug)]
pub struct SeenRequest {
    /// Which request of this server, counted from 0; of whatever kind.
    pub number: usize,
    /// Which request that wants an answer from the model or a compaction, counted from 0.
    pub exchange: Option<usize>,
    /// Which connection, counted from 0 in the order of accepting.
    pub connection: usize,
    /// How it came.
    pub transport: Transport,
    /// What it wants.
    pub kind: Kind,
    /// Method and path over HTTP; `GET` and the socket's path over WebSocket.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// Names in lower case; over WebSocket, those of the request for the socket.
    pub headers: Vec<(String, String)>,
    /// Every byte: head and body over HTTP, the message over WebSocket.
    pub raw: Vec<u8>,
    /// The body, or the message; null when there is none.
    pub body: Value,
    /// The conversation, whole also where only new items travelled. Empty for a request that was refused.
    pub conversation: Conversation,
    /// When.
    pub times: Times,
    /// How its answer ended; `None` while it is under way.
    pub outcome: Option<Outcome>,
}

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Over HTTP.
    Http,
    /// Over a WebSocket.
    WebSocket,
}

/// What a request wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An answer of the model.
    Step(Wire),
    /// A shorter history.
    Compaction,
    /// To be ready, without an answer.
    Prewarm,
    /// Something else: a list of models, a WebSocket, an unknown path.
    Other,
}

/// When a request came and went.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Its first byte was read.
    pub began: Instant,
    /// Its last byte was read.
    pub arrived: Instant,
    /// The end of the answer was about to be written.
    pub answered: Option<Instant>,
}

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was sent whole.
    Sent,
    /// The request was refused, by the rules or by the script.
    Refused,
    /// The script broke it off.
    Broken,
    /// The client went away before the end.
    ClientLeft,
}

/// A conversation as the model would see it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conversation {
    /// The standing instructions.
    pub instructions: String,
    /// What was said and done, in order.
    pub items: Vec<SeenItem>,
    /// The tools, in the order in which they were listed.
    pub tools: Vec<SeenTool>,
}

/// One element of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum SeenItem {
    /// Something said.
    Message {
        /// By whom.
        role: SeenRole,
        /// Its text parts, joined.
        text: String,
        /// How many pictures it has.
        images: usize,
    },
    /// Reasoning that was given back.
    Reasoning {
        /// Its text.
        text: String,
    },
    /// A tool call.
    Call {
        /// Its id; on a wire without ids, made up from its place.
        call_id: String,
        /// The tool.
        name: String,
        /// As text.
        arguments: String,
    },
    /// A tool's answer.
    Output {
        /// The call's id.
        call_id: String,
        /// Its text parts, joined.
        text: String,
        /// How many pictures it has.
        images: usize,
    },
    /// A compacted history.
    Compaction {
        /// What the server wrote into it.
        note: String,
    },
    /// Something that only the service understands.
    Other {
        /// Its type there.
        kind: String,
    },
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeenRole {
    /// `system` or `developer`.
    Developer,
    /// `user`.
    User,
    /// `assistant`.
    Assistant,
}

/// A tool as it was listed.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenTool {
    /// Its name.
    pub name: String,
    /// The schema of its arguments; `None` for one that takes free text.
    pub parameters: Option<Value>,
}

/// A tool's answer together with what was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenOutput {
    /// The call's id.
    pub call_id: String,
    /// The tool.
    pub name: String,
    /// The call's arguments.
    pub arguments: String,
    /// What it answered.
    pub text: String,
}

impl SeenRequest {
    /// The value of a header, its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }

    /// The answers of the tools so far, in order.
    pub fn outputs(&self) -> Vec<SeenOutput> {
        self.conversation.outputs()
    }

    /// The answer of the tool that was called last.
    pub fn last_output(&self) -> Option<SeenOutput> {
        self.outputs().pop()
    }
}

impl Conversation {
    /// The answers of the tools, in order.
    pub fn outputs(&self) -> Vec<SeenOutput> {
        self.items
            .iter()
            .filter_map(|item| match item {
                SeenItem::Output { call_id, text, .. } => Some((call_id, text)),
                _ => None,
            })
            .map(|(call_id, text)| {
                let (name, arguments) = self.call(call_id).unwrap_or_default();
                SeenOutput {
                    call_id: call_id.clone(),
                    name,
                    arguments,
                    text: text.clone(),
                }
            })
            .collect()
    }

    /// The text of all messages of one role, in order.
    pub fn said_by(&self, speaker: SeenRole) -> Vec<&str> {
        self.items
            .iter()
            .filter_map(|item| match item {
                SeenItem::Message { role, text, .. } if *role == speaker => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// The tool with this name.
    pub fn tool(&self, name: &str) -> Option<&SeenTool> {
        self.tools.iter().find(|tool| tool.name == name)
    }

    fn call(&self, wanted: &str) -> Option<(String, String)> {
        self.items.iter().find_map(|item| match item {
            SeenItem::Call {
                call_id,
                name,
                arguments,
            } if call_id == wanted => Some((name.clone(), arguments.clone())),
            _ => None,
        })
    }
}
