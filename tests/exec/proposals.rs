//! The end of a task at the terminal: what is shown of its changes, what is asked, and what each answer does.

use expect_test::expect;
use scripted_model::{Script, Server, Step};
use serde_json::json;

use crate::home::Home;
use crate::line::Line;
use crate::process::Running;
use crate::project::SHELL;
use crate::terminal::Terminal;
use crate::tree::{Tree, tree};

const QUESTION: &str = "Apply to your files?";

/// A task that changes a file with a tool and makes, removes and marks others with a command.
fn steps() -> Vec<Step> {
    vec![
        Step::call_text("apply_patch", SHELL.patch(SHELL.broken, SHELL.right)),
        Step::call(
            "exec_command",
            json!({"cmd": "mkdir -p new && printf 'one\\ntwo\\n' > new/file.txt && rm gone.txt && chmod +x test.sh"}),
        ),
        Step::say("Done."),
    ]
}

struct Stage {
    home: Home,
    server: Server,
    /// The project before anything was done.
    before: Tree,
}

impl Stage {
    fn new(steps: Vec<Step>) -> Self {
        let server = Server::start(Script::new(steps)).unwrap();
        let home = Home::new(&SHELL, Line::ChatCompletions, &server);
        std::fs::write(home.project().join("gone.txt"), "old\n").unwrap();
        let before = tree(&home.project());
        Self {
            home,
            server,
            before,
        }
    }

    /// `exec` at the question.
    fn asked(&self) -> Terminal {
        let mut terminal = Terminal::start(&self.home, "NO_COLOR=1 $ropewalk exec 'Go.'");
        terminal.wait_for(QUESTION);
        assert_eq!(self.now(), self.before, "{}", terminal.shown);
        terminal
    }

    fn now(&self) -> Tree {
        tree(&self.home.project())
    }

    fn has_changes(&self) -> bool {
        let project = self.home.project();
        let text = |name: &str| std::fs::read_to_string(project.join(name));
        SHELL.is_right(&project)
            && text("new/file.txt").is_ok_and(|text| text == "one\ntwo\n")
            && text("gone.txt").is_err()
            && is_executable(&project.join("test.sh"))
    }

    fn run(&self, arguments: &[&str]) -> crate::process::Finished {
        Running::start(self.home.command(arguments)).wait()
    }
}

fn is_executable(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|status| status.permissions().mode() & 0o111 != 0)
}

