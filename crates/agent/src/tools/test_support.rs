//! For tests of the tools: a real folder, a gate that says what it was told to and remembers what it was asked, a call.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use ::workspace::{CancellationFlag, ExclusionOptions, WorkspaceSnapshot};
use models::{CallForm, Content, ModelFacts, ToolCall, Wire};
use sandbox::Wall;
use tempfile::TempDir;

use crate::{
    FolderWorkspace, Tool, ToolContext, ToolOutput, Workspace,
    tool::{Approval, Decision, Gate, Progress, Question},
    workspace::{FileEdit, FileError},
};

/// A folder with files in it, `w`, which vanishes with the bench.
pub(crate) struct Bench {
    around: TempDir,
    workspace: FolderWorkspace,
    pub(crate) gate: ScriptedGate,
    pub(crate) cancel: CancellationFlag,
    pub(crate) facts: ModelFacts,
    /// All that was shown while tools ran.
    pub(crate) shown: Mutex<String>,
    /// The turn is interrupted when this has been shown.
    pub(crate) interrupt_at: Option<&'static str>,
}

/// The folder, saying that it is a twin.
struct Walled<'a>(&'a FolderWorkspace, Wall);

impl Workspace for Walled<'_> {
    fn folders(&self) -> &[PathBuf] {
        self.0.folders()
    }

    fn wall(&self) -> Wall {
        self.1
    }

    fn snapshot(&self) -> WorkspaceSnapshot {
        self.0.snapshot()
    }

    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        self.0.read(path, limit)
    }

    fn check(&self, changes: &[FileEdit]) -> Result<(), FileError> {
        self.0.check(changes)
    }

    fn commit(&self, changes: &[FileEdit]) -> Result<(), FileError> {
        self.0.commit(changes)
    }
}

/// Answers every approval alike, and every question.
pub(crate) struct ScriptedGate {
    pub(crate) decision: Decision,
    pub(crate) answer: Option<String>,
    pub(crate) asked: Mutex<Vec<Approval>>,
    pub(crate) questions: Mutex<Vec<Question>>,
}

impl Gate for ScriptedGate {
    fn approve(&self, approval: &Approval, _cancel: &CancellationFlag) -> Decision {
        self.asked.lock().unwrap().push(approval.clone());
        self.decision.clone()
    }

    fn ask(&self, question: &Question, _cancel: &CancellationFlag) -> Option<String> {
        self.questions.lock().unwrap().push(question.clone());
        self.answer.clone()
    }
}

impl Bench {
    pub(crate) fn new(files: &[(&str, &[u8])]) -> Self {
        let around = tempfile::tempdir().unwrap();
        let root = around.path().join("w");
        fs::create_dir(&root).unwrap();
        for (name, bytes) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        let workspace = FolderWorkspace::new(&[root], &ExclusionOptions::default()).unwrap();
        let gate = ScriptedGate {
            decision: Decision::Allow,
            answer: None,
            asked: Mutex::default(),
            questions: Mutex::default(),
        };
        Self {
            around,
            workspace,
            gate,
            cancel: CancellationFlag::default(),
            facts: facts(),
            shown: Mutex::default(),
            interrupt_at: None,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.around.path().join("w").join(name)
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.workspace.folders()[0]
    }

    /// The tool's answer to a call with `arguments` in JSON.
    pub(crate) fn call(&self, tool: &dyn Tool, arguments: &str) -> ToolOutput {
        self.run(tool, CallForm::Function, arguments)
    }

    /// The same in a folder that says to have this wall.
    pub(crate) fn call_walled(&self, tool: &dyn Tool, arguments: &str, wall: Wall) -> ToolOutput {
        let workspace = Walled(&self.workspace, wall);
        self.run_in(&workspace, tool, CallForm::Function, arguments)
    }

    /// The tool's answer to a call with `arguments`.
    pub(crate) fn run(&self, tool: &dyn Tool, form: CallForm, arguments: &str) -> ToolOutput {
        self.run_in(&self.workspace, tool, form, arguments)
    }

    fn run_in(
        &self,
        workspace: &dyn Workspace,
        tool: &dyn Tool,
        form: CallForm,
        arguments: &str,
    ) -> ToolOutput {
        let call = ToolCall {
            call_id: "call".into(),
            name: tool.name().into(),
            arguments: arguments.into(),
            form,
        };
        let context = ToolContext {
            workspace,
            cwd: self.folder(),
            gate: &self.gate,
            cancel: &self.cancel,
            progress: &|progress| self.show(progress),
            facts: &self.facts,
            stop_turn: &|| self.cancel.set(),
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

    /// The text of an answer, without the machine's path.
    pub(crate) fn text(&self, output: &ToolOutput) -> String {
        let [Content::Text { text }] = output.content.as_slice() else {
            panic!("one text: {output:?}");
        };
        let prefix = format!("{}/", self.around.path().display());
        text.replace(&prefix, "/")
    }

    /// Every file in the folder with its bytes; links are passed over.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.path(""), &self.path(""), &mut files);
        files
    }

    /// One file as text.
    pub(crate) fn file(&self, name: &str) -> String {
        String::from_utf8(fs::read(self.path(name)).unwrap()).unwrap()
    }
}

pub(crate) fn facts() -> ModelFacts {
    ModelFacts {
        freeform_tools: true,
        images: true,
        ..ModelFacts::unknown(Wire::Responses)
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            files.insert(name, fs::read(&path).unwrap());
        }
    }
}
