//! `exec_command` and `write_stdin` with real commands: what the model and the person get.

use std::{fs, sync::Arc};

use expect_test::{Expect, expect};
use sandbox::{DirectStarter, Limits, Processes};
use serde_json::json;

use super::ExecCommand;
use crate::{
    Rules, Tool, ToolOutput,
    tool::{Approval, Decision, Presentation, ToolStatus},
    tools::{test_support::Bench, write_stdin::WriteStdin},
};

struct Commands {
    bench: Bench,
    processes: Arc<Processes>,
}

impl Commands {
    fn new() -> Self {
        let starter = DirectStarter::new(Vec::new());
        Self {
            bench: Bench::new(&[]),
            processes: Arc::new(Processes::new(Box::new(starter), Limits::default())),
        }
    }

    fn execute(&self, arguments: &serde_json::Value) -> ToolOutput {
        let tool = ExecCommand::new(self.processes.clone(), Rules::default());
        self.bench.call(&tool, &arguments.to_string())
    }

    fn write(&self, arguments: &serde_json::Value) -> ToolOutput {
        let tool = WriteStdin::new(self.processes.clone());
        self.bench.call(&tool, &arguments.to_string())
    }

    /// Starts what does not end within the shortest wait; gives the session's number.
    fn start(&self, arguments: &serde_json::Value) -> u64 {
        let output = self.execute(arguments);
        assert_eq!(output.status, ToolStatus::Succeeded, "{output:?}");
        self.processes.running().last().unwrap().id().0
    }

