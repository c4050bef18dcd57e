//! Scripts taken apart, with the real shell as the oracle of what a plain one runs.

use std::process::Command;

use super::ShellScript;
use crate::test_support::{Random, SPLINTERS};

fn commands(text: &str) -> Vec<Vec<String>> {
    ShellScript::read(text).commands
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

#[test]
fn plain_scripts_are_their_commands() {
    for (text, expected) in [
        ("cargo fetch --locked", vec!["cargo fetch --locked"]),
        (
            "cd sub && cargo fetch; true",
            vec!["cd sub", "cargo fetch", "true"],
        ),
        ("a | b |& c || d\ne", vec!["a", "b", "c", "d", "e"]),
        (
            "cargo fetch 2>&1 >/dev/null | tail -5 # why",
            vec!["cargo fetch", "tail -5"],
        ),
        (
            "'cargo' \"fetch\" --co'lou'r=never",
            vec!["cargo fetch --colour=never"],
        ),
        ("git push \\\n  --force", vec!["git push --force"]),
        ("", vec![]),
    ] {
        let script = ShellScript::read(text);
        let expected: Vec<_> = expected.into_iter().map(words).collect();
        assert_eq!(
            (script.commands, script.is_plain),
            (expected, true),
            "{text}"
        );
    }
}

#[test]
fn what_a_shell_works_out_is_not_plain_and_hides_no_command() {
    for (text, hidden) in [
        ("git push $(x)", "git push $(x)"),
        ("echo `git push`", "git push"),
        ("echo \"a $(git push)\"", "git push"),
        ("for i in 1 2; do git push; done", "git push"),
        ("if true; then git push; fi", "git push"),
        ("f() { git push; }; f", "git push"),
        ("(git push)", "git push"),
        ("{ git push; }", "git push"),
        ("! git push", "git push"),
        ("git push &", "git push"),
        ("git push > log", "git push"),
        ("git push < log", "git push"),
        ("GIT_SSH_COMMAND=x git push", "git push"),
        ("A=$(git push) b", "git push"),
        ("A=1; git push", "git push"),
        ("git push $BRANCH", "git push $BRANCH"),
        ("git push *", "git push *"),
        ("git push {a,b}", "git push {a,b}"),
        ("cat <(git push)", "git push"),
        ("git push <<< x", "git push"),
        ("git push <<EOF\nx\nEOF\n", "git push"),
        ("git\u{a0}x; git push", "git push"),
        ("git push\r", "git push"),
        ("=git push", "=git push"),
        ("case x in x) git push;; esac", "git push"),
        ("while git push; do :; done", "git push"),
        ("\u{e9}cho; git push", "git push"),
    ] {
        let script = ShellScript::read(text);
        assert!(!script.is_plain, "{text}: {script:?}");
        assert!(
            script.commands.contains(&words(hidden)),
            "{text}: {script:?}"
        );
    }
    assert!(!ShellScript::read("git 'a\nb'").is_plain);
    assert!(!ShellScript::read("git 'unclosed").is_plain);
    assert_eq!(commands("ls (").len(), 1);
}

/// The shell says which words each command got: wherever a script counts as plain, it must be these and no others.
#[test]
fn a_plain_script_runs_with_exactly_the_words_that_were_read() {
    let pieces = [
        "p",
        " ",
        " a",
        " 'b c'",
        " \"d e\"",
        ";",
        "&&",
        "||",
        "|",
        "\n",
        "\\",
        "$",
        "$x",
        "`p`",
        "$(p)",
        "*",
        "?",
        "~",
        "#",
        "{a,b}",
        "'",
        "\"",
        ">/dev/null",
        "2>&1",
        " > f",
        "<",
        "&",
        "(",
        ")",
        "!",
        "=",
        "x=1 ",
        "[a]",
        "é",
        "\t",
        "\r",
        " --k=v",
        "%",
    ];
    let mut random = Random::new(4);
    let mut compared = 0;
    for _ in 0..30_000 {
        let mut text = String::from("p");
        for _ in 0..random.below(9) {
            text.push_str(random.pick(&pieces));
        }
        let script = ShellScript::read(&text);
        let is_ours = |command: &Vec<String>| command.first().is_some_and(|name| name == "p");
        if !script.is_plain || !script.commands.iter().all(is_ours) || compared == 150 {
            continue;
        }
        compared += 1;
        compare_with_the_shell(&text, &script);
    }
    assert!(compared > 100, "only {compared} scripts were plain");
}

/// Runs `text` with a `p` that prints its words into a file, since where its output goes is the script's affair.
fn compare_with_the_shell(text: &str, script: &ShellScript) {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let define = format!(
        "p() {{ printf '%s\\001' p \"$@\" >> '{0}'; echo >> '{0}'; }}",
        log.display()
    );
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!("{define}\n{text}"))
        .current_dir(folder.path())
        .output()
        .unwrap();
    let ran = std::fs::read_to_string(&log).unwrap_or_default();
    let mut ran: Vec<Vec<String>> = ran
        .lines()
        .map(|line| {
            line.trim_end_matches('\u{1}')
                .split('\u{1}')
                .map(str::to_owned)
                .collect()
        })
        .collect();
    // The right side of `||` does not run, and the commands of a pipeline run at the same time.
    let mut read = script.commands.clone();
    ran.sort();
    read.sort();
    if !text.contains("||") {
        assert_eq!(
            ran,
            read,
            "{text:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    for command in &ran {
        assert!(
            read.contains(command),
            "{text:?} ran {command:?}, read {read:?}"
        );
    }
}

#[test]
fn nothing_breaks_it() {
    let mut random = Random::new(5);
    for _ in 0..3_000 {
        let text: String = (0..random.below(20))
            .map(|_| random.pick(SPLINTERS))
            .collect();
        ShellScript::read(&text);
    }
}
