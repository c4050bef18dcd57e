//! What leaves the twin: each answer to the question, rules that grow by it, and what the sandbox refused.
//!
//! A folder outside of the workspace stands for all that is beyond it. It must not be below a temporary folder, for tasks
//! have those of their own.

use std::path::{Path, PathBuf};

use expect_test::expect;
use scripted_model::{Script, Server, Step};
use serde_json::json;
use tempfile::TempDir;

use crate::home::Home;
use crate::line::Line;
use crate::process::Running;
use crate::project::SHELL;
use crate::terminal::Terminal;

const PROMPT: &str = "or say what to do instead: ";

/// A home, a server, and a folder outside.
struct Stage {
    home: Home,
    server: Server,
    outside: TempDir,
}

impl Stage {
    /// A server that calls `exec_command` with each of these arguments in turn; `OUTSIDE` in them is the folder.
    fn new(calls: &[serde_json::Value]) -> Self {
        let outside = TempDir::new_in(shared_place()).unwrap();
        let place = outside.path().canonicalize().unwrap();
        let step = |call: &serde_json::Value| {
            let arguments = call.to_string().replace("OUTSIDE", place.to_str().unwrap());
            Step::call("exec_command", serde_json::from_str(&arguments).unwrap())
        };
        let steps = calls.iter().map(step).chain([Step::say("Done.")]);
        let server = Server::start(Script::new(steps)).unwrap();
        let home = Home::new(&SHELL, Line::ChatCompletions, &server);
        Self {
            home,
            server,
            outside,
        }
    }

    /// Runs it at a terminal and answers each question that comes with the next of `answers`.
    fn answer(&self, answers: &[&str]) -> (i32, String) {
        let mut terminal = Terminal::start(&self.home, "NO_COLOR=1 $ropewalk exec 'Go.'");
        for answer in answers {
            terminal.wait_for(PROMPT);
            terminal.enter(answer);
        }
        let code = terminal.finish();
        let place = self.outside.path().canonicalize().unwrap();
        let shown = self.home.without_folder(&terminal.shown);
        (code, shown.replace(place.to_str().unwrap(), "OUTSIDE"))
    }

    fn is_made(&self, name: &str) -> bool {
        self.outside.path().join(name).exists()
    }

    /// What the model was told, in order of its calls.
    fn told(&self) -> Vec<String> {
        let outputs = self.server.requests().last().unwrap().outputs();
        outputs.into_iter().map(|output| output.text).collect()
    }
}

/// A folder that tasks see, and not one of their own.
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

fn make(name: &str) -> serde_json::Value {
    json!({"cmd": format!("mkdir OUTSIDE/{name}"), "needs": ["write:OUTSIDE"], "justification": "To see."})
}

/// From the first question to the account of the turn. Its command stands above it, and perhaps what is said of the twin,
/// which is made meanwhile.
fn questions(shown: &str) -> &str {
    let start = shown.find("  in PROJECT").unwrap();
    let end = shown.find("tokens in").unwrap();
    &shown[start..shown[..end].rfind('\n').unwrap() + 1]
}

