//! The subcommands as a user runs them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::json;

use crate::editor::Editor;
use crate::server_process::server_command;

struct Run {
    folder: tempfile::TempDir,
}

impl Run {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn ropewalk(&self, arguments: &[&str]) -> Output {
        server_command(self.folder.path())
            .args(arguments)
            .output()
            .unwrap()
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

#[test]
fn the_demonstration_runs_and_counts() {
    let text = show(&Run::new(), "completion", |_| {});
    for expected in [
        "src/position.rs",
        "of the keystrokes saved",
        "99 % within",
        "MB of memory",
    ] {
        assert!(text.contains(expected), "{expected} is missing in\n{text}");
    }
    // What was accepted stands in marks; without them, the lines are those of the script.
    let typed = text.replace(['⟦', '⟧'], "");
    assert!(
        typed.contains(
            "pub fn line_length(&self, line: usize, encoding: PositionEncoding) -> usize {"
        ),
        "{text}"
    );
    assert!(text.contains('⟦'), "nothing was accepted:\n{text}");
}

/// Runs a demonstration, which leaves nothing behind; says what it printed.
fn show(run: &Run, what: &str, change: impl FnOnce(&mut Command)) -> String {
    let temporary = run.folder.path().join("temporary");
    std::fs::create_dir(&temporary).unwrap();
    let mut command = server_command(run.folder.path());
    command.args(["demo", what]).env("TMPDIR", &temporary);
    change(&mut command);
    let output = command.output().unwrap();
    let text = stdout(&output).to_owned();
    assert_eq!(output.status.code(), Some(0), "{text}\n{}", stderr(&output));
    // Neither its project nor a thread, a log or a setting.
    let left: Vec<_> = std::fs::read_dir(&temporary).unwrap().collect();
    assert_eq!(left.len(), 0, "{left:?}");
    for name in ["state", "config", "cache", "data"] {
        assert!(!run.folder.path().join(name).exists(), "{name}");
    }
    text
}

/// Asserts that `parts` stand in `text` one after the other.
fn assert_in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let place = rest.find(part);
        let place = place.unwrap_or_else(|| panic!("{part} is missing or too early in\n{text}"));
        rest = &rest[place + part.len()..];
    }
}

#[test]
fn the_agents_demonstration_fails_repairs_and_says_that_its_model_is_a_script() {
    let text = show(&Run::new(), "agent", |_| {});
    assert_in_order(
        &text,
        &[
            "The model is a SCRIPT",
            "read_file",
            "\n  exit code ",
            "All tests pass.",
            "4 requests over one connection.",
            "would have cost $0.0",
            "ropewalk exec --model codemod \"rename parse_duration to seconds_in",
            "Done, 2 commands.",
            "renamed and tested again in",
        ],
    );
}

#[test]
fn the_agents_demonstration_does_without_python() {
    let run = Run::new();
    let programs = run.folder.path().join("programs");
    std::fs::create_dir(&programs).unwrap();
    std::os::unix::fs::symlink("/bin/sh", programs.join("sh")).unwrap();
    let text = show(&run, "agent", |command| {
        // In a twin, the folder of programs would not be there: `/tmp` is the task's own.
        let command = command.env("PATH", &programs).env("ROPEWALK_WALL", "none");
        command.env_remove("SHELL");
    });
    assert_in_order(
        &text,
        &[
            "FAIL  '': expected nothing, got 0",
            "exit code 2",
            "All tests pass.",
            "+seconds_in() {",
            "ok    '1h30'",
            "Done, 2 commands.",
        ],
    );
}

