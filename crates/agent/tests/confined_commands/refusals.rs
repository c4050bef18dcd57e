//! What is asked after a real program was refused something, and what it can do after a yes.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};

use agent::{
    FolderWorkspace, Rules, Tool, ToolContext, ToolOutput, Workspace,
    need::Need,
    tool::{Approval, Decision, Gate, Question, ToolStatus},
    tools::exec_command::ExecCommand,
    workspace::{FileEdit, FileError},
};
use libtest_mimic::Trial;
use models::{CallForm, Content, ModelFacts, ToolCall, Wire};
use sandbox::{
    Limits, Processes, Wall,
    confined::{ConfinedProcess, Confinement, OverlayMount},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use workspace::{CancellationFlag, ExclusionOptions, WorkspaceSnapshot};

pub(crate) fn trials() -> Vec<Trial> {
    let network = NETWORK.iter().map(|(program, command)| {
        let name = format!("the_network_is_missed::{command}");
        trial(name, program, || asks_for(command, &[Need::Network]))
    });
    let loopback = LOOPBACK.iter().map(|(program, command)| {
        let name = format!("a_loopback_is_for_the_asking::{command}");
        trial(name, program, || hints_at(command, "needs [\"loopback\"]"))
    });
    let writes = WRITES.iter().map(|(program, command)| {
        let name = format!("a_place_outside_is_missed::{command}");
        trial(name, program, || asks_for_outside(command))
    });
    let others = OTHERS.iter().map(|(program, command)| {
        let name = format!("nothing_is_asked::{command}");
        trial(name, program, || asks_for(command, &[]))
    });
    let granted = [Trial::test("what_is_allowed_is_there", || {
        what_is_allowed_is_there_and_nothing_else();
        Ok(())
    })];
    let refused = network.chain(loopback).chain(writes);
    refused.chain(others).chain(granted).collect()
}

/// The program that must be there, and a command that wants the network. The address is one that nobody has (RFC 5737).
const NETWORK: &[(&str, &str)] = &[
    ("curl", "curl -sS https://example.com"),
    ("curl", "curl -sS http://192.0.2.1"),
    ("git", "git ls-remote https://example.com/a/b"),
    ("ssh", "ssh -o BatchMode=yes example.com true"),
    (
        "python3",
        "python3 -c 'import urllib.request as u; u.urlopen(\"https://example.com\")'",
    ),
    (
        "python3",
        "python3 -c 'import socket as s; s.create_connection((\"192.0.2.1\", 80))'",
    ),
    ("node", "node -e 'fetch(\"https://example.com\")'"),
    (
        "node",
        "node -e 'require(\"http\").get(\"http://192.0.2.1/\")'",
    ),
    ("npm", "npm view left-pad --fetch-retries=0 --cache ./cache"),
    (
        "perl",
        "perl -MSocket -e 'socket(S, PF_INET, SOCK_STREAM, 0) or die \"socket: $!\"'",
    ),
    ("wget", "wget -t 1 -O - http://example.com"),
    ("bash", "bash -c 'echo > /dev/tcp/192.0.2.1/80'"),
    (
        "cargo",
        "cargo init -q --name a p && echo 'left = \"1\"' >> p/Cargo.toml && CARGO_HOME=$PWD/home CARGO_NET_RETRY=0 cargo fetch --manifest-path p/Cargo.toml",
    ),
];

const LOOPBACK: &[(&str, &str)] = &[
    ("curl", "curl -sS http://127.0.0.1:8080"),
    ("python3", "python3 -m http.server 8080 --bind 127.0.0.1"),
    (
        "node",
        "node -e 'require(\"http\").createServer().listen(8080)'",
    ),
];

/// `OUTSIDE` is a folder outside of the workspace.
const WRITES: &[(&str, &str)] = &[
    ("touch", "touch OUTSIDE/a"),
    ("sh", "echo a > OUTSIDE/a"),
    ("mkdir", "mkdir -p OUTSIDE/a/b"),
    ("rm", "rm OUTSIDE/file"),
    ("cp", "cp file OUTSIDE/a"),
    ("mv", "mv file OUTSIDE/a"),
    ("sed", "sed -i s/a/b/ OUTSIDE/file"),
    ("ln", "ln -s a OUTSIDE/a"),
    ("tee", "echo a | tee OUTSIDE/a > /dev/null; exit 1"),
    ("git", "git init OUTSIDE/a"),
    ("python3", "python3 -c 'open(\"OUTSIDE/a\", \"w\")'"),
    (
        "node",
        "node -e 'require(\"fs\").writeFileSync(\"OUTSIDE/a\", \"\")'",
    ),
    ("cargo", "cargo new --vcs none OUTSIDE/a"),
];

const OTHERS: &[(&str, &str)] = &[
    ("ls", "ls missing"),
    ("sh", "exit 3"),
    ("cat", "cat /proc/1/mem"),
    ("touch", "touch made && false"),
    ("git", "git no-such-command"),
];

/// A test that says so when its program is missing.
#[expect(clippy::print_stdout, reason = "a test that does not run says so")]
fn trial(name: String, program: &'static str, test: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        let mut version = Command::new(program);
        version
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        match version.status() {
            Ok(_) => test(),
            Err(_) => println!("not run: `{program}` is missing"),
        }
        Ok(())
    })
}

