//! What a tool is, what it is given, and what it answers.
//!
//! The loop lists the tools to the model and runs the calls; each tool has a file of its own below `tools/`. A tool runs
//! on a thread of its own and may block; it watches [`ToolContext::cancel`]. Whatever goes wrong is an answer to the model.

use std::path::{Path, PathBuf};

use ::workspace::CancellationFlag;
use models::{Content, ModelFacts, ToolCall, ToolSpec};
use serde::{Deserialize, Serialize};

use crate::{Workspace, need::Need};

/// Something that the model can call.
pub trait Tool: Send + Sync {
    /// Its name, unique.
    fn name(&self) -> &'static str;

    /// How the model is told of it; `None` when it is not for such a model. The same facts give the same answer.
    fn spec(&self, facts: &ModelFacts) -> Option<ToolSpec>;

    /// What a call does to the world; decides what may run at the same time.
    fn effect(&self) -> ToolEffect;

    /// What a surface shows of a call before there is an answer, for example the command that runs; `None` for just the
    /// tool's name and the arguments.
    fn announce(&self, call: &ToolCall) -> Option<Presentation> {
        let _ = call;
        None
    }

    /// What its calls have left running, in words for a person. It ends with the thread.
    fn left_running(&self) -> Vec<String> {
        Vec::new()
    }

    /// Answers one call. Bad arguments, refusals and failures are answers too; it does not panic.
    fn run(&self, call: &ToolCall, context: &ToolContext<'_>) -> ToolOutput;
}

/// What a tool does to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolEffect {
    /// Only looks: may run beside others that only look.
    Reads,
    /// Changes something: runs alone, in call order.
    Acts,
}

/// What a tool is given besides its arguments.
pub struct ToolContext<'a> {
    /// The files.
    pub workspace: &'a dyn Workspace,
    /// Where relative paths start; one of the workspace's folders or below one.
    pub cwd: &'a Path,
    /// The permission hook: asked before every effect.
    pub gate: &'a dyn Gate,
    /// Set when the turn is interrupted: stop soon and answer with what there is.
    pub cancel: &'a CancellationFlag,
    /// Tells the surface how a long call goes on. Not seen by the model.
    pub progress: &'a (dyn Fn(Progress) + Sync),
    /// What the model can take in.
    pub facts: &'a ModelFacts,
    /// Stops the turn, as the person does with an interrupt: for when they answer so.
    pub stop_turn: &'a (dyn Fn() + Sync),
}

/// What a surface may show while a call runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Progress {
    /// More of a command's output.
    Output {
        /// What came, as text.
        text: String,
    },
}

/// A tool's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolOutput {
    /// What the model gets. Bounded by the tool.
    pub content: Vec<Content>,
    /// How it went.
    pub status: ToolStatus,
    /// What a surface shows of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presentation: Option<Presentation>,
}

/// How a call went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolStatus {
    /// It did what was asked.
    Succeeded,
    /// It could not; the content says why and how to do better.
    Failed,
    /// It was not permitted.
    Declined,
    /// The turn was interrupted first.
    Interrupted,
}

/// What a surface shows of a call, besides its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Presentation {
    /// Files were changed.
    FileChanges {
        /// One entry a file, in order of the paths.
        changes: Vec<PresentedChange>,
    },
    /// A command ran.
    Command {
        /// As a shell would take it.
        command: String,
        /// Its exit code, once it has ended by itself.
        exit_code: Option<i32>,
        /// What it had beyond the twin, or would have had.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        needs: Vec<Need>,
    },
    /// The plan was written.
    Plan {
        /// The steps, in order.
        steps: Vec<PlanStep>,
    },
}

/// A changed file as a surface shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresentedChange {
    /// Absolute.
    pub path: PathBuf,
    /// What happened to it.
    pub kind: ChangeKind,
    /// A unified diff without file headers; empty for binary files.
    pub diff: String,
}

/// What happened to a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It was changed in place.
    Modified,
    /// It is gone.
    Deleted,
    /// It was moved, perhaps changed.
    Moved {
        /// Where it was, absolute.
        from: PathBuf,
    },
}

/// A step of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanStep {
    /// What is to be done.
    pub step: String,
    /// How far it is.
    pub status: PlanStatus,
}

/// How far a step of the plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanStatus {
    /// Not begun.
    Pending,
    /// Under way.
    InProgress,
    /// Done.
    Completed,
}

/// The permission hook, and the way to the person. Implemented by a surface.
pub trait Gate: Send + Sync {
    /// Asks before an effect. Blocks until there is an answer or `cancel` is set, which means no.
    fn approve(&self, approval: &Approval, cancel: &CancellationFlag) -> Decision;