#[test]
fn complete_shows_a_suggestion_at_a_place() {
    let run = Run::new();
    let line = "let temperature = measure_temperature(&sensor, Unit::Celsius);\n";
    run.write("project/src/a.rs", line.repeat(4));
    run.write(
        "project/src/b.rs",
        "fn main() {\n    let é = 1;\n    let temperature = mea\n}\n",
    );
    let output = run.ropewalk(&["complete", "project/src/b.rs:3:26"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stdout(&output).starts_with("    let temperature = mea⟦sure_temperature"),
        "{}",
        stdout(&output)
    );
    assert!(
        stderr(&output).contains("learned from 2 files"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn complete_explains_what_is_wrong() {
    let run = Run::new();
    run.write("project/a.rs", "fn main() {}\n");
    run.write("project/.env", "KEY=1\n");
    run.write("project/picture.bin", "\0\0\0");
    for (place, expected) in [
        ("project/none.rs:1:1", "does not exist"),
        ("project/.env:1:1", "may hold secrets"),
        ("project/picture.bin:1:1", "is a binary file"),
        ("project/a.rs:99:1", "there is no line 99"),
        ("project:1:1", "is a directory"),
    ] {
        let output = run.ropewalk(&["complete", place]);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            stderr(&output).contains(expected),
            "{place}: {}",
            stderr(&output)
        );
    }
    let output = run.ropewalk(&["complete", "project/a.rs"]);
    assert!(
        stderr(&output).contains("a place looks like src/main.rs:12:5"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn what_codemod_cannot_do_is_a_failure_for_scripts_too() {
    let run = Run::new();
    for (goal, code, end) in [
        ("run true", 0, "turn.completed"),
        ("run false", 1, "turn.failed"),
        ("run true\nrun false\nrun true", 1, "turn.failed"),
        ("rename nowhere to be found", 1, "turn.failed"),
        ("make the tests pass", 1, "turn.failed"),
    ] {
        let output = run.ropewalk(&["exec", "--json", "--yes", "--model", "codemod", goal]);
        assert_eq!(output.status.code(), Some(code), "{goal}");
        let events = stdout(&output).lines();
        let is_end = |event: &serde_json::Value| event["type"] == end;
        let mut events = events.map(|line| serde_json::from_str(line).unwrap());
        assert!(
            events.any(|event| is_end(&event)),
            "{goal}: {}",
            stdout(&output)
        );
    }
    let output = run.ropewalk(&["exec", "--yes", "--model", "codemod", "run false"]);
    assert!(
        stdout(&output).contains("command 1 of 1, which did not succeed"),
        "{}",
        stdout(&output)
    );
    // The thread can go on all the same.
    let output = run.ropewalk(&["exec", "--yes", "--resume", "last", "run true"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn doctor_names_what_needs_the_user() {
    let run = Run::new();
    run.write("project/.aiexclude", "x\n");
    let output = run.ropewalk(&["doctor", "project"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(
        stdout(&output).contains(".aiexclude is honoured"),
        "{}",
        stdout(&output)
    );

    run.write(
        "config/ropewalk/config.toml",
        "[completion]\npreset = \"loud\"\n",
    );
    let output = run.ropewalk(&["doctor", "project"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout(&output).contains("`completion.preset` has a wrong value"),
        "{}",
        stdout(&output)
    );

    let output = run.ropewalk(&["doctor", "nowhere"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout(&output).contains("is not a folder"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn doctor_says_what_the_agent_would_use_and_never_a_key() {
    let run = Run::new();
    run.write("project/AGENTS.md", "Be brief.\n");
    run.write("config/ropewalk/AGENTS.md", b"caf\xe9");
    let doctor = |change: &dyn Fn(&mut Command)| {
        let mut command = server_command(run.folder.path());
        command.args(["doctor", "project"]);
        change(&mut command);
        let output = command.output().unwrap();
        (output.status.code(), stdout(&output).to_owned())
    };
    let (code, text) = doctor(&|command| {
        command.env("OPENAI_API_KEY", "sk-visible-nowhere");
    });
    assert_eq!(code, Some(1), "{text}");
    assert!(!text.contains("sk-visible"), "{text}");
    assert_in_order(
        &text,
        &[
            "ok  Uses openai/",
            "ok  the key of openai is in the environment variable OPENAI_API_KEY",
            "threads: 0, 0 of them unfinished",
            "ok  commands run in ",
            "!!  (the user's own) AGENTS.md is not used: it is not UTF-8 text.",
            "ok  AGENTS.md is told to the model, 9 bytes",
        ],
    );
    let (code, text) = doctor(&|command| {
        command.env("OPENAI_API_KEY", "visible nowhere");
    });
    assert_eq!(code, Some(1), "{text}");
    assert!(!text.contains("visible"), "{text}");
    assert_in_order(
        &text,
        &[
            "!!  the key of openai cannot be used",
            "Set OPENAI_API_KEY anew",
        ],
    );
}

#[test]
fn doctor_names_threads_that_can_go_on_and_those_that_cannot_be_read() {
    let run = Run::new();
    for _ in 0..3 {
        let output = run.ropewalk(&["exec", "--yes", "--model", "codemod", "run true"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
    let logs = logs_below(&run.folder.path().join("state"));
    assert_eq!(logs.len(), 3);
    // One lost its end when the machine went down, one was damaged.
    let text = std::fs::read_to_string(&logs[0]).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let ended = lines.iter().position(|line| line.contains("turn_ended"));
    std::fs::write(&logs[0], lines[..ended.unwrap()].concat()).unwrap();
    std::fs::write(&logs[1], "nonsense\n").unwrap();
    let output = run.ropewalk(&["doctor"]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    assert_in_order(
        stdout(&output),
        &[
            "Uses codemod",
            "threads: 3, 1 of them unfinished",
            "\"run true\"; `ropewalk exec --resume ",
            "!!  the thread ",
            " cannot be read: ",
        ],
    );
}

fn logs_below(folder: &Path) -> Vec<PathBuf> {
    let mut logs = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            logs.extend(logs_below(&path));
        } else if path
            .extension()
            .is_some_and(|extension| extension == "jsonl")
        {
            logs.push(path);
        }
    }
    logs.sort();
    logs
}

#[test]
fn setup_keeps_what_is_there() {
    let run = Run::new();
    run.write("config/helix/languages.toml", "# mine\n");
    let output = run.ropewalk(&["setup", "helix", "--write"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("were kept"), "{}", stderr(&output));
    let file = run.folder.path().join("config/helix/languages.toml");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "# mine\n");

    let output = run.ropewalk(&["setup", "helix", "--write", "--force"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let aside = run
        .folder
        .path()
        .join("config/helix/languages.toml.before-ropewalk");
    assert_eq!(std::fs::read_to_string(aside).unwrap(), "# mine\n");
    let printed = run.ropewalk(&["setup", "helix"]);
    assert!(stdout(&printed).ends_with(&std::fs::read_to_string(&file).unwrap()));

    let again = run.ropewalk(&["setup", "helix", "--write"]);
    assert_eq!(again.status.code(), Some(0));
    assert!(
        stdout(&again).contains("is there already"),
        "{}",
        stdout(&again)
    );
}

#[test]
fn setup_never_loses_what_it_cannot_read_as_text_or_put_aside_before() {
    let run = Run::new();
    let file = run.folder.path().join("config/helix/languages.toml");
    let aside = |ending: &str| {
        let name = format!("languages.toml.before-ropewalk{ending}");
        std::fs::read(file.with_file_name(name)).unwrap()
    };
    run.write("config/helix/languages.toml", "");
    std::fs::write(&file, b"# caf\xe9\n").unwrap();
    let output = run.ropewalk(&["setup", "helix", "--write"]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    assert_eq!(std::fs::read(&file).unwrap(), b"# caf\xe9\n");

    run.ropewalk(&["setup", "helix", "--write", "--force"]);
    std::fs::write(&file, "# second\n").unwrap();
    let output = run.ropewalk(&["setup", "helix", "--write", "--force"]);
    assert!(
        stdout(&output).contains("languages.toml.before-ropewalk-2)"),
        "{}",
        stdout(&output)
    );
    assert_eq!(aside(""), b"# caf\xe9\n");
    assert_eq!(aside("-2"), b"# second\n");
}

#[test]
fn setup_writes_through_the_links_of_a_dotfile_manager() {
    let run = Run::new();
    run.write("dotfiles/languages.toml", "# mine\n");
    run.write("config/helix/other.toml", "");
    let link = run.folder.path().join("config/helix/languages.toml");
    let target = run.folder.path().join("dotfiles/languages.toml");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let output = run.ropewalk(&["setup", "helix", "--write", "--force"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(std::fs::read_link(&link).unwrap(), target);
    let printed = run.ropewalk(&["setup", "helix"]);
    assert!(stdout(&printed).ends_with(&std::fs::read_to_string(&target).unwrap()));
}

/// The last line is logged just before the process ends itself.
#[test]
fn the_log_is_whole_at_the_end_and_the_framework_is_quiet_in_it() {
    let mut editor = Editor::plain();
    editor.open("a.rs", "rust", &"fn f() {}\n".repeat(2000));
    let place = editor.place("a.rs", 1000, 3);
    for _ in 0..50 {
        let id = editor.send_request("textDocument/inlineCompletion", place.clone());
        editor.notify("$/cancelRequest", json!({ "id": id }));
        drop(editor.answer(id));
    }
    assert_eq!(editor.quit().code(), Some(0));
    let path = editor.home().join("state/ropewalk/ropewalk.log");
    let log = std::fs::read_to_string(path).unwrap();
    let last = log.lines().last().unwrap();
    assert!(last.contains("the conversation ended"), "{last}");
    assert!(!log.contains("tower_lsp_server"), "{log}");
}