    /// The answer's text, with the time taken out.
    fn text(&self, output: &ToolOutput) -> String {
        let text = self.bench.text(output);
        let lines = text
            .lines()
            .map(|line| match line.strip_prefix("Wall time: ") {
                Some(_) => "Wall time: …",
                None => line,
            });
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn check(arguments: &serde_json::Value, status: ToolStatus, expected: Expect) {
    let commands = Commands::new();
    fs::write(commands.bench.folder().join("file"), "").unwrap();
    let output = commands.execute(arguments);
    expected.assert_eq(&commands.text(&output));
    assert_eq!(output.status, status);
    assert_eq!(commands.processes.running().len(), 0);
}

#[test]
fn a_command_is_answered_with_its_end_and_its_output() {
    check(
        &json!({"cmd": "pwd; echo error >&2"}),
        ToolStatus::Succeeded,
        expect![[r#"
            Wall time: …
            Process exited with code 0
            Output:
            /w
            error"#]],
    );
    check(
        &json!({"cmd": "true"}),
        ToolStatus::Succeeded,
        expect![[r#"
        Wall time: …
        Process exited with code 0
        No output."#]],
    );
    check(
        &json!({"cmd": "echo out; exit 3"}),
        ToolStatus::Failed,
        expect![[r#"
            Wall time: …
            Process exited with code 3
            Output:
            out"#]],
    );
    check(
        &json!({"cmd": "kill -KILL $$"}),
        ToolStatus::Failed,
        expect![[r#"
            Wall time: …
            Process was ended by signal SIGKILL
            No output."#]],
    );
    check(
        &json!({"cmd": "seq 1 1000", "max_output_tokens": 20}),
        ToolStatus::Succeeded,
        expect![[r#"
            Wall time: …
            Process exited with code 0
            Original token count: 974
            Output:
            1
            2
            3
            4
            5
            6
            7
            8
            9
            10
            11
            12
            13
            14
            15
            16
            [… 3817 bytes, about 955 tokens, left out here …]
            992
            993
            994
            995
            996
            997
            998
            999
            1000"#]],
    );
}

#[test]
fn what_cannot_run_is_explained() {
    check(
        &json!({"cmd": " "}),
        ToolStatus::Failed,
        expect![[r#"
        `cmd` is empty: there is nothing to run.
        Example: {"cmd": "cargo test -p parser", "workdir": "crates", "yield_time_ms": 60000}"#]],
    );
    check(
        &json!({"cmd": ["ls"]}),
        ToolStatus::Failed,
        expect![[r#"
            The arguments of exec_command could not be read: `cmd`: invalid type: sequence, expected a string.
            Expected: an object with cmd (string, required), justification (string), max_output_tokens (integer), needs (array of string), tty (boolean), workdir (string), yield_time_ms (integer).
            Example: {"cmd": "cargo test -p parser", "workdir": "crates", "yield_time_ms": 60000}"#]],
    );
    check(
        &json!({"cmd": "ls", "workdir": "none"}),
        ToolStatus::Failed,
        expect![
            "The folder /w/none does not exist. Give `workdir` relative to /w, or leave it out."
        ],
    );
    check(
        &json!({"cmd": "ls", "workdir": "file"}),
        ToolStatus::Failed,
        expect!["/w/file is not a folder."],
    );
    check(
        &json!({"cmd": "ls", "workdir": "/"}),
        ToolStatus::Failed,
        expect!["/ is outside the workspace; use a folder below /w."],
    );
}

#[test]
fn a_folder_that_is_gone_is_explained() {
    let commands = Commands::new();
    fs::remove_dir_all(commands.bench.folder()).unwrap();
    let output = commands.execute(&json!({"cmd": "ls"}));
    let expected = "The folder /w does not exist. Give `workdir` relative to /w, or leave it out.";
    assert_eq!(commands.text(&output), expected);
}

#[test]
fn a_link_does_not_lead_out_of_the_workspace() {
    let commands = Commands::new();
    std::os::unix::fs::symlink("/", commands.bench.folder().join("link")).unwrap();
    let output = commands.execute(&json!({"cmd": "ls", "workdir": "link"}));
    let expected = "/w/link is outside the workspace; use a folder below /w.";
    assert_eq!(commands.text(&output), expected);
}

#[test]
fn nothing_runs_without_approval() {
    let mut commands = Commands::new();
    commands.bench.gate.decision = Decision::Deny {
        reason: Some("not now".into()),
    };
    let output = commands.execute(&json!({"cmd": "touch made", "justification": "To see."}));
    let declined = ToolOutput::declined(Some("not now"));
    let shown = Presentation::Command {
        command: "touch made".into(),
        exit_code: None,
        needs: Vec::new(),
    };
    assert_eq!(output, declined.presented(shown));
    assert!(!commands.bench.folder().join("made").exists());
    let approval = Approval::RunCommand {
        command: "touch made".into(),
        cwd: commands.bench.folder().into(),
        reason: Some("To see.".into()),
        rule: None,
    };
    assert_eq!(*commands.bench.gate.asked.lock().unwrap(), [approval]);
}

#[test]
fn a_long_command_becomes_a_session_that_is_written_to_and_ends() {
    let commands = Commands::new();
    let command = "stty -echo; echo ready; read word; echo got $word";
    let id = commands.start(&json!({"cmd": command, "tty": true, "yield_time_ms": 250}));
    let output =
        commands.write(&json!({"session_id": id, "chars": "this\n", "yield_time_ms": 60_000}));
    let text = commands.text(&output);
    assert!(
        text.starts_with("Wall time: …\nProcess exited with code 0\nOutput:\n"),
        "{text}"
    );
    assert!(text.ends_with("got this"), "{text}");
    let presentation = Presentation::Command {
        command: command.into(),
        exit_code: Some(0),
        needs: Vec::new(),
    };
    assert_eq!(output.presentation, Some(presentation));
    assert!(
        commands
            .bench
            .shown
            .lock()
            .unwrap()
            .ends_with("ready\ngot this\n")
    );
    let approval = Approval::WriteToCommand {
        command: command.into(),
        text: "this\n".into(),
    };
    assert_eq!(commands.bench.gate.asked.lock().unwrap()[1], approval);
    let output = commands.write(&json!({"session_id": id}));
    let expected = format!(
        "There is no session {id}: it has ended and its end was told, or it never was. No session is running."
    );
    assert_eq!(commands.text(&output), expected);
}

#[test]
fn a_session_without_a_terminal_can_be_looked_at_and_interrupted() {
    let commands = Commands::new();
    let id = commands.start(&json!({"cmd": "sleep 1000", "yield_time_ms": 250}));
    let running = format!("Wall time: …\nProcess running with session ID {id}\nNo output.");
    let tool = ExecCommand::new(commands.processes.clone(), Rules::default());
    assert_eq!(tool.left_running(), ["sleep 1000"]);
    let output = commands.write(&json!({"session_id": id, "yield_time_ms": 250}));
    assert_eq!(commands.text(&output), running);
    let output = commands.write(&json!({"session_id": id, "chars": "text"}));
    assert_eq!(output.status, ToolStatus::Failed);
    assert!(commands.text(&output).contains("\"tty\": true"));
    let output =
        commands.write(&json!({"session_id": id, "chars": "\u{3}", "yield_time_ms": 60_000}));
    let expected = "Wall time: …\nProcess was ended by signal SIGINT\nNo output.";
    assert_eq!(commands.text(&output), expected);
    assert_eq!(commands.processes.running().len(), 0);
}

#[test]
fn an_interrupted_turn_ends_its_command_but_not_a_session() {
    let mut commands = Commands::new();
    let session = commands.start(&json!({"cmd": "sleep 1000", "yield_time_ms": 250}));
    commands.bench.interrupt_at = Some("begun");
    let output =
        commands.execute(&json!({"cmd": "echo begun; sleep 1000", "yield_time_ms": 600_000}));
    assert_eq!(output.status, ToolStatus::Interrupted);
    let expected = "Wall time: …\nProcess was ended by signal SIGINT\nOutput:\nbegun";
    assert_eq!(commands.text(&output), expected);
    let output = commands.write(&json!({"session_id": session, "yield_time_ms": 600_000}));
    assert_eq!(output.status, ToolStatus::Interrupted);
    let running: Vec<_> = commands
        .processes
        .running()
        .iter()
        .map(|session| session.id().0)
        .collect();
    assert_eq!(running, [session]);
}

#[test]
fn a_command_that_is_only_a_patch_is_applied_by_the_tool() {
    let bench = Bench::new(&[("sub/a", b"one\n")]);
    let starter = DirectStarter::new(Vec::new());
    let processes = Processes::new(Box::new(starter), Limits::default());
    let tool = ExecCommand::new(Arc::new(processes), Rules::default());
    let patch = "*** Begin Patch\n*** Update File: a\n@@\n-one\n+$HOME\n*** End Patch";
    let command = format!("cd sub && apply_patch <<'EOF'\n{patch}\nEOF\n");
    let arguments = json!({ "cmd": command }).to_string();
    let output = bench.call(&tool, &arguments);
    assert_eq!(
        bench.text(&output),
        "Success. Updated the following files:\nM a"
    );
    assert_eq!(bench.file("sub/a"), "$HOME\n");
    let asked = bench.gate.asked.lock().unwrap().clone();
    assert!(matches!(
        asked.as_slice(),
        [Approval::ChangeFiles { changes }] if changes.len() == 1
    ));

    let command = format!("cd nowhere && apply_patch <<'EOF'\n{patch}\nEOF\n");
    let arguments = json!({ "cmd": command }).to_string();
    let output = bench.call(&tool, &arguments);
    assert_eq!(output.status, ToolStatus::Failed);
    assert!(bench.text(&output).contains("nowhere does not exist"));
}
