//! Searches over unsaved and saved text, against a naive scan and against limits.

mod oracle;

use std::ops::ControlFlow;

use expect_test::{Expect, expect};

use super::{
    Boundary, CancellationFlag, CaseRule, End, FileMatches, SearchError, SearchOptions,
    SearchOutcome,
};
use crate::{
    WalkOptions,
    fixture::{Fixture, on_every_disk},
};

on_every_disk![
    unsaved_text_is_searched_and_secrets_are_not,
    case_words_and_expressions_are_as_asked,
    lines_are_those_of_the_editor_whatever_ends_them,
    context_ends_with_the_file,
    only_the_files_asked_for_are_searched,
    limits_keep_the_first_matches,
    files_that_cannot_be_searched_are_counted,
    a_search_stops_when_it_is_told_to,
];

fn run(fixture: &mut Fixture, options: &SearchOptions) -> (Vec<FileMatches>, SearchOutcome) {
    let mut files = Vec::new();
    let outcome = fixture
        .snapshot()
        .search(options, &CancellationFlag::default(), |file| {
            files.push(file);
            ControlFlow::Continue(())
        })
        .unwrap();
    (files, outcome)
}

/// The matches as `path:line:text`, each match in angle brackets, the lines around it indented.
fn check(fixture: &mut Fixture, options: &SearchOptions, expected: Expect) {
    let (files, _) = run(fixture, options);
    let mut lines = String::new();
    for file in files {
        let path = file
            .path
            .strip_prefix(fixture.root())
            .unwrap()
            .display()
            .to_string();
        for found in file.lines {
            let mut marked = found.text.clone();
            for range in found.ranges.iter().rev() {
                marked.insert(range.end, '>');
                marked.insert(range.start, '<');
            }
            let around =
                |lines: &[String]| lines.iter().map(|line| format!("  {line}\n")).collect();
            let (before, after): (String, String) = (around(&found.before), around(&found.after));
            lines += &format!("{before}{path}:{}:{marked}\n{after}", found.line);
        }
    }
    expected.assert_eq(&lines);
}

