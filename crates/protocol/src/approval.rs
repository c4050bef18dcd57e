//! `ropewalk/approval`: a task asks the user of a rich client. Others are asked by `window/showMessageRequest`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Message;

/// The request `ropewalk/approval`, from the server to the client. An error or `null` means no.
pub enum ApprovalRequest {}

impl Message for ApprovalRequest {
    const METHOD: &'static str = "ropewalk/approval";
    type Params = ApprovalParams;
    type Result = Option<ApprovalAnswer>;
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ApprovalParams {
    /// The task's number.
    pub task: u32,
    /// The whole question as text; characters that do not show are written as escapes.
    pub message: String,
    /// The same as data.
    pub subject: ApprovalSubject,
}

/// What the user decides upon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum ApprovalSubject {
    /// Files will be changed; only where there is no twin.
    #[serde(rename_all = "camelCase")]
    ChangeFiles {
        /// Their paths, absolute.
        paths: Vec<String>,
    },
    /// A command will run.
    #[serde(rename_all = "camelCase")]
    RunCommand {
        /// As a shell would take it.
        command: String,
        /// Where, absolute.
        cwd: String,
        /// What it would have beyond the twin, in words each; empty where there is no twin.
        needs: Vec<String>,
        /// Why, if the agent says.
        reason: Option<String>,
        /// What the sandbox refused when it ran before.
        refused: Option<String>,
        /// The words for which `allowAlways` would allow this; without them it is not to be offered.
        prefix: Option<Vec<String>>,
    },
    /// Text will be typed into a running command.
    #[serde(rename_all = "camelCase")]
    WriteToCommand {
        /// The command.
        command: String,
        /// The text.
        text: String,
    },
    /// A question to be answered in words.
    #[serde(rename_all = "camelCase")]
    Question {
        /// Answers to choose from; others are possible.
        options: Vec<String>,
    },
}

/// What the user says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ApprovalAnswer {
    /// Left out for an answer in words to a question.
    pub decision: Option<ApprovalDecision>,
    /// The reason of a no, or the answer to a question.
    pub text: Option<String>,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ApprovalDecision {
    /// This once.
    AllowOnce,
    /// Whenever the task asks this.
    AllowForTask,
    /// Whenever any task asks this for commands with the prefix.
    AllowAlways,
    /// No.
    Deny,
    /// No, and the turn ends.
    Stop,
}
