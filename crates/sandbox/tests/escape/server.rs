//! Stands for the server: owns the task, makes the attempt in it, ends it, and prints what was printed.

use std::{
    env, fs,
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Stdio, exit},
    time::{Duration, Instant},
};

use sandbox::{
    Channel, CommandLine, Processes, Reach, Wall,
    twin::{Twin, TwinOptions, twins},
    walls::Limits,
};
use workspace::FileKind;

use crate::scene::SERVER_SECRET;

const ARGUMENT: &str = "server";

/// Printed after the attempt: it was made, whatever came of it.
pub(crate) const MADE: &str = "the attempt was made";

/// Far enough away that only a defect reaches it.
const LONG: Duration = Duration::from_secs(60);

/// A command that plays the server with `wall` in the scene at `root` and makes the attempt `text`.
pub(crate) fn command(program: &Path, wall: Wall, root: &Path, text: &str) -> Command {
    let wall = serde_json::to_string(&wall).unwrap();
    let mut command = Command::new(program);
    command
        .args([ARGUMENT, &wall])
        .arg(root)
        .arg(text)
        .env(SERVER_SECRET.0, SERVER_SECRET.1)
        .env("HOME", root.join("home"))
        .env("XDG_RUNTIME_DIR", root.join("run"))
        .env("SHELL", "/bin/sh")
        .current_dir(root.join("workspace"));
    for moved in [
        "XDG_CONFIG_HOME",
        "XDG_STATE_HOME",
        "XDG_CACHE_HOME",
        "XDG_DATA_HOME",
        "TMPDIR",
    ] {
        command.env_remove(moved);
    }
    command
}

/// If this process was started for it, plays the server and ends.
pub(crate) fn run_if_asked() {
    let arguments: Vec<_> = env::args().collect();
    if let [_, argument, wall, root, text] = arguments.as_slice()
        && argument == ARGUMENT
    {
        serve(serde_json::from_str(wall).unwrap(), Path::new(root), text);
        exit(0);
    }
}

fn serve(wall: Wall, root: &Path, text: &str) {
    let text = format!(
        "export SERVER={}; {text}\necho '{MADE}'",
        std::process::id()
    );
    let workspace = root.join("workspace");
    match wall {
        Wall::None => run_without_walls(&text, root, &workspace),
        wall => println!("{}", run_in_walls(wall, &text, root, &workspace)),
    }
}

/// Its output goes to a file: what it leaves behind may hold a pipe open.
fn run_without_walls(text: &str, root: &Path, workspace: &Path) {
    let path = root.join("output");
    let output = fs::File::create(&path).unwrap();
    let status = Command::new("sh")
        .args(["-c", text])
        .current_dir(workspace)
        // What is in the terminal's foreground ends with the server.
        .process_group(0)
        .stdin(Stdio::null())
        .stderr(output.try_clone().unwrap())
        .stdout(output)
        .status();
    status.unwrap();
    println!("{}", String::from_utf8_lossy(&fs::read(path).unwrap()));
}

fn run_in_walls(wall: Wall, text: &str, root: &Path, workspace: &Path) -> String {
    let is_secret = |path: &Path, _: FileKind| {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        name.starts_with(b".env") || name.ends_with(b".pem")
    };
    let options = TwinOptions {
        state_folder: root.join("state"),
        id: "escape".into(),
        title: String::new(),
        folders: vec![workspace.into()],
        documents: Vec::new(),
        is_secret: &is_secret,
        files: &|| vec![workspace.join("file"), workspace.join("src/main.rs")],
        strongest: wall,
        limits: limits(),
        hidden_variables: vec![SERVER_SECRET.0.into()],
        hidden: Vec::new(),
    };
    let twin = Twin::create(&options).unwrap();
    assert_eq!(
        twin.wall(),
        wall,
        "not the wall that this machine can give: {:?}",
        twin.refused()
    );
    let output = run(
        &Processes::new(twin.starter(), sandbox::Limits::default()),
        text,
        workspace,
    );
    twin.discard().unwrap();
    let left: Vec<_> = twins(&root.join("state"))
        .into_iter()
        .map(|twin| twin.id)
        .collect();
    assert_eq!(left, ["other"], "what is left of the twin");
    output
}

fn run(processes: &Processes, text: &str, workspace: &Path) -> String {
    let line = CommandLine {
        text: text.into(),
        folder: workspace.into(),
        channel: Channel::Pipe,
        reach: Reach::Twin,
    };
    let session = processes.start(&line).unwrap();
    if !session.wait_until_ended(Instant::now() + LONG) {
        session.kill(Duration::ZERO);
    }
    let output = session.take_unread();
    format!("{}{}", output.head, output.tail)
}

/// Little, so that what takes more is stopped before it hurts anybody.
fn limits() -> Limits {
    Limits {
        processes: 200,
        memory_bytes: 512 << 20,
        spare_memory_bytes: 0,
        disk_bytes: 256 << 20,
        spare_disk_bytes: 0,
        file_bytes: 128 << 20,
        open_files: 1000,
    }
}
