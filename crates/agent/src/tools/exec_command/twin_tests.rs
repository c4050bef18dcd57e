//! `exec_command` in a twin: what is asked, what an answer does, and what the model is told.
//!
//! The commands are real; their starter tells them in a variable how far they reach, so that a script can be refused
//! something as by the sandbox. What the sandbox really refuses is tested with real confined processes elsewhere.

use std::{fs, sync::Arc};

use expect_test::expect;
use models::Content;
use sandbox::{
    CommandLine, DirectStarter, Limits, Processes, Reach, Started, Starter, StarterError, Wall,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::ExecCommand;
use crate::{
    Rules, ToolOutput,
    need::Need,
    tool::{Approval, Decision, Presentation, ToolStatus},
    tools::{test_support::Bench, write_stdin::WriteStdin},
};

/// Tells commands how far they reach.
struct TellingStarter(DirectStarter);

impl Starter for TellingStarter {
    fn start(&self, command: &CommandLine, name: &str) -> Result<Started, StarterError> {
        let reach = match &command.reach {
            Reach::Twin => "twin".into(),
            Reach::Unconfined => "unconfined".into(),
            Reach::Beyond(beyond) => format!("{:?} {:?}", beyond.network, beyond.writable),
        };
        let told = CommandLine {
            text: format!("REACH='{reach}'; {}", command.text),
            ..command.clone()
        };
        self.0.start(&told, name)
    }

    fn end_all(&self) {
        self.0.end_all();
    }
}

struct Commands {
    bench: Bench,
    processes: Arc<Processes>,
    tool: ExecCommand,
    wall: Wall,
}

/// Succeeds only with the network.
const FETCH: &str = "cargo() { case $REACH in Shared*) echo fetched;; *) echo 'curl: (6) Could not resolve host: x' >&2; return 6;; esac; }; cargo fetch";

impl Commands {
    fn new(wall: Wall, rules: &str) -> Self {
        let bench = Bench::new(&[("rules.toml", rules.as_bytes())]);
        let rules = Rules::load(Some(&bench.path("rules.toml")), &[]).unwrap();
        let starter = TellingStarter(DirectStarter::new(Vec::new()));
        let processes = Arc::new(Processes::new(Box::new(starter), Limits::default()));
        Self {
            tool: ExecCommand::new(Arc::clone(&processes), rules),
            bench,
            processes,
            wall,
        }
    }

    fn answering(mut self, decision: Decision) -> Self {
        self.bench.gate.decision = decision;
        self
    }

    fn execute(&self, arguments: &Value) -> ToolOutput {
        self.bench
            .call_walled(&self.tool, &arguments.to_string(), self.wall)
    }

    /// The answer's text, with the time and the machine's path taken out.
    fn text(&self, output: &ToolOutput) -> String {
        let parts = output.content.iter().map(|part| match part {
            Content::Text { text } => text.clone(),
            other @ Content::Image { .. } => panic!("{other:?}"),
        });
        let folder = self.bench.folder().display().to_string();
        let text = parts.collect::<Vec<_>>().join("\n").replace(&folder, "/w");
        let lines = text
            .lines()
            .map(|line| match line.starts_with("Wall time: ") {
                true => "Wall time: …",
                false => line,
            });
        lines.collect::<Vec<_>>().join("\n")
    }

    fn asked(&self) -> Vec<Approval> {
        std::mem::take(&mut self.bench.gate.asked.lock().unwrap())
    }

    /// What the commands of the questions needed.
    fn asked_for(&self) -> Vec<Vec<Need>> {
        let needs = self.asked().into_iter().map(|approval| match approval {
            Approval::LeaveTwin { needs, .. } => needs,
            other => panic!("{other:?}"),
        });
        needs.collect()
    }
}

/// A folder that is neither in the workspace nor among those that a task has to itself.
fn outside() -> TempDir {
    TempDir::new_in(std::env::home_dir().unwrap()).unwrap()
}

fn wanting(command: &str, needs: &[&str]) -> Value {
    json!({"cmd": command, "needs": needs, "justification": "To see."})
}

#[test]
fn what_stays_in_the_twin_is_not_asked_about() {
    for wall in [Wall::Overlay, Wall::OverlaySharedNetwork, Wall::Copy] {
        let commands = Commands::new(wall, "").answering(Decision::Deny { reason: None });
        let output = commands.execute(&json!({"cmd": "echo $REACH; rm -rf made; touch made"}));
        assert_eq!(
            commands.text(&output),
            "Wall time: …\nProcess exited with code 0\nOutput:\ntwin"
        );
        assert_eq!(commands.asked(), []);
        let inside = commands.bench.folder().display().to_string();
        let output = commands.execute(&wanting("echo $REACH", &[&format!("write:{inside}/sub")]));
        assert_eq!(output.status, ToolStatus::Succeeded);
        assert_eq!(commands.asked(), []);
        let output = commands.execute(&wanting("echo $REACH", &["write:/tmp/x", "write:/var/tmp"]));
        assert!(commands.text(&output).ends_with("twin"), "{output:?}");
        assert_eq!(commands.asked(), []);
    }
}

#[test]
fn a_loopback_of_its_own_is_not_asked_about_and_a_shared_one_is_the_network() {
    let own = Commands::new(Wall::Overlay, "").answering(Decision::NobodyThere);
    let output = own.execute(&wanting("echo $REACH", &["loopback"]));
    assert!(own.text(&output).ends_with("Loopback []"), "{output:?}");
    assert_eq!(own.asked(), []);
    for wall in [Wall::OverlaySharedNetwork, Wall::Copy] {
        let shared = Commands::new(wall, "");
        let output = shared.execute(&wanting("echo $REACH", &["loopback"]));
        assert!(shared.text(&output).ends_with("Shared []"), "{output:?}");
        assert_eq!(shared.asked_for(), [[Need::Network]]);
    }
}

#[test]
fn a_command_that_leaves_the_twin_is_asked_about_with_everything_that_matters() {
    let commands = Commands::new(Wall::Overlay, "");
    let outside = outside();
    let outside = outside.path().canonicalize().unwrap();
    let write = format!("write:{}", outside.display());
    let output = commands.execute(&wanting(
        "echo $REACH | cat",
        &[&write, "network", "network"],
    ));
    assert!(
        commands
            .text(&output)
            .ends_with(&format!("Shared [{outside:?}]")),
        "{output:?}"
    );
    let needs = vec![Need::Network, Need::Write(outside)];
    let expected = Approval::LeaveTwin {
        command: "echo $REACH | cat".into(),
        cwd: commands.bench.folder().into(),
        needs: needs.clone(),
        reason: Some("To see.".into()),
        refused: None,
        prefix: None,
    };
    assert_eq!(commands.asked(), [expected]);
    let shown = Presentation::Command {
        command: "echo $REACH | cat".into(),
        exit_code: Some(0),
        needs,
    };
    assert_eq!(output.presentation, Some(shown));
    let output = commands.execute(&wanting("echo $REACH", &["unconfined", "network"]));
    assert!(commands.text(&output).ends_with("unconfined"), "{output:?}");
}

#[test]
fn what_cannot_be_asked_for_is_explained() {
    let commands = Commands::new(Wall::Overlay, "");
    let answer = |arguments: &Value| commands.text(&commands.execute(arguments));
    expect![[r#"`internet` is not something that a command can be given: "network", "loopback" (servers and clients of this task among themselves), "write:/absolute/path" and "unconfined" (outside the twin, in the user's own files) are."#]].assert_eq(&answer(&wanting("true", &["internet"])));
    expect!["/nowhere/at/all does not exist; name an existing folder to write to."]
        .assert_eq(&answer(&wanting("true", &["write:/nowhere/at/all"])));
    expect!["`needs` must come with `justification`: one sentence for the user, who is asked. Call it again with one, or without `needs` if the command gets along without."].assert_eq(&answer(
        &json!({"cmd": "true", "needs": ["network"], "justification": " "}),
    ));
    let hidden = std::env::home_dir().unwrap().join(".ssh");
    if hidden.is_dir() {
        let answer = answer(&wanting("true", &[&format!("write:{}", hidden.display())]));
        assert!(answer.contains("is hidden from all commands"), "{answer}");
    }
    assert_eq!(commands.asked(), []);
    // In the user's own folder every command has everything already.
    let commands = Commands::new(Wall::None, "");
    let output = commands.execute(&json!({"cmd": "echo $REACH", "needs": ["network"]}));
    assert!(commands.text(&output).ends_with("twin"), "{output:?}");
    assert!(matches!(
        commands.asked()[..],
        [Approval::RunCommand { .. }]
    ));
}

#[test]
fn each_decision_does_what_it_says() {
    let run =
        |commands: &Commands, command: &str| commands.execute(&wanting(command, &["network"]));

    let commands = Commands::new(Wall::Overlay, "");
    run(&commands, "true fetch");
    run(&commands, "true fetch");
    assert_eq!(commands.asked().len(), 2, "a yes is for once");

    let commands = Commands::new(Wall::Overlay, "").answering(Decision::AllowForTask);
    for command in [
        "tru fetch",
        "tru fetch --all",
        "tru push",
        "tru fetch | tail -3",
        "tru fetch > x",
        "$X",
        "$X",
    ] {
        run(&commands, command);
    }
    let asked: Vec<_> = commands
        .asked()
        .iter()
        .map(|asked| format!("{asked:?}"))
        .collect();
    let has_asked = |command: &str| {
        asked
            .iter()
            .any(|asked| asked.contains(&format!("command: {command:?},")))
    };
    assert!(
        has_asked("tru fetch")
            && has_asked("tru push")
            && has_asked("tru fetch > x")
            && has_asked("$X")
    );
    assert_eq!(asked.len(), 4, "{asked:#?}");
    let more = wanting("tru fetch", &["unconfined"]);
    commands.execute(&more);
    assert_eq!(
        commands.asked_for(),
        [[Need::Unconfined]],
        "a grant is for what it was given for"
    );

    let commands = Commands::new(Wall::Overlay, "").answering(Decision::Deny {
        reason: Some("use the cache".into()),
    });
    let output = run(&commands, "touch made");
    assert_eq!(
        commands.text(&output),
        "The user declined this and says: use the cache"
    );
    assert_eq!(output.status, ToolStatus::Declined);
    assert!(!commands.bench.path("made").exists());

    let commands = Commands::new(Wall::Overlay, "").answering(Decision::NobodyThere);
    expect!["This would reach the network, which needs the user's yes, and nobody is there to be asked: it was not run. Go on without it as far as you can, and say in your final answer what could not be done; the user can allow it with a rule."].assert_eq(&commands.text(&run(&commands, "touch made")));
    assert!(!commands.bench.path("made").exists());

    let commands = Commands::new(Wall::Overlay, "").answering(Decision::Stop);
    let output = run(&commands, "touch made");
    assert_eq!(output.status, ToolStatus::Interrupted);
    assert!(commands.bench.cancel.is_set(), "the turn is stopped");
    assert!(!commands.bench.path("made").exists());
}

#[test]
fn always_is_kept_in_the_file_and_not_asked_again() {
    let commands = Commands::new(Wall::Overlay, "# mine\n").answering(Decision::AllowAlways);
    let fetch = wanting("cargo fetch --help", &["network"]);
    commands.execute(&fetch);
    assert_eq!(commands.asked().len(), 1);
    let kept = commands.bench.file("rules.toml");
    assert_eq!(
        kept,
        "# mine\n\n[[rule]]\nprefix = [\"cargo\", \"fetch\"]\ndecision = \"allow\"\nneeds = [\"network\"]\n"
    );
    let next = Commands::new(Wall::Overlay, &kept).answering(Decision::NobodyThere);
    assert_ne!(next.execute(&fetch).status, ToolStatus::Declined);
    assert_eq!(next.asked(), []);
}

#[test]
fn always_that_cannot_be_kept_holds_for_the_task_and_is_said() {
    let commands = Commands::new(Wall::Overlay, "").answering(Decision::AllowAlways);
    fs::write(commands.bench.path("rules.toml"), "broken [").unwrap();
    for _ in 0..2 {
        commands.execute(&wanting("cargo fetch --help", &["network"]));
    }
    assert_eq!(commands.asked().len(), 1);
    let shown = commands.bench.shown.lock().unwrap().clone();
    assert!(
        shown.contains("allowed for this task only") && shown.contains("line 1"),
        "{shown}"
    );
    assert_eq!(commands.bench.file("rules.toml"), "broken [");
}

#[test]
fn rules_decide_before_the_person() {
    let rules = "[[rule]]\nprefix = [\"touch\"]\ndecision = \"forbid\"\nbecause = \"no\"\n\n[[rule]]\nprefix = [\"true\"]\ndecision = \"ask\"\nbecause = \"it is mine\"\n";
    let commands = Commands::new(Wall::Overlay, rules);
    let output = commands.execute(&json!({"cmd": "true && (touch made)"}));
    expect!["A rule of the user's forbids this command: no. It was not run. Do not look for a way round the rule; do without, or say in your final answer what it keeps you from."].assert_eq(&commands.text(&output));
    assert_eq!(output.status, ToolStatus::Declined);
    assert!(!commands.bench.path("made").exists());
    assert_eq!(commands.asked(), []);
    commands.execute(&json!({"cmd": "true x"}));
    let asked = Approval::RunCommand {
        command: "true x".into(),
        cwd: commands.bench.folder().into(),
        reason: None,
        rule: Some("it is mine".into()),
    };
    assert_eq!(commands.asked(), [asked]);
}

#[test]
fn what_the_sandbox_refused_is_run_again_with_a_yes() {
    let commands = Commands::new(Wall::Overlay, "");
    let output = commands.execute(&json!({"cmd": FETCH, "justification": "To build."}));
    expect![[r#"
        The sandbox looks to have refused the network (`curl: (6) Could not resolve host: x`). It was allowed to run again with the network; this is the second run:
        Wall time: …
        Process exited with code 0
        Output:
        fetched"#]].assert_eq(&commands.text(&output));
    assert_eq!(output.status, ToolStatus::Succeeded);
    let needs = vec![Need::Network];
    let asked = Approval::LeaveTwin {
        command: FETCH.into(),
        cwd: commands.bench.folder().into(),
        needs: needs.clone(),
        reason: Some("To build.".into()),
        refused: Some("curl: (6) Could not resolve host: x".into()),
        prefix: None,
    };
    assert_eq!(commands.asked(), [asked]);
    let shown = Presentation::Command {
        command: FETCH.into(),
        exit_code: Some(0),
        needs,
    };
    assert_eq!(output.presentation, Some(shown));
}

#[test]
fn a_no_to_running_again_is_remembered_for_the_task_and_told() {
    let commands = Commands::new(Wall::Overlay, "").answering(Decision::Deny {
        reason: Some("use the cache".into()),
    });
    expect![[r#"
        Wall time: …
        Process exited with code 6
        Output:
        curl: (6) Could not resolve host: x

        The sandbox looks to have refused the network (`curl: (6) Could not resolve host: x`). The user was asked whether to run it again with the network, declined and says: use the cache"#]].assert_eq(&commands.text(&commands.execute(&json!({"cmd": FETCH}))));
    assert_eq!(commands.asked().len(), 1);
    expect![[r#"
        Wall time: …
        Process exited with code 6
        Output:
        curl: (6) Could not resolve host: x

        The sandbox looks to have refused the network (`curl: (6) Could not resolve host: x`). The user has already declined to run it with the network."#]].assert_eq(&commands.text(&commands.execute(&json!({"cmd": FETCH}))));
    assert_eq!(commands.asked(), [], "it was asked before");
    commands.execute(&json!({"cmd": format!("{FETCH} --again")}));
    assert_eq!(
        commands.asked().len(),
        1,
        "another command is another question"
    );
    // When the model asks by itself, with a reason, the person hears it.
    commands.execute(&wanting(FETCH, &["network"]));
    assert_eq!(commands.asked().len(), 1);

    let commands = Commands::new(Wall::Overlay, "").answering(Decision::NobodyThere);
    let output = commands.execute(&json!({"cmd": FETCH}));
    expect![[r#"
        Wall time: …
        Process exited with code 6
        Output:
        curl: (6) Could not resolve host: x

        The sandbox looks to have refused the network (`curl: (6) Could not resolve host: x`). It would need the network, and nobody is there to be asked. Go on without as far as you can, and say in your final answer what could not be done; the user can allow it with a rule."#]].assert_eq(&commands.text(&output));
    assert_eq!(output.status, ToolStatus::Failed);

    let commands = Commands::new(Wall::Overlay, "").answering(Decision::Stop);
    let output = commands.execute(&json!({"cmd": FETCH}));
    assert_eq!(output.status, ToolStatus::Interrupted);
    assert!(commands.bench.cancel.is_set());
}

#[test]
fn a_second_refusal_is_another_question_and_the_third_run_has_both() {
    let outside = outside();
    let outside = outside.path().canonicalize().unwrap();
    let file = outside.join("new/file");
    let script = format!(
        "case $REACH in Shared*{0}*) echo done;; Shared*) echo \"touch: cannot touch '{1}': Read-only file system\"; exit 1;; *) echo 'Network is unreachable'; exit 2;; esac",
        outside.display(),
        file.display()
    );
    let commands = Commands::new(Wall::Overlay, "");
    let output = commands.execute(&json!({"cmd": script}));
    assert_eq!(output.status, ToolStatus::Succeeded, "{output:?}");
    let expected = [
        vec![Need::Network],
        vec![Need::Network, Need::Write(outside)],
    ];
    assert_eq!(commands.asked_for(), expected);
    assert_eq!(
        commands
            .text(&output)
            .matches("The sandbox looks to have refused")
            .count(),
        2
    );
}

#[test]
fn what_a_yes_cannot_mend_is_explained_to_the_model() {
    let commands = Commands::new(Wall::Overlay, "");
    let hint = |line: &str| {
        let command = format!("echo \"{line}\"; exit 1");
        let text = commands.text(&commands.execute(&json!({"cmd": command})));
        text.split_once("\n\n")
            .map(|(_, hint)| hint.to_owned())
            .unwrap_or_default()
    };
    let folder = commands.bench.folder().display().to_string();
    expect![[r#"The sandbox looks to have refused a connection on this machine (`curl: (7) Failed to connect to localhost port 80 after 0 ms: Couldn't connect to server`). If the command may run twice, call it again with needs ["loopback"]: that is always granted."#]].assert_eq(&hint(
        "curl: (7) Failed to connect to localhost port 80 after 0 ms: Couldn't connect to server",
    ));
    expect![[r#"The sandbox looks to have refused writing /nowhere/x (`touch: cannot touch '/nowhere/x': Read-only file system`). Write below the workspace or in /tmp instead; or if it cannot be done without, call it again with needs ["write:/nowhere"] and a justification; the user is asked."#]].assert_eq(&hint(
        "touch: cannot touch '/nowhere/x': Read-only file system",
    ));
    expect!["The sandbox looks to have refused writing /w/.git/index.lock (`fatal: Unable to create '/w/.git/index.lock': Read-only file system`). /w/.git/index.lock is protected: no command in a twin may change it."].assert_eq(&hint(&format!(
        "fatal: Unable to create '{folder}/.git/index.lock': Read-only file system"
    )));
    expect![[r#"The sandbox looks to have refused a system call (`unshare: unshare failed: Operation not permitted`). No command in a twin may do that. If it cannot be done without, call it again with needs ["unconfined"] and a justification; the user is asked. It then runs in the user's own folder, which does not have your changes."#]].assert_eq(&hint("unshare: unshare failed: Operation not permitted"));
    expect![[""]].assert_eq(&hint("error: no such command"));
    assert_eq!(commands.asked(), []);
}

#[test]
fn what_fails_in_the_background_is_explained_when_it_is_looked_at() {
    let commands = Commands::new(Wall::Overlay, "");
    let script = "read line; echo 'getaddrinfo ENOTFOUND x'; exit 1";
    let output = commands.execute(&json!({"cmd": script, "tty": true, "yield_time_ms": 250}));
    assert_eq!(output.status, ToolStatus::Succeeded, "{output:?}");
    let id = commands.processes.running()[0].id().0;
    let tool = WriteStdin::new(Arc::clone(&commands.processes));
    let arguments = json!({"session_id": id, "chars": "go\n", "yield_time_ms": 60_000}).to_string();
    let output = commands.bench.call_walled(&tool, &arguments, Wall::Overlay);
    assert!(
        commands.text(&output).ends_with("the user is asked."),
        "{output:?}"
    );
    assert_eq!(
        commands.asked(),
        [],
        "in a twin a command can be told anything"
    );
}

#[test]
fn a_command_that_was_let_out_is_not_told_anything_unasked() {
    let commands = Commands::new(Wall::Overlay, "");
    let script = json!({"cmd": "read line; echo got $line", "tty": true, "yield_time_ms": 250, "needs": ["network"], "justification": "x"});
    commands.execute(&script);
    assert_eq!(commands.asked().len(), 1);
    let id = commands.processes.running()[0].id().0;
    let tool = WriteStdin::new(Arc::clone(&commands.processes));
    let arguments = json!({"session_id": id, "chars": "go\n", "yield_time_ms": 60_000}).to_string();
    commands.bench.call_walled(&tool, &arguments, Wall::Overlay);
    assert!(
        matches!(&commands.asked()[..], [Approval::WriteToCommand { text, .. }] if text == "go\n")
    );
}
