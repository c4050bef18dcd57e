//! The grammar: every form, quoting, and sentences that are no commands.

use expect_test::{Expect, expect};
use fastrand::Rng;

use super::{Command, parse};

fn check(text: &str, expected: &Expect) {
    let lines: Vec<String> = match parse(text) {
        Ok(commands) => commands
            .iter()
            .map(|command| format!("{command:?}\n"))
            .collect(),
        Err(errors) => errors
            .iter()
            .map(|error| format!("{error} [{}]\n", error.begins_like_one))
            .collect(),
    };
    expected.assert_eq(&lines.concat());
}

#[test]
fn every_form_is_read() {
    check(
        "# First the names.\n\nrename old to new\n  rename `$old` to `$new`  in  src/**/*.{rs,py} \n\
         rewrite foo($A, $$$B) => bar($$$B) in **/*.js\nrewrite `($A) => $B` => `function ($A) { return $B in c }` in `my files/*.js`\n\
         rewrite `a ``b`` c` => `` in *.sh\nrewrite for ($A in $B) {} => x in *.js\nrun cargo test -- --nocapture 'in => to'\n",
        &expect![[r#"
            Rename { old: "old", new: "new", glob: None }
            Rename { old: "$old", new: "$new", glob: Some("src/**/*.{rs,py}") }
            Rewrite { pattern: "foo($A, $$$B)", replacement: "bar($$$B)", glob: "**/*.js" }
            Rewrite { pattern: "($A) => $B", replacement: "function ($A) { return $B in c }", glob: "my files/*.js" }
            Rewrite { pattern: "a `b` c", replacement: "", glob: "*.sh" }
            Rewrite { pattern: "for ($A in $B) {}", replacement: "x", glob: "*.js" }
            Run { command: "cargo test -- --nocapture 'in => to'" }
        "#]],
    );
}

#[test]
fn mistakes_are_told_with_their_place() {
    for (text, expected) in [
        (
            "rename old\nrename old to\nrename\nrename a to b in\nrename a to b in c d",
            expect![[r#"
                line 1, character 11: `to` is missing; it goes `rename OLD to NEW` or `rename OLD to NEW in GLOB` [true]
                line 2, character 14: the new name is missing; it goes `rename OLD to NEW` or `rename OLD to NEW in GLOB` [true]
                line 3, character 7: the old name is missing; it goes `rename OLD to NEW` or `rename OLD to NEW in GLOB` [true]
                line 4, character 17: the glob is missing; it goes `rename OLD to NEW` or `rename OLD to NEW in GLOB` [true]
                line 5, character 20: `d` is too much; it goes `rename OLD to NEW` or `rename OLD to NEW in GLOB` [true]
            "#]],
        ),
        (
            "rewrite a in b\nrewrite a => b\nrewrite => b in c\nrewrite `a => b in c\nrewrite a => b => c in d\nrewrite a => b in c d",
            expect![[r#"
                line 1, character 15: ` => ` is missing; it goes `rewrite PATTERN => REPLACEMENT in GLOB` [true]
                line 2, character 15: ` in GLOB` is missing; it goes `rewrite PATTERN => REPLACEMENT in GLOB` [true]
                line 3, character 18: ` => ` is missing; it goes `rewrite PATTERN => REPLACEMENT in GLOB` [true]
                line 4, character 9: a backtick is not closed [true]
                line 5, character 14: `=>` stands more than once; put the pattern and the replacement in `backticks` [true]
                line 6, character 21: `d` is too much; a glob has no spaces; it goes `rewrite PATTERN => REPLACEMENT in GLOB` [true]
            "#]],
        ),
        (
            "run\nrename a to b\nRename a to b\nrun the tests",
            expect![[r#"
                line 1, character 4: the command is missing; it goes `run COMMAND`, such as `run cargo test` [true]
                line 3, character 1: this is no command; commands begin with rename, rewrite or run [false]
                line 4, character 5: `the` is taken for a word of a sentence and not for a program; write the command itself, such as `run cargo test` [true]
            "#]],
        ),
    ] {
        check(text, &expected);
    }
}

#[test]
fn sentences_are_no_commands() {
    for text in [
        "rename the function foo to bar please",
        "rename foo to bar please",
        "Rename foo to bar",
        "rename foo into bar",
        "rewrite the parser in Rust",
        "rewrite this => that",
        "run the tests and fix what fails",
        "run all tests",
        "please rename foo to bar",
        "renamed foo to bar",
        "Fix the failing test.\nrename foo to bar",
        "what does `rename a to b` do?",
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_command_that_is_shown_is_read_again_as_the_same() {
    const PIECES: &[&str] = &[
        "a", "$A", "`", "=>", " => ", " in ", " ", "(", ")", "foo", "{ x }", "to", "ü",
    ];
    let mut random = Rng::with_seed(1);
    for _ in 0..3_000 {
        let mut piece = |least: usize| {
            let count = random.usize(least..7);
            (0..count)
                .map(|_| PIECES[random.usize(..PIECES.len())])
                .collect::<String>()
        };
        let command = Command::Rewrite {
            pattern: format!("{}x", piece(0)),
            replacement: piece(0),
            glob: "**/*.rs".into(),
        };
        assert_eq!(
            parse(&command.to_string()),
            Ok(vec![command.clone()]),
            "{command}"
        );
    }
}

#[test]
fn any_text_is_read_without_a_panic() {
    const PIECES: &[&str] = &[
        "rename", "rewrite", "run", " ", "  ", "to", "in", "=>", "`", "``", "a", "é", "\n", "#",
        "\t", "\u{a0}",
    ];
    let mut random = Rng::with_seed(2);
    for _ in 0..20_000 {
        let text: String = (0..random.usize(..14))
            .map(|_| PIECES[random.usize(..PIECES.len())])
            .collect();
        if let Err(errors) = parse(&text) {
            let lines: Vec<&str> = text.lines().collect();
            for error in errors {
                let line = lines[error.line - 1].chars().count();
                assert!((1..=line + 1).contains(&error.column), "{text:?}: {error}");
            }
        }
    }
}