fn unsaved_text_is_searched_and_secrets_are_not() {
    let mut fixture = Fixture::new(&[
        (".env", "needle"),
        (".gitignore", "ignored"),
        ("ignored", "needle"),
        ("open.rs", "needle on disk"),
        ("saved.rs", "one\ntwo needles, needle\n"),
    ]);
    fixture.open("open.rs", "unsaved needle");
    fixture.open("new.rs", "new needle");
    fixture.open("secrets.json", "needle");
    check(
        &mut fixture,
        &SearchOptions::literal("needle"),
        expect![[r#"
            open.rs:0:unsaved <needle>
            saved.rs:1:two <needle>s, <needle>
            new.rs:0:new <needle>
        "#]],
    );
}

fn case_words_and_expressions_are_as_asked() {
    let mut fixture = Fixture::new(&[("a", "Foo foo food f.o\n"), ("b", "FOO\n")]);
    let literal = SearchOptions::literal("foo");
    let cases = [
        literal.clone(),
        SearchOptions {
            case: CaseRule::Insensitive,
            ..literal.clone()
        },
        SearchOptions {
            case: CaseRule::Smart,
            ..SearchOptions::literal("Foo")
        },
        SearchOptions {
            case: CaseRule::Smart,
            ..literal.clone()
        },
        SearchOptions {
            boundary: Boundary::Word,
            ..literal
        },
        SearchOptions::literal("f.o"),
        SearchOptions::regex("f.o$"),
    ];
    let expected = [
        expect![["a:0:Foo <foo> <foo>d f.o\n"]],
        expect![["a:0:<Foo> <foo> <foo>d f.o\nb:0:<FOO>\n"]],
        expect![["a:0:<Foo> foo food f.o\n"]],
        expect![["a:0:<Foo> <foo> <foo>d f.o\nb:0:<FOO>\n"]],
        expect![["a:0:Foo <foo> food f.o\n"]],
        expect![["a:0:Foo foo food <f.o>\n"]],
        expect![["a:0:Foo foo food <f.o>\n"]],
    ];
    for (options, expected) in cases.iter().zip(expected) {
        check(&mut fixture, options, expected);
    }
}

fn lines_are_those_of_the_editor_whatever_ends_them() {
    let mut fixture = Fixture::new(&[("a", "x\rhit\r\nx\n\rhit\r"), ("b", "hit\u{2028}hit\u{c}")]);
    let options = SearchOptions {
        context_before: 1,
        context_after: 1,
        ..SearchOptions::regex("^hit$")
    };
    check(
        &mut fixture,
        &options,
        expect![[r#"
              x
            a:1:<hit>
              x
              
            a:4:<hit>
        "#]],
    );
}

fn context_ends_with_the_file() {
    let mut fixture = Fixture::new(&[("a", "1\n2\nhit 3\nhit 4\n5\n6")]);
    let options = SearchOptions {
        context_before: 3,
        context_after: 1,
        ..SearchOptions::literal("hit")
    };
    check(
        &mut fixture,
        &options,
        expect![[r#"
              1
              2
            a:2:<hit> 3
              hit 4
              1
              2
              hit 3
            a:3:<hit> 4
              5
        "#]],
    );
}

fn only_the_files_asked_for_are_searched() {
    let mut fixture = Fixture::new(&[("src/a.rs", "hit"), ("src/b.c", "hit"), ("doc/c.rs", "hit")]);
    let files = WalkOptions {
        under: Some(fixture.path("src")),
        globs: vec!["*.rs".to_owned()],
        ..WalkOptions::default()
    };
    let options = SearchOptions {
        files,
        ..SearchOptions::literal("hit")
    };
    check(&mut fixture, &options, expect![["src/a.rs:0:<hit>\n"]]);
}

fn limits_keep_the_first_matches() {
    let files: Vec<(String, &str)> = (0..600)
        .map(|number| (format!("file{number:03}"), "hit\nhit\nhit\n"))
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), *text))
        .collect();
    let mut fixture = Fixture::new(&files);
    let options = SearchOptions {
        max_lines: 3,
        max_lines_per_file: 2,
        ..SearchOptions::literal("hit")
    };
    check(
        &mut fixture,
        &options,
        expect![[r#"
            file000:0:<hit>
            file000:1:<hit>
            file001:0:<hit>
        "#]],
    );
    assert_eq!(run(&mut fixture, &options).1.end, End::LimitReached);
    let all = SearchOptions {
        max_lines: 1800,
        ..SearchOptions::literal("hit")
    };
    let (files, outcome) = run(&mut fixture, &all);
    assert_eq!(
        files.iter().map(|file| file.lines.len()).sum::<usize>(),
        1800
    );
    assert!(files.is_sorted_by(|a, b| a.path < b.path));
    let complete = SearchOutcome {
        files_searched: 600,
        files_passed_by: 0,
        end: End::Complete,
    };
    assert_eq!(outcome, complete);
}

fn files_that_cannot_be_searched_are_counted() {
    let mut fixture = Fixture::new(&[
        ("binary", "hit\0"),
        ("large", "hit, but too much"),
        ("a", "hit"),
    ]);
    let options = SearchOptions {
        max_file_bytes: 10,
        ..SearchOptions::literal("hit")
    };
    let (files, outcome) = run(&mut fixture, &options);
    assert_eq!(files.len(), 1);
    assert_eq!(
        outcome,
        SearchOutcome {
            files_searched: 1,
            files_passed_by: 2,
            end: End::Complete
        }
    );
}

fn a_search_stops_when_it_is_told_to() {
    let mut fixture = Fixture::new(&[("a", "hit"), ("b", "hit"), ("c", "hit")]);
    let snapshot = fixture.snapshot();
    let options = SearchOptions::literal("hit");
    let flag = CancellationFlag::default();
    let mut seen = 0;
    let outcome = snapshot
        .search(&options, &flag, |_| {
            seen += 1;
            flag.set();
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!((seen, outcome.end), (1, End::Stopped));
    let outcome = snapshot
        .search(&options, &CancellationFlag::default(), |_| {
            ControlFlow::Break(())
        })
        .unwrap();
    assert_eq!((outcome.files_searched, outcome.end), (1, End::Stopped));
}

#[test]
fn a_pattern_that_cannot_match_a_line_is_refused() {
    let mut fixture = Fixture::new(&[]);
    for options in [
        SearchOptions::regex("a("),
        SearchOptions::regex("a\\nb"),
        SearchOptions::literal("a\nb"),
    ] {
        let result = fixture
            .snapshot()
            .search(&options, &CancellationFlag::default(), |_| {
                ControlFlow::Continue(())
            });
        assert!(
            matches!(result, Err(SearchError::Pattern { .. })),
            "{:?}",
            options.pattern
        );
    }
}
