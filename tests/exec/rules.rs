//! Rules about commands: whose count, what they decide, and what is said of wrong ones.

use expect_test::expect;
use scripted_model::{Script, Server, Step};
use serde_json::json;

use crate::home::Home;
use crate::line::Line;
use crate::process::Running;
use crate::project::SHELL;

/// A home with these rules, and a server that lets the agent touch a file.
fn stage(rules: &str) -> (Home, Server) {
    let touch = Step::call("exec_command", json!({"cmd": "touch made"}));
    let server = Server::start(Script::new([touch, Step::say("Done.")])).unwrap();
    let home = Home::new(&SHELL, Line::ChatCompletions, &server);
    std::fs::write(home.path().join("config/ropewalk/rules.toml"), rules).unwrap();
    (home, server)
}

const FORBID: &str =
    "[[rule]]\nprefix = [\"touch\"]\ndecision = \"forbid\"\nbecause = \"files are made by hand\"\n";

#[test]
fn what_a_rule_forbids_is_not_run_whatever_is_allowed() {
    let (home, server) = stage(FORBID);
    home.exec(&["Go."]).assert_code(0);
    assert!(!home.project().join("made").exists());
    let outputs = server.requests().last().unwrap().outputs();
    expect!["A rule of the user's forbids this command: files are made by hand. It was not run. Do not look for a way round the rule; do without, or say in your final answer what it keeps you from."].assert_eq(&outputs[0].text);
}

/// Otherwise a file that is cloned could forbid, and with `allow` let out, what it likes.
#[test]
fn a_projects_rules_count_only_where_it_is_trusted() {
    let (home, _server) = stage("");
    let folder = home.project().join(".ropewalk");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("rules.toml"), FORBID).unwrap();
    std::fs::write(
        folder.join("config.toml"),
        format!("trusted_folders = [{:?}]\n", home.project()),
    )
    .unwrap();
    let run = home.exec(&["Go."]);
    run.assert_code(0);
    assert!(
        run.stderr
            .contains("rules.toml is not used because the folder is not trusted"),
        "{}",
        run.stderr
    );
    assert!(home.project().join("made").exists());

    let (trusting, _server) = stage("");
    let folder = trusting.project().join(".ropewalk");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("rules.toml"), FORBID).unwrap();
    let file = trusting.path().join("config/ropewalk/config.toml");
    let settings = std::fs::read_to_string(&file).unwrap();
    std::fs::write(
        &file,
        format!("trusted_folders = [{:?}]\n{settings}", trusting.project()),
    )
    .unwrap();
    trusting.exec(&["Go."]).assert_code(0);
    assert!(!trusting.project().join("made").exists());
}

#[test]
fn a_file_with_a_mistake_is_mended_first() {
    for (rules, expected) in [
        ("[[rule]]\nprefix = [\n", "line 2"),
        (
            "[[rule]]\nprefix = [\"rm\"]\ndecision = \"forbid\"\nmatches = [\"rmdir x\"]\n",
            "line 1: the example `rmdir x` shall match",
        ),
    ] {
        let (home, server) = stage(rules);
        let run = Running::start(home.command(&["exec", "--json", "--yes", "Go."])).wait();
        run.assert_code(1);
        assert!(run.stderr.contains(expected), "{}", run.stderr);
        assert_eq!(run.stdout, "");
        assert_eq!(server.requests().len(), 0);
    }
}