fn asks_for(command: &'static str, needs: &[Need]) {
    let task = Task::new();
    let (output, asked) = task.run(command);
    let expected: Vec<Vec<Need>> = match needs {
        [] => Vec::new(),
        needs => vec![needs.to_vec()],
    };
    assert_eq!(asked, expected, "{command}: {output:?}");
    assert_eq!(output.status, ToolStatus::Failed, "{output:?}");
}

fn hints_at(command: &'static str, hint: &str) {
    let task = Task::new();
    let (output, asked) = task.run(command);
    assert!(text(&output).contains(hint), "{command}: {output:?}");
    assert_eq!(asked, [[]; 0], "{command}: {output:?}");
}

fn asks_for_outside(command: &'static str) {
    let task = Task::new();
    let outside = task.outside.path().canonicalize().unwrap();
    let command = command.replace("OUTSIDE", outside.to_str().unwrap());
    let (output, asked) = task.run(&command);
    assert_eq!(
        asked,
        [[Need::Write(outside.clone())]],
        "{command}: {output:?}"
    );
    let names: Vec<_> = fs::read_dir(&outside)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["file"], "{command}");
}

/// A program that listens on the machine stands for the network: it is beyond the twin as any other host.
fn what_is_allowed_is_there_and_nothing_else() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut task = Task::new();
    task.gate.decision = Decision::Allow;
    let outside = task.outside.path().canonicalize().unwrap();
    let connect = format!("bash -c 'echo > /dev/tcp/127.0.0.1/{port}' && echo connected");
    let write = format!("echo a > {}/a && echo written", outside.display());
    let connects = |needs: Value| text(&task.call(&connect, needs).0).contains("\nconnected");
    let writes = |needs: Value| text(&task.call(&write, needs).0).contains("\nwritten");
    let write_need = format!("write:{}", outside.display());

    assert!(!connects(json!([])) && !connects(json!(["loopback"])));
    assert!(!connects(json!([write_need])));
    assert!(connects(json!(["network"])));
    assert!(connects(json!(["unconfined"])));
    assert!(!outside.join("a").exists());
    assert!(
        !text(&task.call(&format!("{write}; exit 0"), json!(["network"])).0).contains("\nwritten")
    );
    assert!(writes(json!([write_need])));
    assert_eq!(fs::read_to_string(outside.join("a")).unwrap(), "a\n");
    fs::remove_file(outside.join("a")).unwrap();

    // What was refused is run again by itself, and then there.
    assert!(writes(json!([])));
    assert_eq!(fs::read_to_string(outside.join("a")).unwrap(), "a\n");
    assert!(
        !connects(json!([])),
        "what one command was allowed, the next does not have"
    );
}

/// A twin's walls around a workspace, and a person who says no unless told otherwise.
struct Task {
    processes: Arc<Processes>,
    workspace: Walled,
    gate: Person,
    outside: TempDir,
    _around: TempDir,
}

