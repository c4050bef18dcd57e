//! A twin with the agent's tools over it, and the user's files around it.

use std::{
    collections::BTreeMap,
    fs, io,
    os::unix::{
        fs::{MetadataExt, symlink},
        net::UnixListener,
    },
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use agent::{
    BaseKeeper, Rules, Tool, ToolContext, ToolOutput, TwinWorkspace, Workspace,
    tool::{Approval, Decision, Gate, Question},
    tools,
};
use changes::FileState;
use models::{CallForm, ModelFacts, ToolCall, Wire};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use sandbox::{
    Limits, Processes, Wall,
    twin::{Twin, TwinOptions},
};
use serde_json::Value;
use tempfile::TempDir;
use workspace::{CancellationFlag, ExclusionOptions, FileKind};

use crate::arguments::SECRET;

/// Far enough away that only what hangs reaches it.
const LONG: Duration = Duration::from_secs(60);

/// The twin with its tools.
pub(crate) struct Bench {
    folder: TempDir,
    pub(crate) processes: Arc<Processes>,
    tools: Vec<Arc<dyn Tool>>,
    workspace: Arc<TwinWorkspace>,
    twin: Arc<Twin>,
    _socket: UnixListener,
}

struct Keeper(Arc<Twin>);

impl BaseKeeper for Keeper {
    fn keep_base(&self, path: &Path, _before: Option<FileState>) -> io::Result<()> {
        self.0.keep_base(path).map_err(io::Error::other)
    }
}

/// Says yes to everything, which a person may do.
struct Yes;

impl Gate for Yes {
    fn approve(&self, approval: &Approval, _cancel: &CancellationFlag) -> Decision {
        match approval {
            // Beyond the twin there are no walls to try.
            Approval::LeaveTwin { .. } => Decision::Deny { reason: None },
            _ => Decision::Allow,
        }
    }

    fn ask(&self, _question: &Question, _cancel: &CancellationFlag) -> Option<String> {
        None
    }
}

impl Bench {
    /// `None` where this machine cannot give `wall`, which is said.
    pub(crate) fn behind(wall: Wall) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let socket = prepare(&root);
        let workspace = root.join("workspace");
        let is_secret = |path: &Path, _: FileKind| {
            let name = path.file_name().unwrap_or_default().as_encoded_bytes();
            name.starts_with(b".env") || name.ends_with(b".pem")
        };
        let twin = Twin::create(&TwinOptions {
            state_folder: root.join("state"),
            id: "tools".into(),
            title: String::new(),
            folders: vec![workspace.clone()],
            documents: Vec::new(),
            is_secret: &is_secret,
            files: &|| {
                ["file", "other", "src/main.rs"]
                    .map(|name| workspace.join(name))
                    .into()
            },
            strongest: wall,
            limits: sandbox::walls::Limits::of_this_machine(),
            hidden_variables: Vec::new(),
            hidden: Vec::new(),
        })
        .unwrap();
        if twin.wall() != wall {
            println!("NOT TRIED: {wall}: {:?}", twin.refused());
            twin.discard().unwrap();
            return None;
        }
        let twin = Arc::new(twin);
        let roots = twin
            .roots()
            .unwrap()
            .into_iter()
            .map(|root| (root.folder, root.root));
        let keeper = Arc::new(Keeper(Arc::clone(&twin)));
        let options = ExclusionOptions::default();
        let processes = Arc::new(Processes::new(twin.starter(), Limits::default()));
        Some(Self {
            folder,
            tools: tools::standard(&processes, Rules::default()),
            processes,
            workspace: Arc::new(TwinWorkspace::new(roots.collect(), &options, keeper).unwrap()),
            twin,
            _socket: socket,
        })
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    /// The answer of the tool called `name`.
    ///
    /// # Panics
    /// When there is none in time.
    pub(crate) fn call(&self, name: &str, arguments: &Value) -> ToolOutput {
        let tool = self.tools.iter().find(|tool| tool.name() == name).unwrap();
        let (tool, workspace) = (Arc::clone(tool), Arc::clone(&self.workspace));
        let call = ToolCall {
            call_id: "call".into(),
            name: name.into(),
            arguments: arguments.to_string(),
            form: CallForm::Function,
        };
        let (sender, answer) = mpsc::channel();
        // One that hangs must not hold the test.
        thread::spawn(move || {
            let context = ToolContext {
                workspace: &*workspace,
                cwd: &workspace.folders()[0],
                gate: &Yes,
                cancel: &CancellationFlag::default(),
                progress: &|_| (),
                facts: &ModelFacts {
                    images: true,
                    ..ModelFacts::unknown(Wire::Responses)
                },
                stop_turn: &|| (),
            };
            let _ = sender.send(tool.run(&call, &context));
        });
        answer
            .recv_timeout(LONG)
            .unwrap_or_else(|error| panic!("{name} {arguments}: {error}"))
    }

    /// All that no tool may change: the user's files, and what is protected in the twin.
    pub(crate) fn untouchable(&self) -> BTreeMap<PathBuf, String> {
        let root = self.root();
        let mut files = BTreeMap::new();
        for part in ["workspace", "outside"] {
            collect(&root.join(part), &root.join(part), &mut files);
        }
        for seen in self.twin.roots().unwrap() {
            use std::os::fd::AsRawFd;
            let seen = PathBuf::from(format!("/proc/self/fd/{}/.", seen.root.as_raw_fd()));
            for protected in [".git", ".ropewalk", ".agents"] {
                collect(&seen.join(protected), Path::new(protected), &mut files);
            }
        }
        files
    }
}

/// Notes what is at `path` and below it under `name`, with the time of its last change, which nobody can set.
fn collect(path: &Path, name: &Path, files: &mut BTreeMap<PathBuf, String>) {
    let Ok(metadata) = path.symlink_metadata() else {
        return;
    };
    let content = match metadata.is_file() {
        true => fs::read_to_string(path).unwrap_or_default(),
        false => String::new(),
    };
    let (seconds, nanoseconds) = (metadata.ctime(), metadata.ctime_nsec());
    let status = format!("{:o} {seconds}.{nanoseconds} {content}", metadata.mode());
    files.insert(name.into(), status);
    if metadata.is_dir() {
        for entry in fs::read_dir(path).unwrap().flatten() {
            collect(&entry.path(), &name.join(entry.file_name()), files);
        }
    }
}

fn prepare(root: &Path) -> UnixListener {
    let write = |name: &str, text: &str| {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for name in [
        "file",
        "other",
        "src/main.rs",
        ".git/config",
        ".git/hooks/sample",
        "nested/.git/config",
    ] {
        write(&format!("workspace/{name}"), "as the user has it\n");
    }
    for name in [".ropewalk/rules", ".agents/skills/one/SKILL.md"] {
        write(&format!("workspace/{name}"), "as the user has it\n");
    }
    for name in [
        "workspace/.env",
        "workspace/deep/.env.local",
        "workspace/deep/server.pem",
        "outside/file",
        "outside/folder/file",
    ] {
        write(name, &format!("{SECRET}\nas the user has it\n"));
    }
    let workspace = root.join("workspace");
    let outside = root.join("outside").display().to_string();
    for (name, target) in [
        ("link-absolute", &*format!("{outside}/file")),
        ("link-relative", "../outside/file"),
        ("link-dangling", "../outside/planted"),
        ("link-folder", "../outside/folder"),
        ("link-root", "/"),
        ("link-link", "link-relative"),
        ("link-loop", "link-loop"),
        ("link-zero", "/dev/zero"),
        ("link-process", "/proc/self/environ"),
        ("link-git", ".git"),
        ("innocent.txt", ".env"),
        ("src/up", "../../outside"),
    ] {
        symlink(target, workspace.join(name)).unwrap();
    }
    mknodat(
        CWD,
        workspace.join("pipe"),
        FileType::Fifo,
        Mode::from_raw_mode(0o666),
        0,
    )
    .unwrap();
    UnixListener::bind(workspace.join("socket")).unwrap()
}
