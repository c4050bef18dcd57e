//! Rules as files, as judgements, and as they grow.

use std::{fs, path::Path};

use expect_test::{Expect, expect};
use syntax::ShellScript;

use super::{Judgement, Rules, RulesError, file, suggested_prefix};
use crate::need::Need;

const RULES: &str = r#"
[[rule]]
prefix = ["cargo", ["fetch", "update"]]
decision = "allow"
needs = ["network"]
matches = ["cargo fetch --locked", "cd sub && cargo update 2>&1 | tail -5"]
differs = ["cargo run", "cargo fetch $(x)"]

[[rule]]
prefix = ["cargo", "update"]
decision = "allow"
needs = ["write:/srv/registry"]

[[rule]]
prefix = ["git", "push"]
decision = "ask"

[[rule]]
prefix = ["git", "push", "--force"]
decision = "forbid"
because = "history is shared"
matches = ["for i in 1 2; do git push --force; done"]

[[rule]]
prefix = ["git"]
decision = "allow"
needs = ["unconfined"]

[[rule]]
prefix = ["npm"]
decision = "forbid"
needs = ["network"]
"#;

fn rules(text: &str) -> Rules {
    Rules {
        rules: file::parse(Path::new("rules.toml"), text).unwrap(),
        own_file: None,
    }
}

fn judge(rules: &Rules, command: &str, needs: &[&str]) -> Judgement {
    let needs: Vec<Need> = needs.iter().map(|need| need.parse().unwrap()).collect();
    rules.judge(&ShellScript::read(command), &needs)
}

#[test]
fn the_strictest_match_wins_and_every_part_must_be_allowed() {
    use Judgement::{Allowed, Asked, Forbidden, Silent};
    let rules = rules(RULES);
    let forbidden = || Forbidden(Some("history is shared".into()));
    for (command, needs, expected) in [
        ("cargo fetch", &["network"][..], Allowed),
        ("cargo fetch", &["loopback"], Allowed),
        ("cargo fetch", &[], Silent),
        ("cargo fetch", &["unconfined"], Silent),
        ("cargo fetch", &["network", "write:/srv/registry"], Silent),
        (
            "cargo update",
            &["network", "write:/srv/registry/a"],
            Allowed,
        ),
        (
            "cargo fetch && cargo update | tail -n 3",
            &["network"],
            Allowed,
        ),
        ("cargo fetch; curl x", &["network"], Silent),
        ("cargo fetch > ../log", &["network"], Silent),
        ("CARGO_HOME=x cargo fetch", &["network"], Silent),
        ("cargo fetch --config net.x=1", &["network"], Silent),
        ("cargo fetch --config=net.x=1", &["network"], Silent),
        ("git fetch --upload-pack x", &["unconfined"], Silent),
        ("cargo", &["network"], Silent),
        ("/tmp/cargo fetch", &["network"], Silent),
        ("cd sub", &["network"], Silent),
        ("git status", &["network", "unconfined"], Allowed),
        ("git push", &["unconfined"], Asked(None)),
        ("git push", &[], Asked(None)),
        ("git push --force", &["unconfined"], forbidden()),
        ("true; (cd x && git push --force x)", &[], forbidden()),
        ("echo $(git push --force)", &[], forbidden()),
        ("npm ci", &[], Silent),
        ("npm ci", &["write:/a"], Silent),
        ("npm ci", &["network"], Forbidden(None)),
        ("npm ci", &["loopback"], Forbidden(None)),
        ("npm ci", &["unconfined"], Forbidden(None)),
    ] {
        assert_eq!(
            judge(&rules, command, needs),
            expected,
            "{command} {needs:?}"
        );
    }
}

/// What a rule allows is allowed with anything before and behind it only if that is allowed as well.
#[test]
fn nothing_rides_on_an_allowed_command() {
    let rules = rules(RULES);
    let mut random = fastrand::Rng::with_seed(3);
    let joints = [
        ";", "&&", "||", "|", "|&", "&", "\n", "&& !", "; (", "`", "$(", ">", "<(", "{", " ",
    ];
    let others = [
        "curl x",
        "cat /etc/passwd",
        "tail -f /etc/passwd",
        "cd /",
        "cd ..",
        "cd ~",
        "x=1",
        "$x",
        "eval x",
        ". x",
        "f() { curl x; }",
        "head x",
        "echo x > y",
    ];
    for _ in 0..2_000 {
        let joint = joints[random.usize(..joints.len())];
        let other = others[random.usize(..others.len())];
        let script = match random.bool() {
            true => format!("cargo fetch {joint} {other}"),
            false => format!("{other} {joint} cargo fetch"),
        };
        // Without a joint the rest are words of the allowed command, or the other way round.
        let is_one_command =
            joint == " " && script.starts_with("cargo") && ShellScript::read(&script).is_plain;
        if !is_one_command {
            assert_eq!(
                judge(&rules, &script, &["network"]),
                Judgement::Silent,
                "{script}"
            );
        }
    }
}