impl Task {
    fn new() -> Self {
        let around = tempfile::tempdir().unwrap();
        let root = around.path().canonicalize().unwrap();
        let [folder, upper, work, scratch] =
            ["workspace", "state/upper", "state/work", "state/scratch"].map(|name| root.join(name));
        for folder in [&folder, &upper, &work, &scratch] {
            fs::create_dir_all(folder).unwrap();
        }
        fs::write(folder.join("file"), "a\n").unwrap();
        let outside = TempDir::new_in(shared_place()).unwrap();
        fs::write(outside.path().join("file"), "a\n").unwrap();
        let confinement = Confinement {
            wall: Wall::Overlay,
            overlays: vec![OverlayMount {
                at: folder.clone(),
                lower: folder.clone(),
                upper,
                work,
            }],
            scratch,
            ..Confinement::default()
        };
        let process = ConfinedProcess::start(&confinement).unwrap();
        let starter = Box::new(process.starter());
        Self {
            processes: Arc::new(Processes::new(starter, Limits::default())),
            workspace: Walled(
                FolderWorkspace::new(&[folder], &ExclusionOptions::default()).unwrap(),
            ),
            gate: Person {
                decision: Decision::Deny { reason: None },
                asked: Mutex::default(),
            },
            outside,
            _around: around,
        }
    }

    /// The answer to a command, and what the person was asked for.
    fn run(&self, command: &str) -> (ToolOutput, Vec<Vec<Need>>) {
        self.call(command, json!([]))
    }

    /// The same for a command that says what it needs.
    fn call(&self, command: &str, needs: Value) -> (ToolOutput, Vec<Vec<Need>>) {
        let tool = ExecCommand::new(Arc::clone(&self.processes), Rules::default());
        let call = ToolCall {
            call_id: "call".into(),
            name: tool.name().into(),
            arguments: json!({"cmd": command, "yield_time_ms": 60_000, "needs": needs, "justification": "To see."}).to_string(),
            form: CallForm::Function,
        };
        let context = ToolContext {
            workspace: &self.workspace,
            cwd: &self.workspace.folders()[0],
            gate: &self.gate,
            cancel: &CancellationFlag::default(),
            progress: &|_| (),
            facts: &ModelFacts::unknown(Wire::Responses),
            stop_turn: &|| (),
        };
        let output = tool.run(&call, &context);
        (output, self.gate.asked.lock().unwrap().clone())
    }
}

/// A folder that is no task's own: temporary folders are.
fn shared_place() -> PathBuf {
    let home = std::env::home_dir().unwrap();
    let places = [
        Path::new(env!("CARGO_TARGET_TMPDIR")),
        &home,
        Path::new("/srv"),
        Path::new("/opt"),
    ];
    let is_hidden = |place: &Path| {
        ["/tmp", "/var/tmp", "/root"]
            .iter()
            .any(|own| place.starts_with(own))
    };
    let place = places
        .into_iter()
        .find(|place| !is_hidden(place) && TempDir::new_in(place).is_ok());
    place.unwrap().to_path_buf()
}

fn text(output: &ToolOutput) -> String {
    let parts = output.content.iter().map(|part| match part {
        Content::Text { text } => text.as_str(),
        Content::Image { .. } => "",
    });
    parts.collect()
}

/// Always says the same, and remembers what was asked for.
struct Person {
    decision: Decision,
    asked: Mutex<Vec<Vec<Need>>>,
}

impl Gate for Person {
    fn approve(&self, approval: &Approval, _cancel: &CancellationFlag) -> Decision {
        let Approval::LeaveTwin { needs, .. } = approval else {
            panic!("in a twin: {approval:?}");
        };
        self.asked.lock().unwrap().push(needs.clone());
        self.decision.clone()
    }

    fn ask(&self, _question: &Question, _cancel: &CancellationFlag) -> Option<String> {
        None
    }
}

/// The folder, saying which wall its commands have.
struct Walled(FolderWorkspace);

impl Workspace for Walled {
    fn folders(&self) -> &[PathBuf] {
        self.0.folders()
    }

    fn wall(&self) -> Wall {
        Wall::Overlay
    }

    fn snapshot(&self) -> WorkspaceSnapshot {
        self.0.snapshot()
    }

    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        self.0.read(path, limit)
    }

    fn commit(&self, changes: &[FileEdit]) -> Result<(), FileError> {
        self.0.commit(changes)
    }
}
