//! For tests of the tools that speak to processes and people: a real folder, a gate that is told what to say, a call.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use ::workspace::{CancellationFlag, ExclusionOptions, WorkspaceSnapshot};
use models::{CallForm, Content, ModelFacts, ToolCall, Wire};
use tempfile::TempDir;

use crate::{
    Tool, ToolContext, ToolOutput, Workspace,
    tool::{Approval, Decision, Gate, Progress, Question},
    workspace::{FileChange, FileError},
};

/// Where a tool runs in a test.
pub(super) struct Bench {
    folder: TempDir,
    workspace: ReadOnlyFolder,
    pub(super) gate: ScriptedGate,
    pub(super) cancel: CancellationFlag,
    /// All that was shown while the tools ran.
    pub(super) shown: Mutex<String>,
    /// The turn is interrupted when this has been shown.
    pub(super) interrupt_at: Option<&'static str>,
    pub(super) facts: ModelFacts,
}

/// Says what it was told to, and remembers what it was asked.
pub(super) struct ScriptedGate {
    pub(super) decision: Decision,
    pub(super) answer: Option<String>,
    pub(super) approvals: Mutex<Vec<Approval>>,
    pub(super) questions: Mutex<Vec<Question>>,
}

impl Gate for ScriptedGate {
    fn approve(&self, approval: &Approval, _cancel: &CancellationFlag) -> Decision {
        self.approvals.lock().unwrap().push(approval.clone());
        self.decision.clone()
    }

    fn ask(&self, question: &Question, _cancel: &CancellationFlag) -> Option<String> {
        self.questions.lock().unwrap().push(question.clone());
        self.answer.clone()
    }
}

impl Bench {
    pub(super) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().canonicalize().unwrap();
        Self {
            workspace: ReadOnlyFolder {
                folders: vec![path],
            },
            folder,
            gate: ScriptedGate {
                decision: Decision::Allow,
                answer: None,
                approvals: Mutex::default(),
                questions: Mutex::default(),
            },
            cancel: CancellationFlag::default(),
            shown: Mutex::default(),
            interrupt_at: None,
            facts: ModelFacts {
                images: true,
                ..ModelFacts::unknown(Wire::Responses)
            },
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.workspace.folders[0]
    }

    /// The folder is gone from now on.
    pub(super) fn remove_folder(&self) {
        fs::remove_dir_all(self.folder.path()).unwrap();
    }

    pub(super) fn run(&self, tool: &dyn Tool, arguments: &str) -> ToolOutput {
        let call = ToolCall {
            call_id: "call".into(),
            name: tool.name().into(),
            arguments: arguments.into(),
            form: CallForm::Function,
        };
        let context = ToolContext {
            workspace: &self.workspace,
            cwd: self.path(),
            gate: &self.gate,
            cancel: &self.cancel,
            progress: &|progress| self.show(progress),
            facts: &self.facts,
        };
        tool.run(&call, &context)
    }

    fn show(&self, Progress::Output { text }: Progress) {
        let mut shown = self.shown.lock().unwrap();
        shown.push_str(&text);
        if self.interrupt_at.is_some_and(|text| shown.contains(text)) {
            self.cancel.set();
        }
    }

    /// The answer's text, with the time and the folder's path taken out.
    pub(super) fn text(&self, output: &ToolOutput) -> String {
        let Content::Text { text } = &output.content[0] else {
            panic!("no text: {output:?}");
        };
        let folder = self.path().display().to_string();
        let lines = text
            .lines()
            .map(|line| match line.strip_prefix("Wall time: ") {
                Some(_) => "Wall time: …".into(),
                None => line.replace(&folder, "FOLDER"),
            });
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Reads what is there. Nothing that is tested here changes files or searches.
struct ReadOnlyFolder {
    folders: Vec<PathBuf>,
}

impl Workspace for ReadOnlyFolder {
    fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    fn snapshot(&self) -> WorkspaceSnapshot {
        ::workspace::Workspace::new(&ExclusionOptions::default())
            .unwrap()
            .snapshot()
    }

    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        let missing = |_| FileError::Missing {
            path: path.display().to_string(),
        };
        let bytes = fs::read(path).map_err(missing)?;
        if bytes.len() as u64 > limit {
            return Err(FileError::TooLarge {
                path: path.display().to_string(),
                size: bytes.len() as u64,
                limit,
            });
        }
        Ok(bytes)
    }

    fn commit(&self, _changes: &[FileChange]) -> Result<(), FileError> {
        Err(FileError::Excluded {
            path: "everything".into(),
            reason: "this folder is for reading".into(),
        })
    }
}