fn check_wrong(text: &str, expected: Expect) {
    let error = file::parse(Path::new("rules.toml"), text).unwrap_err();
    expected.assert_eq(&error.to_string());
}

#[test]
fn a_wrong_file_is_named_with_its_line() {
    check_wrong(
        "[[rule]]\nprefix = [\"a\"\n",
        expect![[r#"
            rules.toml is not a file of rules, so none of it is used:
            TOML parse error at line 2, column 14
              |
            2 | prefix = ["a"
              |              ^
            unclosed array, expected `]`"#]],
    );
    check_wrong(
        "[[rule]]\nprefix = [\"a\"]\ndecision = \"maybe\"\n",
        expect![[r#"
            rules.toml is not a file of rules, so none of it is used:
            TOML parse error at line 3, column 12
              |
            3 | decision = "maybe"
              |            ^^^^^^^
            unknown variant `maybe`, expected one of `allow`, `ask`, `forbid`"#]],
    );
    check_wrong(
        "[[rule]]\nprefix = [\"a\"]\ndecision = \"ask\"\nneed = []\n",
        expect![[r#"
            rules.toml is not a file of rules, so none of it is used:
            TOML parse error at line 4, column 1
              |
            4 | need = []
              | ^^^^
            unknown field `need`, expected one of `prefix`, `decision`, `needs`, `because`, `matches`, `differs`"#]],
    );
    check_wrong(
        "[[rule]]\nprefix = [\"a\"]\ndecision = \"ask\"\nneeds = [\"internet\"]\n",
        expect![[r#"
            rules.toml is not a file of rules, so none of it is used:
            TOML parse error at line 4, column 9
              |
            4 | needs = ["internet"]
              |         ^^^^^^^^^^^^
            `internet` is not something that a command can be given: "network", "loopback" (servers and clients of this task among themselves), "write:/absolute/path" and "unconfined" (outside the twin, in the user's own files) are"#]],
    );
    check_wrong(
        "# one\n[[rule]]\nprefix = [\"a\"]\ndecision = \"ask\"\n\n# two\n[[rule]]\nprefix = []\ndecision = \"ask\"\n",
        expect![
            "rules.toml, line 7: `prefix` needs at least one word, and none may be empty; mend it, for until then no rule of the file is used"
        ],
    );
    check_wrong(
        "[[rule]]\nprefix = [[]]\ndecision = \"ask\"\n",
        expect![
            "rules.toml, line 1: `prefix` needs at least one word, and none may be empty; mend it, for until then no rule of the file is used"
        ],
    );
    check_wrong(
        "\n\n[[rule]]\nprefix = [\"a\"]\ndecision = \"allow\"\n",
        expect![[
            r#"rules.toml, line 3: it allows nothing that a task may not do anyway; say with `needs` what it allows, for example needs = ["network"]; mend it, for until then no rule of the file is used"#
        ]],
    );
    check_wrong(
        "[[rule]]\nprefix = [\"a\", \"b\"]\ndecision = \"forbid\"\nmatches = [\"a b\", \"a c\"]\n",
        expect![
            "rules.toml, line 1: the example `a c` shall match, and does not; mend it, for until then no rule of the file is used"
        ],
    );
    check_wrong(
        "[[rule]]\nprefix = [\"a\"]\ndecision = \"allow\"\nneeds = [\"network\"]\nmatches = [\"a > f\"]\n",
        expect![
            "rules.toml, line 1: the example `a > f` shall match, and does not; mend it, for until then no rule of the file is used"
        ],
    );
    check_wrong(
        "[[rule]]\nprefix = [\"a\"]\ndecision = \"ask\"\ndiffers = [\"b; a\"]\n",
        expect![
            "rules.toml, line 1: the example `b; a` shall not match, and does; mend it, for until then no rule of the file is used"
        ],
    );
}

#[test]
fn always_is_offered_only_where_it_means_one_thing() {
    let suggested = |command: &str| {
        let prefix = suggested_prefix(&ShellScript::read(command));
        prefix.map(|words| words.join(" "))
    };
    for (command, expected) in [
        ("cargo fetch --locked", "cargo fetch"),
        ("cd sub && cargo fetch 2>&1 | tail -20", "cargo fetch"),
        ("go mod download", "go mod"),
        ("rustup update", "rustup update"),
        ("protoc --version", "protoc --version"),
        ("gh pr create", "gh pr"),
    ] {
        assert_eq!(suggested(command).as_deref(), Some(expected), "{command}");
    }
    for command in [
        "bash -c x",
        "sh x",
        "python3 setup.py",
        "python3.11 x",
        "node x.js",
        "sudo cargo fetch",
        "env cargo fetch",
        "xargs cargo fetch",
        "find . -exec cargo fetch +",
        "git -c core.sshCommand=x fetch",
        "git config x y",
        "git fetch origin",
        "npm install left-pad",
        "pip install .",
        "rm -r x",
        "curl https://x",
        "ssh host",
        "make install",
        "cargo run",
        "cargo test",
        "cargo --config x fetch",
        "cargo fetch --config x",
        "npm run build",
        "npx x",
        "./cargo fetch",
        "/usr/bin/cargo fetch",
        "docker run x",
        "timeout 5 cargo fetch",
        "nohup cargo fetch",
        "cargo fetch; npm ci",
        "cargo fetch > x",
        "cargo fetch $X",
        "cd x",
        "",
        "sed e x",
        "awk x",
        "mkfs.ext4 /dev/x",
        "java -jar x",
        "time cargo fetch",
        "eval x",
        ". x",
        "source x",
        "command cargo fetch",
        "7z x a.7z",
    ] {
        assert_eq!(suggested(command), None, "{command}");
    }
}

#[test]
fn always_is_written_behind_what_the_user_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config/rules.toml");
    let mut rules = Rules::load(Some(&path), &[]).unwrap();
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    rules
        .allow_always(&words("cargo fetch"), &[Need::Network])
        .unwrap();
    assert_eq!(
        judge(&rules, "cargo fetch", &["network"]),
        Judgement::Allowed
    );
    expect![[r##"
        # Rules about commands: see docs/rules.md of Ropewalk. Commands that begin with `prefix` may have what `needs` names.

        [[rule]]
        prefix = ["cargo", "fetch"]
        decision = "allow"
        needs = ["network"]
    "##]].assert_eq(&fs::read_to_string(&path).unwrap());

    let mine = "# mine\n[[rule]] # first\nprefix = ['git', \"x\\\"y\"]\ndecision = 'ask' # no line break behind";
    fs::write(&path, mine).unwrap();
    let odd = words("pro\"to\\c é\u{7f}");
    let needs = [Need::Network, Need::Write("/srv/a b".into())];
    rules.allow_always(&odd, &needs).unwrap();
    rules.allow_always(&odd, &needs).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(&format!("{mine}\n\n[[rule]]\n")), "{text}");
    assert_eq!(text.matches("[[rule]]").count(), 2, "{text}");
    let read = file::parse(&path, &text).unwrap();
    assert_eq!(read[1], super::Rule::allowing(&odd, &needs));
    let names: Vec<_> = fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["rules.toml"]);
}

#[test]
fn a_file_that_is_wrong_by_now_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.toml");
    for wrong in ["[[rule]]\n", "rule = []\n"] {
        let mut rules = Rules::load(Some(&path), &[]).unwrap();
        fs::write(&path, wrong).unwrap();
        let error = rules
            .allow_always(&["a".into()], &[Need::Network])
            .unwrap_err();
        assert!(matches!(error, RulesError::Malformed { .. }), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), wrong);
        assert_eq!(judge(&rules, "a", &["network"]), Judgement::Silent);
        fs::remove_file(&path).unwrap();
    }
    let mut rules = Rules::load(None, &[]).unwrap();
    assert!(matches!(
        rules.allow_always(&["a".into()], &[Need::Network]),
        Err(RulesError::NoFile)
    ));
    assert!(matches!(
        Rules::load(Some(folder.path()), &[]),
        Err(RulesError::Read { .. })
    ));
}

#[test]
fn a_linked_file_stays_a_link_and_keeps_its_permissions() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let (path, target) = (
        folder.path().join("rules.toml"),
        folder.path().join("dotfiles"),
    );
    fs::write(&target, "# mine\n").unwrap();
    fs::set_permissions(&target, fs::Permissions::from_mode(0o600)).unwrap();
    symlink("dotfiles", &path).unwrap();
    let mut rules = Rules::load(Some(&path), &[]).unwrap();
    rules.allow_always(&["a".into()], &[Need::Network]).unwrap();
    assert!(path.is_symlink());
    let metadata = fs::metadata(&target).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    assert!(
        fs::read_to_string(&target)
            .unwrap()
            .starts_with("# mine\n\n[[rule]]\n")
    );
}

/// Two tasks may get their yes at the same moment.
#[test]
fn rules_that_are_written_at_the_same_time_are_all_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.toml");
    std::thread::scope(|scope| {
        for number in 0..8 {
            let mut rules = Rules::load(Some(&path), &[]).unwrap();
            scope.spawn(move || {
                rules
                    .allow_always(&[format!("program{number}")], &[Need::Network])
                    .unwrap()
            });
        }
    });
    let rules = Rules::load(Some(&path), &[]).unwrap();
    for number in 0..8 {
        let command = format!("program{number} x");
        assert_eq!(
            judge(&rules, &command, &["network"]),
            Judgement::Allowed,
            "{command}"
        );
    }
}