#[test]
fn a_yes_is_for_once_and_the_question_says_everything() {
    let stage = Stage::new(&[make("a"), make("a/../b"), make("c"), make("d")]);
    let (code, shown) = stage.answer(&["y", "x", "n", "use the workspace", ""]);
    assert_eq!(code, 0, "{shown}");
    expect![[r#"
          in PROJECT
          would reach: writing to OUTSIDE
          because: To see.
        Allow? [y]es once, for this [t]ask, [a]lways for `mkdir OUTSIDE/a`, [n]o, [s]top, or say what to do instead: y
          (with writing to OUTSIDE)
        $ mkdir OUTSIDE/a/../b
          in PROJECT
          would reach: writing to OUTSIDE
          because: To see.
        Allow? [y]es once, for this [t]ask, [a]lways for `mkdir OUTSIDE/a/../b`, [n]o, [s]top, or say what to do instead: x
        There is no such answer here.
          in PROJECT
          would reach: writing to OUTSIDE
          because: To see.
        Allow? [y]es once, for this [t]ask, [a]lways for `mkdir OUTSIDE/a/../b`, [n]o, [s]top, or say what to do instead: n
          declined
        $ mkdir OUTSIDE/c
          in PROJECT
          would reach: writing to OUTSIDE
          because: To see.
        Allow? [y]es once, for this [t]ask, [a]lways for `mkdir OUTSIDE/c`, [n]o, [s]top, or say what to do instead: use the workspace
          declined
        $ mkdir OUTSIDE/d
          in PROJECT
          would reach: writing to OUTSIDE
          because: To see.
        Allow? [y]es once, for this [t]ask, [a]lways for `mkdir OUTSIDE/d`, [n]o, [s]top, or say what to do instead: 
          declined
        Done.
    "#]].assert_eq(questions(&shown));
    let made = ["a", "b", "c", "d"].map(|name| stage.is_made(name));
    assert_eq!(made, [true, false, false, false]);
    assert_eq!(
        stage.told()[2],
        "The user declined this and says: use the workspace"
    );
}

#[test]
fn a_yes_for_the_task_is_for_what_was_asked() {
    let again = json!({"cmd": "mkdir OUTSIDE/a; rmdir OUTSIDE/a", "needs": ["write:OUTSIDE"], "justification": "x"});
    let stage = Stage::new(&[again.clone(), again, make("b")]);
    let (code, shown) = stage.answer(&["t", "n"]);
    assert_eq!(code, 0, "{shown}");
    assert_eq!(shown.matches(PROMPT).count(), 2, "{shown}");
    assert!(!stage.is_made("b"));
}

#[test]
fn always_is_kept_for_other_tasks() {
    let stage = Stage::new(&[make("a"), make("a"), make("a"), make("a")]);
    let rules = stage.home.path().join("config/ropewalk/rules.toml");
    std::fs::write(&rules, "# mine\n").unwrap();
    let (code, shown) = stage.answer(&["a"]);
    assert_eq!(code, 0, "{shown}");
    assert!(
        shown.contains("[a]lways for `mkdir OUTSIDE/a`, "),
        "{shown}"
    );
    let place = stage.outside.path().canonicalize().unwrap();
    let place = place.display();
    let kept = std::fs::read_to_string(&rules).unwrap();
    assert_eq!(
        kept,
        format!(
            "# mine\n\n[[rule]]\nprefix = [\"mkdir\", \"{place}/a\"]\ndecision = \"allow\"\nneeds = [\"write:{place}\"]\n"
        )
    );
    std::fs::remove_dir(stage.outside.path().join("a")).unwrap();
    // Nobody is there, so only the rule can allow it.
    let call = make("a").to_string().replace("OUTSIDE", &place.to_string());
    let steps = [
        Step::call("exec_command", serde_json::from_str(&call).unwrap()),
        Step::say("Done."),
    ];
    let server = Server::start(Script::new(steps)).unwrap();
    let settings = Line::ChatCompletions.settings(&server.url());
    std::fs::write(
        stage.home.path().join("config/ropewalk/config.toml"),
        settings,
    )
    .unwrap();
    Running::start(stage.home.command(&["exec", "--json", "Go."]))
        .wait()
        .assert_code(0);
    assert!(stage.is_made("a"));
}

#[test]
fn stop_ends_the_turn() {
    let stage = Stage::new(&[make("a"), make("b")]);
    let (code, shown) = stage.answer(&["s"]);
    assert_eq!(code, 130, "{shown}");
    assert!(!stage.is_made("a") && !stage.is_made("b"));
    let requests = stage.server.requests();
    let asked = requests.iter().filter(|request| request.exchange.is_some());
    assert_eq!(asked.count(), 1, "the model is not asked again");
}

#[test]
fn what_the_sandbox_refused_is_asked_about_and_run_again() {
    let refused = json!({"cmd": "mkdir OUTSIDE/a", "justification": "To see."});
    let stage = Stage::new(&[refused.clone(), refused]);
    let (code, shown) = stage.answer(&["n"]);
    assert_eq!(code, 0, "{shown}");
    expect![[r#"
          in PROJECT
          refused by the sandbox: mkdir: cannot create directory ‘OUTSIDE/a’: Read-only file system
          again with: writing to OUTSIDE
          because: To see.
        Allow? [y]es once, for this [t]ask, [a]lways for `mkdir OUTSIDE/a`, [n]o, [s]top, or say what to do instead: n
          exit code 1
        $ mkdir OUTSIDE/a
          mkdir: cannot create directory ‘OUTSIDE/a’: Read-only file system
          exit code 1
        Done.
    "#]].assert_eq(questions(&shown));
    assert!(!stage.is_made("a"));
    let told = stage.told();
    assert!(
        told[0].contains("The user was asked and does not want it"),
        "{told:?}"
    );
    assert!(
        told[1].contains("The user has already declined"),
        "{told:?}"
    );

    let stage = Stage::new(&[json!({"cmd": "mkdir OUTSIDE/a"})]);
    let (code, shown) = stage.answer(&["y"]);
    assert_eq!(code, 0, "{shown}");
    assert!(stage.is_made("a"));
    assert!(
        stage.told()[0].contains("It was allowed to run again with writing to"),
        "{:?}",
        stage.told()
    );
}

#[test]
fn without_anybody_the_model_is_told_how_to_go_on() {
    let stage = Stage::new(&[make("a"), json!({"cmd": "mkdir OUTSIDE/b"})]);
    let run = Running::start(stage.home.command(&["exec", "--json", "Go."])).wait();
    run.assert_code(0);
    let told = stage.told();
    assert!(
        told[0].contains("nobody is there to be asked: it was not run"),
        "{told:?}"
    );
    assert!(
        told[1].contains("nobody is there to be asked. Go on without"),
        "{told:?}"
    );
    assert!(!stage.is_made("a") && !stage.is_made("b"));
    let statuses: Vec<_> = run
        .of_type("item.completed")
        .iter()
        .map(|event| event["item"]["status"].clone())
        .collect();
    assert_eq!(statuses[..2], ["declined", "failed"], "{statuses:?}");
}

#[test]
fn a_yes_to_everything_is_one_to_leaving_the_twin() {
    let stage = Stage::new(&[make("a"), json!({"cmd": "mkdir OUTSIDE/b"})]);
    let run = stage.home.exec(&["Go."]);
    run.assert_code(0);
    assert!(stage.is_made("a") && stage.is_made("b"));
    let place = stage.outside.path().canonicalize().unwrap();
    let need = json!([format!("write:{}", place.display())]);
    for event in &run.of_type("item.completed")[..2] {
        assert_eq!(event["item"]["needs"], need, "{event}");
    }
}
