//! What is asked of a model.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Item;

/// One request. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The model's name as its service knows it.
    pub model: String,
    /// The standing instructions; the same for every request of a thread.
    pub instructions: Arc<str>,
    /// The conversation so far.
    pub items: Vec<Arc<Item>>,
    /// The tools, in an order that never changes within a thread.
    pub tools: Arc<[ToolSpec]>,
    /// How hard to think; `None` leaves it to the service.
    pub reasoning: Option<ReasoningEffort>,
    /// The longest answer, in tokens; `None` is the model's own limit.
    pub max_output_tokens: Option<u64>,
    /// Requests with the same key share the service's prompt cache: the thread's id.
    pub cache_key: String,
    /// What the answer is for.
    pub purpose: Purpose,
}

/// What an answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The next step of a turn.
    Step,
    /// The service's own compaction of `items`; only where [`crate::ModelFacts::remote_compaction`]. The items of the
    /// answer replace the history.
    Compaction,
}

/// A tool as the model is told of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToolSpec {
    /// Takes a JSON object.
    Function {
        /// Unique among the tools.
        name: String,
        /// What it does and when to use it.
        description: String,
        /// JSON schema of the arguments, an object.
        parameters: Value,
    },
    /// Takes free text. Only where [`crate::ModelFacts::freeform_tools`].
    Freeform {
        /// Unique among the tools.
        name: String,
        /// What it does and when to use it.
        description: String,
        /// Lark grammar of the text.
        grammar: String,
    },
}

impl ToolSpec {
    /// The tool's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Function { name, .. } | Self::Freeform { name, .. } => name,
        }
    }
}

/// How hard a reasoning model shall think.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReasoningEffort {
    /// Not at all.
    None,
    /// As little as possible.
    Minimal,
    /// A little.
    Low,
    /// As usual.
    Medium,
    /// Much.
    High,
    /// As much as it can.
    #[serde(rename = "xhigh")]
    ExtraHigh,
}
