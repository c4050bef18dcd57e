//! `--diff`: the patch is one that git takes, and nothing else is done.

use std::path::Path;
use std::process::Command;

use scripted_model::{Script, Server, Step};
use serde_json::json;

use crate::home::Home;
use crate::line::Line;
use crate::process::Running;
use crate::project::SHELL;
use crate::tree::{Entry, Tree, tree};

/// Changes of every kind, in a repository with files of every kind.
const COMMAND: &str = "printf 'new\\n' > 'a b.txt' && printf 'x\\0y' > binary && rm gone && chmod +x test.sh \
                       && mkdir -p deep/er && ln -s ../value.txt deep/link && git mv -f long deep/er/renamed 2>/dev/null \
                       || mv long deep/er/renamed; printf 'no end' >> value.txt; printf 'a\\r\\nb\\r\\n' > dos";

fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .args(["-c", "user.name=n", "-c", "user.email=e@x"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
}

fn without_git(mut tree: Tree) -> Tree {
    tree.retain(|path, entry| !path.starts_with(".git") && *entry != Entry::Folder);
    tree
}

fn stage() -> (Home, Server) {
    let server = Server::start(Script::reacting(|request| {
        match request.conversation.outputs().len() {
            0 => Step::say("I act.").and_call("exec_command", json!({ "cmd": COMMAND })),
            _ => Step::say("Done."),
        }
    }))
    .unwrap();
    let home = Home::new(&SHELL, Line::ChatCompletions, &server);
    let project = home.project();
    std::fs::write(project.join("gone"), "1\n2\n").unwrap();
    let long: String = (0..50).map(|number| format!("line {number}\n")).collect();
    std::fs::write(project.join("long"), long).unwrap();
    git(&project, &["init", "-q"]);
    git(&project, &["add", "."]);
    git(&project, &["commit", "-qm", "first"]);
    (home, server)
}

#[test]
fn git_makes_of_the_patch_what_apply_makes_of_the_twin() {
    let (home, _server) = stage();
    let before = tree(&home.project());
    let patch = home.path().join("change.patch");
    let run = home.exec(&["--diff", patch.to_str().unwrap(), "Go."]);
    run.assert_code(0);
    assert_eq!(tree(&home.project()), before);
    assert_eq!(run.of_type("proposal.written").len(), 1);

    let other = home.path().join("other");
    git(home.path(), &["clone", "-q", "project", "other"]);
    git(&other, &["apply", "--check", patch.to_str().unwrap()]);
    git(&other, &["apply", patch.to_str().unwrap()]);
    let id = run.thread().unwrap();
    Running::start(home.command(&["apply", &id]))
        .wait()
        .assert_code(0);
    let applied = without_git(tree(&home.project()));
    assert!(applied.contains_key(Path::new("deep/link")));
    assert_eq!(without_git(tree(&other)), applied);
}

#[test]
fn on_standard_output_the_patch_stands_alone() {
    let (home, _server) = stage();
    let run = Running::start(home.command(&["exec", "--diff", "-", "Go."])).wait();
    run.assert_code(0);
    assert!(run.stdout.starts_with("diff --git "), "{}", run.stdout);
    assert!(run.stderr.contains("I act."), "{}", run.stderr);
    let later = Running::start(home.command(&["diff", "last"])).wait();
    assert_eq!(later.stdout, run.stdout, "{}", later.stderr);
    let patch = home.path().join("change.patch");
    std::fs::write(&patch, &run.stdout).unwrap();
    git(
        &home.project(),
        &["apply", "--check", patch.to_str().unwrap()],
    );
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    let (home, server) = stage();
    for arguments in [
        ["--json", "--diff", "-", "Go."].as_slice(),
        &["--apply", "--in-place", "Go."],
        &["--read-only", "--apply", "Go."],
        &["--json", "--in-place", "Go."],
    ] {
        let run = Running::start(home.command(&[&["exec"], arguments].concat())).wait();
        assert!(!run.status.success(), "{arguments:?}");
        assert!(run.stderr.contains("--"), "{}", run.stderr);
    }
    assert_eq!(server.requests().len(), 0);
}
