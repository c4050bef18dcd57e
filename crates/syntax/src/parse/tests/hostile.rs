//! Input made to stall or break parsers: every language either has a tree of it or stops in time, and
//! every question to the tree is answered or stops.

use std::sync::mpsc;
use std::time::Duration;

use text::{ChangeSet, Text};

use crate::test_support::{Random, SPLINTERS, sample};
use crate::{Cancel, Language, ParseLimits, QueryLimits, SyntaxTree, parse};

/// Parses with a short time limit, asks the tree everything, edits it and parses again.
fn survive(language: Language, code: &str) {
    let limits = ParseLimits {
        timeout: Duration::from_millis(10),
        ..ParseLimits::default()
    };
    let text = Text::from(code);
    let Ok(tree) = parse(language, &text, None, &limits, &Cancel::new()) else {
        return;
    };
    ask_everything(&tree);
    let middle = text.floor_char_boundary(text.len_bytes() / 2);
    let change = ChangeSet::replacement(text.len_bytes(), middle..middle, "(\n\"");
    let mut edited = text.clone();
    edited.apply(&change).unwrap();
    if let Ok(tree) = parse(
        language,
        &edited,
        Some((&tree, &change)),
        &limits,
        &Cancel::new(),
    ) {
        ask_everything(&tree);
    }
}

fn ask_everything(tree: &SyntaxTree) {
    let (limits, cancel) = (
        QueryLimits {
            timeout: Duration::from_millis(10),
        },
        Cancel::new(),
    );
    let length = tree.text().len_bytes();
    // An answer or a stop: both are well, as long as they come.
    let _ = tree.symbols(0..length, &limits, &cancel);
    let _ = tree.scopes(0..length, &limits, &cancel);
    let _ = tree.comments_and_strings(0..length, &limits, &cancel);
    for offset in [0, length / 2, length] {
        let _ = tree.enclosing_scopes(offset, &limits, &cancel);
        let _ = tree.kind_at(offset, &limits, &cancel);
    }
}

/// Runs `work` for every language on a thread with the stack of a worker thread. The wait is no
/// measure of speed: it is there to name the language and input of an endless loop.
fn for_every_language(work: impl Fn(Language, &dyn Fn(String)) + Clone + Send + 'static) {
    for language in Language::all() {
        let (sender, receiver) = mpsc::channel();
        let work = work.clone();
        let thread = std::thread::Builder::new().stack_size(2 << 20);
        let running = thread.spawn(move || {
            work(language, &|input| {
                sender.send(input).expect("the test is waiting")
            });
        });
        let running = running.expect("a thread can be started");
        let mut last = String::new();
        loop {
            match receiver.recv_timeout(Duration::from_secs(120)) {
                Ok(input) => last = input,
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("{language:?} hangs at {last:?}"),
            }
        }
        if running.join().is_err() {
            panic!("{language:?} panics at {last:?}");
        }
    }
}

#[test]
fn deep_nesting() {
    const OPENERS: &[&str] = &[
        "[",
        "(",
        "{",
        "<",
        "\"",
        "/*",
        "{\"a\":",
        "f(",
        "!",
        "- ",
        "> ",
        "<a>",
        "${",
        "`${",
        "\"#{",
        "\"\\(",
        "f\"{",
        "$(",
        "if a {",
        "a ? b : ",
        "a + ",
        "a.",
        "a[",
        "x => ",
        "fn f() {",
        "class A {",
        "begin ",
        "#if A\n",
        "<<A\n",
        "[a](",
        "**",
        "a: ",
        "\n",
        "\0",
        "do {",
        "case 1: ",
    ];
    for_every_language(|language, report| {
        for opener in OPENERS {
            for count in [2_000, 100_000] {
                report(format!("{opener:?} {count} times"));
                survive(language, &opener.repeat(count));
            }
        }
    });
}

#[test]
fn a_tree_of_great_depth_is_asked_and_dropped_on_a_small_stack() {
    for_every_language(|language, report| {
        let code = "[".repeat(20_000) + &"]".repeat(20_000);
        report("20 000 brackets in each other".to_string());
        let limits = ParseLimits {
            timeout: Duration::from_secs(2),
            ..ParseLimits::default()
        };
        if let Ok(tree) = parse(language, &Text::from(code), None, &limits, &Cancel::new()) {
            ask_everything(&tree);
        }
    });
}

#[test]
fn scanners_are_spared_what_they_cannot_take() {
    let bash = Language::from_id("bash").unwrap();
    for character in ["\u{80}", "é", "中", "😀", "\u{fffff}", "\u{10ffff}"] {
        for before in ["{", "{1", "{1..", "{1..2", "echo {"] {
            survive(bash, &format!("{before}{character}}}\n"));
        }
    }
    let yaml = Language::from_id("yaml").unwrap();
    for level in ["- ", "? ", ": ", "a: ", "- a: ", "- - "] {
        survive(yaml, &level.repeat(600));
        let lines = (0..600).map(|depth| format!("{}{level}\n", " ".repeat(depth)));
        survive(yaml, &lines.collect::<String>());
    }
}

#[test]
fn deepening_indentation() {
    let lines = |line: &str| {
        (0..400)
            .map(|depth| " ".repeat(depth) + line + "\n")
            .collect::<String>()
    };
    let texts = [
        "if a:", "a:", "- a", "> a", "a {", "1. a", "class A:", "else",
    ]
    .map(lines);
    for_every_language(move |language, report| {
        for code in &texts {
            report(code[..20].to_string());
            survive(language, code);
        }
    });
}

#[test]
fn one_huge_line_and_huge_tokens() {
    for_every_language(|language, report| {
        let (code, _) = sample(language);
        let line = code.replace(['\n', '\r'], " ");
        report("the sample as one line".to_string());
        survive(language, &line.repeat(1_500_000 / line.len()));
        for unit in [
            "a", "9", " ", "\t", "#", "中", "😀", "a ", "\\n", "<", "=", "_-",
        ] {
            report(format!("{unit:?} for long"));
            survive(language, &unit.repeat(400_000 / unit.len()));
        }
    });
}

#[test]
fn random_bytes_read_as_text() {
    for_every_language(|language, report| {
        for seed in 0..30 {
            report(format!("seed {seed}"));
            let mut random = Random::new(seed);
            let length = [10, 300, 20_000][seed as usize % 3];
            let bytes: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
            survive(language, &String::from_utf8_lossy(&bytes));
            let ascii: String = bytes.iter().map(|byte| char::from(byte & 0x7f)).collect();
            survive(language, &ascii);
        }
    });
}

#[test]
fn samples_in_splinters() {
    for_every_language(|language, report| {
        let (code, _) = sample(language);
        for seed in 0..150 {
            report(format!("seed {seed}"));
            let mut random = Random::new(seed);
            let mut splintered = String::new();
            while splintered.len() < 1500 {
                let longest = [4, 20, 200][random.below(3)];
                splintered += random.piece(&code, longest);
                splintered += random.pick(SPLINTERS);
            }
            survive(language, &splintered);
        }
    });
}
