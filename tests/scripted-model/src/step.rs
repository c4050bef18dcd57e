//! What the model does in one answer, said without regard to a wire.

use std::time::Duration;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::Fault;

/// One answer.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Step {
    /// What the answer consists of, in order.
    pub parts: Vec<Part>,
    /// Why it ends.
    pub end: End,
    /// What it is said to have cost; `None` derives it: four bytes are one token.
    pub usage: Option<Usage>,
    /// In which pieces and how fast it comes.
    pub pace: Pace,
    /// What goes wrong with it.
    pub fault: Option<Fault>,
}

/// A part of an answer.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Text for the user.
    Say(String),
    /// Reasoning that may be shown.
    Reason(String),
    /// A tool call.
    Call {
        /// The tool's name.
        name: String,
        /// What it is called with.
        arguments: Arguments,
    },
}

/// What a tool is called with.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arguments {
    /// A JSON object.
    Json(Value),
    /// Text: as it is for a tool that takes free text, else as the one string that the tool's schema requires.
    Text(String),
    /// Exactly these characters, which need not be JSON.
    Raw(String),
}

/// Why an answer ends. A wire that cannot say it says the nearest that it can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The model is done, or waits for its tools.
    #[default]
    Complete,
    /// The longest answer was reached; the last part counts as cut off.
    MaxOutputTokens,
    /// The service withheld the rest.
    ContentFilter,
    /// The model declined.
    Refusal,
    /// The service paused a long answer.
    Paused,
}

/// Tokens of one answer; parts are contained in their wholes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Read by the model.
    pub input: u64,
    /// Of `input`: from the cache.
    pub cached_input: u64,
    /// Written by the model.
    pub output: u64,
    /// Of `output`: reasoning.
    pub reasoning: u64,
}

/// In which pieces and how fast an answer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Pace {
    /// Characters of one delta, at least 1.
    pub piece: usize,
    /// Bytes of one HTTP chunk, without regard to events; `None` makes each event one chunk.
    pub chunk: Option<usize>,
    /// The pause before each event.
    #[serde(rename = "delay_ms", deserialize_with = "milliseconds")]
    pub delay: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            piece: 16,
            chunk: None,
            delay: Duration::ZERO,
        }
    }
}

fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_millis)
}

impl Step {
    /// An answer of one text.
    pub fn say(text: impl Into<String>) -> Self {
        Self::default().and_say(text)
    }

    /// An answer that begins with reasoning.
    pub fn reason(text: impl Into<String>) -> Self {
        Self::default().and(Part::Reason(text.into()))
    }

    /// An answer that calls a tool.
    pub fn call(name: impl Into<String>, arguments: Value) -> Self {
        Self::default().and_call(name, arguments)
    }

    /// An answer that calls a tool with text; see [`Arguments::Text`].
    pub fn call_text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self::default().and_call_text(name, text)
    }

    /// No answer: a fault in its place.
    pub fn fault(fault: Fault) -> Self {
        Self::default().with(fault)
    }

    /// More text.
    #[must_use]
    pub fn and_say(self, text: impl Into<String>) -> Self {
        self.and(Part::Say(text.into()))
    }

    /// One more call.
    #[must_use]
    pub fn and_call(self, name: impl Into<String>, arguments: Value) -> Self {
        self.and(Part::Call {
            name: name.into(),
            arguments: Arguments::Json(arguments),
        })
    }

    /// One more call with text; see [`Arguments::Text`].
    #[must_use]
    pub fn and_call_text(self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.and(Part::Call {
            name: name.into(),
            arguments: Arguments::Text(text.into()),
        })
    }

    /// One more call with exactly these characters as its arguments.
    #[must_use]
    pub fn and_call_raw(self, name: impl Into<String>, arguments: impl Into<String>) -> Self {
        self.and(Part::Call {
            name: name.into(),
            arguments: Arguments::Raw(arguments.into()),
        })
    }

    /// One more part.
    #[must_use]
    pub fn and(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }

    /// Ends for this reason.
    #[must_use]
    pub fn ending(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    /// Says that it cost this.
    #[must_use]
    pub fn costing(mut self, usage: Usage) -> Self {
        self.usage = Some(usage);
        self
    }

    /// Comes in these pieces.
    #[must_use]
    pub fn paced(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Comes with this pause before each event.
    #[must_use]
    pub fn slowly(mut self, delay: Duration) -> Self {
        self.pace.delay = delay;
        self
    }

    /// Goes wrong like this.
    #[must_use]
    pub fn with(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Whether it calls a tool.
    pub(crate) fn has_calls(&self) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part, Part::Call { .. }))
    }

    /// The cost: as said, or derived from the request's size in bytes.
    pub(crate) fn usage_for(&self, request_bytes: usize) -> Usage {
        self.usage.unwrap_or_else(|| {
            let output: usize = self.parts.iter().map(Part::size).sum();
            Usage {
                input: tokens(request_bytes),
                output: tokens(output),
                ..Usage::default()
            }
        })
    }
}

/// How many tokens the service counts for so many bytes.
pub(crate) fn tokens(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(4)
}

impl Part {
    fn size(&self) -> usize {
        match self {
            Self::Say(text) | Self::Reason(text) => text.len(),
            Self::Call { name, arguments } => name.len() + arguments.size(),
        }
    }
}

impl Arguments {
    fn size(&self) -> usize {
        match self {
            Self::Json(value) => value.to_string().len(),
            Self::Text(text) | Self::Raw(text) => text.len(),
        }
    }
}

impl Pace {
    /// Cuts a text into deltas.
    pub(crate) fn pieces(&self, text: &str) -> Vec<String> {
        let characters: Vec<char> = text.chars().collect();
        characters
            .chunks(self.piece.max(1))
            .map(|piece| piece.iter().collect())
            .collect()
    }
}