#[test]
fn yes_applies_and_undo_takes_it_back() {
    let stage = Stage::new(steps());
    let mut terminal = stage.asked();
    terminal.enter("y");
    assert_eq!(terminal.finish(), 0, "{}", terminal.shown);
    assert!(stage.has_changes(), "{}", terminal.shown);
    let start = terminal.shown.find("tokens in").unwrap();
    let start = start + terminal.shown[start..].find('\n').unwrap() + 1;
    let end = terminal.shown.rfind("Say more with").unwrap();
    expect![[r#"
        D gone.txt
          @@ -1 +0,0 @@
          -old
        A new/file.txt
          @@ -0,0 +1,2 @@
          +one
          +two
        M test.sh
          (may be executed now)
        M value.txt
          @@ -1,3 +1,3 @@
           # the value
          -colour = grey
          +colour = blue
           # the end
        4 files: +3 −2
        Apply to your files? [y]es, [n]o and discard, [k]eep for later: y
        Applied to 4 files. `ropewalk undo` takes it back.
    "#]]
    .assert_eq(&terminal.shown[start..end]);
    assert_eq!(stage.home.twins(), Vec::<String>::new());

    let undone = stage.run(&["undo"]);
    undone.assert_code(0);
    assert_eq!(stage.now(), stage.before, "{}", undone.stdout);
    // What was taken back can be had again, by the name that was told.
    let told = undone.stdout.split('`').nth(1).unwrap();
    let id = told.strip_prefix("ropewalk undo ").unwrap();
    stage.run(&["undo", id]).assert_code(0);
    assert!(stage.has_changes());
    let list = stage.run(&["undo", "--list"]);
    assert_eq!(list.stdout.lines().count(), 3, "{}", list.stdout);
}

#[test]
fn no_leaves_every_byte_as_it_was() {
    let stage = Stage::new(steps());
    let mut terminal = stage.asked();
    terminal.enter("what?");
    terminal.wait_for("There is no such answer here. To tell the agent more,");
    terminal.wait_for(QUESTION);
    terminal.enter("N");
    assert_eq!(terminal.finish(), 0, "{}", terminal.shown);
    assert_eq!(stage.now(), stage.before);
    assert_eq!(stage.home.twins(), Vec::<String>::new());
}

#[test]
fn what_is_kept_can_be_looked_at_and_applied_later() {
    for keep in ["k\n", "\n", "\u{3}"] {
        let stage = Stage::new(steps());
        let mut terminal = stage.asked();
        terminal.press(keep);
        assert_eq!(terminal.finish(), 0, "{}", terminal.shown);
        assert_eq!(stage.now(), stage.before);
        assert_eq!(stage.home.twins().len(), 1);

        // Looking into it changes nothing.
        for _ in 0..2 {
            let list = stage.run(&["twins"]);
            list.assert_code(0);
            let line = &list.stdout;
            assert!(line.contains("kept") && line.contains("4 files"), "{line}");
        }
        let diff = stage.run(&["diff"]);
        diff.assert_code(0);
        assert!(diff.stdout.contains("+colour = blue"), "{}", diff.stdout);
        assert_eq!(stage.now(), stage.before);

        stage.run(&["apply"]).assert_code(0);
        assert!(stage.has_changes());
        assert_eq!(stage.home.twins(), Vec::<String>::new());
    }
}

#[test]
fn what_is_kept_can_be_discarded() {
    let stage = Stage::new(steps());
    let mut terminal = stage.asked();
    terminal.enter("k");
    assert_eq!(terminal.finish(), 0, "{}", terminal.shown);
    stage.run(&["discard"]).assert_code(0);
    assert_eq!(stage.home.twins(), Vec::<String>::new());
    assert_eq!(stage.now(), stage.before);
    let again = stage.run(&["discard"]);
    again.assert_code(1);
    assert!(again.stderr.contains("no twin"), "{}", again.stderr);
}

#[test]
fn a_long_diff_is_shown_when_it_is_asked_for() {
    let stage = Stage::new(vec![
        Step::call("exec_command", json!({"cmd": "seq 1000 > long.txt"})),
        Step::say("Done."),
    ]);
    let mut terminal = stage.asked();
    assert!(!terminal.shown.contains("+777"), "{}", terminal.shown);
    terminal.enter("d");
    terminal.wait_for("+777\n");
    terminal.wait_for(QUESTION);
    terminal.enter("n");
    assert_eq!(terminal.finish(), 0, "{}", terminal.shown);
}

#[test]
fn of_very_many_files_not_all_are_named_before_they_are_asked_for() {
    let stage = Stage::new(vec![
        Step::call(
            "exec_command",
            json!({"cmd": "for file in $(seq 1001 1300); do echo x > $file; done"}),
        ),
        Step::say("Done."),
    ]);
    let mut terminal = stage.asked();
    assert!(terminal.shown.contains("A 1200\n"), "{}", terminal.shown);
    assert!(!terminal.shown.contains("A 1201\n"), "{}", terminal.shown);
    assert!(
        terminal.shown.contains("(100 more files, not named here)"),
        "{}",
        terminal.shown
    );
    terminal.enter("d");
    terminal.wait_for("A 1300\n");
    terminal.wait_for(QUESTION);
    terminal.enter("n");
    assert_eq!(terminal.finish(), 0, "{}", terminal.shown);
}

#[test]
fn where_nothing_changed_nothing_is_asked_or_kept() {
    let stage = Stage::new(vec![
        Step::call(
            "exec_command",
            json!({"cmd": "echo x >> value.txt; cat value.txt; git --version; sed -i '$d' value.txt"}),
        ),
        Step::say("Done."),
    ]);
    let mut terminal = Terminal::start(&stage.home, "NO_COLOR=1 $ropewalk exec 'Go.'");
    assert_eq!(terminal.finish(), 0, "{}", terminal.shown);
    assert!(!terminal.shown.contains(QUESTION), "{}", terminal.shown);
    assert_eq!(stage.now(), stage.before);
    assert_eq!(stage.home.twins(), Vec::<String>::new());
}

/// What a task wrote into its files neither hides in the diff nor passes for the question.
#[test]
fn a_diff_does_not_speak_to_the_terminal() {
    let stage = Stage::new(vec![
        Step::call(
            "exec_command",
            json!({"cmd": "printf 'a\\033[2J\\rb\\342\\200\\256\\n' > \"$(printf 'odd\\033[1A')\""}),
        ),
        Step::say("Done."),
    ]);
    let mut terminal = stage.asked();
    terminal.enter("n");
    assert_eq!(terminal.finish(), 0, "{}", terminal.shown);
    assert!(
        terminal.shown.contains("A odd\\u{1b}[1A\n")
            && terminal.shown.contains("+a\\u{1b}[2J\\rb\\u{202e}"),
        "{}",
        terminal.shown
    );
}

/// Nobody is asked, so the changes wait; what they are stands in the events.
#[test]
fn without_anybody_to_ask_the_changes_wait() {
    let stage = Stage::new(steps());
    let run = stage.run(&["exec", "--json", "Go."]);
    run.assert_code(0);
    assert_eq!(stage.now(), stage.before);
    let made = run.of_type("proposal.made");
    let paths: Vec<&str> = made[0]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["path"].as_str().unwrap().rsplit('/').next().unwrap())
        .collect();
    assert_eq!(paths, ["gone.txt", "file.txt", "test.sh", "value.txt"]);
    let kept = run.of_type("proposal.kept");
    assert_eq!(kept[0]["because"], "nobody_to_ask");
    let id = kept[0]["twin"].as_str().unwrap();
    assert_eq!(Some(id), run.thread().as_deref());
    stage.run(&["apply", id]).assert_code(0);
    assert!(stage.has_changes());
    assert_eq!(stage.server.violations(), Vec::<String>::new());
}

#[test]
fn apply_applies_without_asking() {
    let stage = Stage::new(steps());
    let run = stage.run(&["exec", "--json", "--apply", "Go."]);
    run.assert_code(0);
    assert!(stage.has_changes());
    let applied = run.of_type("proposal.applied");
    assert_eq!(applied[0]["files"].as_array().unwrap().len(), 4);
    assert_eq!(applied[0]["conflicts"], json!([]));
    assert_eq!(stage.home.twins(), Vec::<String>::new());
    let undo = applied[0]["checkpoint"].as_str().unwrap();
    stage.run(&["undo", undo]).assert_code(0);
    assert_eq!(stage.now(), stage.before);
}
