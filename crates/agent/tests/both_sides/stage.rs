//! A user's folder, and a task's twin of it with the agent's own ways to read, write, run and propose.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use agent::{
    TwinWorkspace, Workspace,
    landing::{self, CheckpointLimits, ConflictPolicy, Landed, LandingOptions},
    twin_proposal::{SnapshotSecrets, TwinBaseKeeper, twin_proposal},
    workspace::FileEdit,
};
use sandbox::{
    Channel, CommandLine, Exit, Limits, Processes, Reach, Wall,
    twin::{Twin, TwinOptions, UnsavedDocument},
    walls,
};
use tempfile::TempDir;
use workspace::{ExclusionOptions, FileKind};

/// Far enough away that only a defect reaches it.
const LONG: Duration = Duration::from_secs(60);

/// More than any file has, in bytes.
const LIMIT: u64 = 1024 * 1024;

/// Where a user has files. Goes with it.
pub(crate) struct Place {
    _place: TempDir,
    state: PathBuf,
    /// For the oracle.
    pub(crate) scratch: PathBuf,
    pub(crate) folder: PathBuf,
}

/// A task in a twin of it.
pub(crate) struct Task {
    processes: Processes,
    workspace: TwinWorkspace,
    twin: Arc<Twin>,
    folder: PathBuf,
}

impl Place {
    pub(crate) fn new() -> Self {
        let place = TempDir::new().unwrap();
        let root = place.path().canonicalize().unwrap();
        let [state, scratch, folder] = ["state", "scratch", "folder"].map(|name| root.join(name));
        for folder in [&state, &scratch, &folder] {
            fs::create_dir(folder).unwrap();
        }
        Self {
            _place: place,
            state,
            scratch,
            folder,
        }
    }

    /// What the user has at `name`.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.folder.join(name)).ok()
    }

    /// Begins a task; `documents` are open in the editor and not saved.
    pub(crate) fn begin(&self, documents: &[(String, String)], strongest: Wall) -> Task {
        let folders = vec![self.folder.clone()];
        let mut plain = workspace::Workspace::new(&ExclusionOptions::default()).unwrap();
        plain.add_folder(&self.folder).unwrap();
        let snapshot = plain.snapshot();
        let document = |(name, text): &(String, String)| UnsavedDocument {
            path: self.folder.join(name),
            bytes: text.clone().into(),
        };
        let twin = Twin::create(&TwinOptions {
            state_folder: self.state.clone(),
            id: "task".to_owned(),
            title: "A task".to_owned(),
            folders,
            documents: documents.iter().map(document).collect(),
            is_secret: &SnapshotSecrets(&snapshot),
            files: &|| files_below(&self.folder),
            strongest,
            limits: walls::Limits::of_this_machine(),
            hidden_variables: Vec::new(),
            hidden: Vec::new(),
        });
        let twin = Arc::new(twin.unwrap());
        assert_eq!(twin.wall(), strongest, "{:?}", twin.refused());
        let roots = twin.roots().unwrap().into_iter();
        let roots = roots.map(|root| (root.folder, root.root)).collect();
        let keeper = Arc::new(TwinBaseKeeper(Arc::clone(&twin)));
        Task {
            processes: Processes::new(twin.starter(), Limits::default()),
            workspace: TwinWorkspace::new(roots, &ExclusionOptions::default(), keeper).unwrap(),
            folder: self.folder.clone(),
            twin,
        }
    }

    /// Applies what the task has made.
    pub(crate) fn apply(&self, task: &Task, conflicts: ConflictPolicy) -> Landed {
        let found = twin_proposal(&task.twin, &task.workspace).unwrap();
        assert_eq!(found.left_out, []);
        let options = LandingOptions {
            state_folder: &self.state,
            folders: std::slice::from_ref(&self.folder),
            exclusions: &ExclusionOptions::default(),
            title: "A task",
            thread: None,
            conflicts,
            limits: CheckpointLimits::default(),
        };
        landing::apply(&found.proposal, &options).unwrap()
    }
}

impl Task {
    /// What the task has at `name`.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let bytes = self.workspace.read(&self.folder.join(name), LIMIT).ok()?;
        Some(String::from_utf8(bytes).unwrap())
    }

    /// Puts `text` at `name` as a tool does; nothing takes the file away.
    pub(crate) fn edit(&self, name: &str, text: Option<&str>) {
        let path = self.folder.join(name);
        let before = self.text(name);
        let edit = match (text, before) {
            (Some(text), before) => FileEdit::Write {
                path,
                before: before.map(String::into_bytes),
                after: text.into(),
            },
            (None, Some(before)) => FileEdit::Delete {
                path,
                before: before.into(),
            },
            (None, None) => return,
        };
        self.workspace.commit(&[edit]).unwrap();
    }

    /// Runs a command, which must succeed.
    pub(crate) fn run(&self, command: &str) {
        let session = self.processes.start(&CommandLine {
            text: command.to_owned(),
            folder: self.folder.clone(),
            channel: Channel::Pipe,
            reach: Reach::Twin,
        });
        let session = session.unwrap();
        assert!(session.wait_until_ended(Instant::now() + LONG), "{command}");
        let output = session.take_unread();
        let ended = session.ended().unwrap();
        assert_eq!(ended.exit, Exit::Code(0), "{command}: {output:?}");
        self.processes.forget(session.id());
    }

    /// Keeps what the user has in place of what commands have touched, as is done after each of them.
    pub(crate) fn note_touched(&self) {
        let rules = self.workspace.proposal_rules();
        let judge = |path: &Path, kind: FileKind| rules.verdict(path, kind);
        self.twin.note_touched(&judge).unwrap();
    }

    pub(crate) fn end(self) {
        let Self {
            processes,
            workspace,
            twin,
            ..
        } = self;
        drop((processes, workspace));
        Arc::into_inner(twin).unwrap().discard().unwrap();
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(files_below(&path)),
            false => files.push(path),
        }
    }
    files
}