    /// Asks the person; `None` when there is nobody to answer.
    fn ask(&self, question: &Question, cancel: &CancellationFlag) -> Option<String>;
}

/// An effect that is about to happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Approval {
    /// Files will be changed.
    ChangeFiles {
        /// What will be changed.
        changes: Vec<PresentedChange>,
    },
    /// A command will run that reaches no further than others here: everything, where there is no twin.
    RunCommand {
        /// As a shell would take it.
        command: String,
        /// Where.
        cwd: PathBuf,
        /// Why, if the model says.
        reason: Option<String>,
        /// Why it is asked about, if a rule of the user's says.
        rule: Option<String>,
    },
    /// A command will reach beyond the twin.
    LeaveTwin {
        /// As a shell would take it.
        command: String,
        /// Where.
        cwd: PathBuf,
        /// What it would have beyond the twin; never empty.
        needs: Vec<Need>,
        /// Why, if the model says.
        reason: Option<String>,
        /// What it said when it ran without and the sandbox refused it; then it is the program, not the model, that asks.
        refused: Option<String>,
        /// The words for which [`Decision::AllowAlways`] would allow this; `None` where that would allow anything.
        prefix: Option<Vec<String>>,
    },
    /// Text will be written to a running command.
    WriteToCommand {
        /// The command.
        command: String,
        /// The text.
        text: String,
    },
}

/// The answer to an [`Approval`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Go on, this once.
    Allow,
    /// Go on, also when the task asks this again: for commands that begin alike, or for this very command.
    AllowForTask,
    /// Go on, also when any task asks this for a command with the prefix of the question.
    AllowAlways,
    /// Not this; the model is told, with the reason.
    Deny {
        /// In the person's words, if there are any.
        reason: Option<String>,
    },
    /// Nobody can be asked, and nothing allows it.
    NobodyThere,
    /// Not this and nothing else: the turn ends.
    Stop,
}

/// A question to the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Question {
    /// The question.
    pub text: String,
    /// Answers to choose from; other answers are possible.
    pub options: Vec<String>,
}

impl ToolContext<'_> {
    /// Asks before an effect.
    ///
    /// # Errors
    /// The answer to the model when it is not allowed.
    pub fn approve(&self, approval: &Approval) -> Result<(), ToolOutput> {
        match self.gate.approve(approval, self.cancel) {
            Decision::Allow | Decision::AllowForTask | Decision::AllowAlways => Ok(()),
            Decision::Deny { reason } => Err(ToolOutput::declined(reason.as_deref())),
            Decision::NobodyThere => Err(ToolOutput::nobody_there()),
            Decision::Stop => {
                (self.stop_turn)();
                Err(ToolOutput::stopped())
            }
        }
    }

    /// Shows the person something that belongs to the call.
    pub fn show(&self, text: &str) {
        (self.progress)(Progress::Output { text: text.into() });
    }
}

impl ToolOutput {
    /// The tool did what was asked.
    pub fn success(text: impl Into<String>) -> Self {
        Self::of(ToolStatus::Succeeded, text)
    }

    /// It could not; `text` says why and how to do better.
    pub fn failure(text: impl Into<String>) -> Self {
        Self::of(ToolStatus::Failed, text)
    }

    /// It was not permitted.
    pub fn declined(reason: Option<&str>) -> Self {
        let text = match reason {
            Some(reason) => format!("The user declined this and says: {reason}"),
            None => {
                "The user declined this. Do not try the same again; ask, or go another way.".into()
            }
        };
        Self::of(ToolStatus::Declined, text)
    }

    /// It was not permitted; `text` says by what, and what now.
    pub fn refused(text: impl Into<String>) -> Self {
        Self::of(ToolStatus::Declined, text)
    }

    /// It was not permitted, because nobody can be asked.
    pub fn nobody_there() -> Self {
        let text = "This needs the user's yes, and nobody is there to be asked: it was not done. Go on without it as far as you \
                    can, and say in your final answer what could not be done and why.";
        Self::of(ToolStatus::Declined, text)
    }

    /// The person stopped the turn when they were asked.
    pub fn stopped() -> Self {
        Self::interrupted(
            "The user has stopped the work instead of allowing this. It was not done.",
        )
    }

    /// The turn was interrupted; `text` says how far it came.
    pub fn interrupted(text: impl Into<String>) -> Self {
        Self::of(ToolStatus::Interrupted, text)
    }

    /// With something for the surface.
    pub fn presented(mut self, presentation: Presentation) -> Self {
        self.presentation = Some(presentation);
        self
    }

    fn of(status: ToolStatus, text: impl Into<String>) -> Self {
        Self {
            content: vec![Content::text(text)],
            status,
            presentation: None,
        }
    }
}
