//! Mentions: what counts as one, what it is told as, and that the message is found again.

use expect_test::expect;

use super::*;

fn mentionable() -> Mentionable {
    let diagnostic = |line, message: &str| Diagnostic {
        path: "/desk/src/a.rs".into(),
        place: agent::world::Place { line, column: 5 },
        severity: Severity::Error,
        source: Some("rustc".into()),
        message: message.into(),
    };
    Mentionable {
        links: Links {
            folders: vec!["/desk".into()],
        },
        selection: Some(Selected {
            path: "/desk/src/a.rs".into(),
            lines: (3, 4),
            text: "let a = `1`;\nlet b;\n".into(),
        }),
        diagnostics: vec![diagnostic(3, "no type"), diagnostic(9, "unused\nreally")],
    }
}

#[test]
fn mentions_are_told_with_the_message_and_the_message_is_found_again() {
    let message =
        "Why does @selection fail? See @diagnostics, (@diff). Ask me@diff.example about @nothing.";
    let input = expand(message, &mentionable());
    expect![[r#"
        Why does @selection fail? See @diagnostics, (@diff). Ask me@diff.example about @nothing.

        What `@…` in this message means:
        - `@selection`: `src/a.rs`, lines 3 to 4:

        ```
        let a = `1`;
        let b;
        ```

        - `@diagnostics`:
          - src/a.rs:3:5 error (rustc): no type
          - src/a.rs:9:5 error (rustc): unused
            really
        - `@diff`: what the user has changed and not committed. See it with `git status --short` and `git diff HEAD`."#]]
    .assert_eq(&input);
    assert_eq!(message_of(&input), message);
}

#[test]
fn a_message_without_mentions_is_told_as_it_is() {
    let message = "No mention: a@b, @ , @.";
    assert_eq!(expand(message, &mentionable()), message);
    assert_eq!(message_of(message), message);
}

#[test]
fn a_mention_is_completed_from_its_at_sign_on() {
    assert_eq!(being_written("see @sr"), Some(4..7));
    assert_eq!(being_written("see (@"), Some(5..6));
    assert_eq!(being_written("mail a@b"), None);
    assert_eq!(being_written("@src a"), None);
    assert_eq!(being_written("nothing"), None);
}

#[test]
fn the_name_counts_before_the_way_to_it() {
    let mut names = vec!["main/other.rs", "src/domain.rs", "src/main.rs", "x.rs"];
    names.retain(|name| fitness(name, "Main").is_some());
    names.sort_by_key(|name| fitness(name, "Main"));
    assert_eq!(names, ["src/main.rs", "main/other.rs", "src/domain.rs"]);
}
