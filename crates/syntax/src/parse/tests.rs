//! A tree kept up with edits is the tree parsed anew, and limits and tokens end a parse.

mod hostile;

use std::time::Duration;

use text::{ChangeSet, Text};

use super::parse;
use crate::test_support::{Random, SPLINTERS, dump, parse_on_top_of, parse_without_limits, sample};
use crate::{Cancel, Language, NoTree, ParseLimits, Stopped};

/// One to three replacements: pieces go, splinters and pieces of the text come.
fn random_change(random: &mut Random, text: &str) -> ChangeSet {
    let mut change = ChangeSet::identity(text.len());
    let mut current = text.to_string();
    for _ in 0..=random.below(3) {
        let start = current.floor_char_boundary(random.below(current.len() + 1));
        let longest = [0, 0, 3, 40][random.below(4)];
        let end = current
            .floor_char_boundary((start + longest).min(current.len()))
            .max(start);
        let insert = match random.below(3) {
            0 => random.piece(text, 30).to_string(),
            1 => random.pick(SPLINTERS).to_string(),
            _ => String::new(),
        };
        let step = ChangeSet::replacement(current.len(), start..end, &insert);
        current.replace_range(start..end, &insert);
        change = change.compose(&step).unwrap();
    }
    change
}

/// Where the code is broken, the parser picks the cheapest repair it comes across, and which ones it
/// comes across depends on the nodes it could keep: trees of broken code may differ, if rarely.
#[test]
fn a_tree_kept_up_with_edits_is_the_tree_parsed_anew() {
    let (mut broken, mut repaired_otherwise) = (0, 0);
    for language in Language::all() {
        for seed in 0..12 {
            let mut random = Random::new(seed);
            let mut text = Text::from(sample(language).0);
            let mut tree = parse_without_limits(language, &text);
            for _ in 0..25 {
                let before = text.to_string();
                let change = random_change(&mut random, &before);
                text.apply(&change).unwrap();
                tree = parse_on_top_of(language, &text, Some((&tree, &change)));
                let anew = parse_without_limits(language, &text);
                let is_same = dump(&tree) == dump(&anew);
                let is_broken = tree.has_errors() && anew.has_errors();
                assert!(is_same || is_broken, "{language:?}: {before:?} {change:?}");
                broken += usize::from(is_broken);
                repaired_otherwise += usize::from(!is_same);
            }
        }
    }
    assert!(
        repaired_otherwise * 100 < broken,
        "{repaired_otherwise} of {broken} broken texts have another tree"
    );
}

#[test]
fn a_tree_built_on_another_language_or_text_is_the_tree_parsed_anew() {
    let rust = Text::from("fn f() {}");
    let tree = parse_without_limits(language("rust"), &rust);
    let unrelated = ChangeSet::replacement(4, 0..4, "x");
    let wrong_length = ChangeSet::replacement(rust.len_bytes(), 0..2, "pub fn");
    let identity = ChangeSet::identity(rust.len_bytes());
    let cases = [
        ("rust", unrelated),
        ("rust", wrong_length),
        ("python", identity),
    ];
    for (id, change) in cases {
        let kept_up = parse_on_top_of(language(id), &rust, Some((&tree, &change)));
        let anew = parse_without_limits(language(id), &rust);
        assert_eq!(dump(&kept_up), dump(&anew));
    }
}

#[test]
fn a_tree_keeps_its_text_and_language() {
    let text = Text::from("def f(): pass");
    let tree = parse_without_limits(language("python"), &text);
    assert_eq!((tree.text(), tree.language()), (&text, language("python")));
    assert!(!tree.has_errors());
    assert!(parse_without_limits(language("python"), &Text::from("def def")).has_errors());
}

#[test]
fn a_text_over_the_limit_has_no_tree() {
    let limits = ParseLimits {
        max_bytes: 8,
        ..ParseLimits::default()
    };
    let parse = |code: &str| {
        let outcome = parse(
            language("json"),
            &Text::from(code),
            None,
            &limits,
            &Cancel::new(),
        );
        outcome.map(|tree| tree.has_errors())
    };
    assert_eq!(parse("[1, 2,3]"), Ok(false));
    assert_eq!(
        parse("[1, 2, 3]"),
        Err(NoTree::TooLarge {
            bytes: 9,
            max_bytes: 8
        })
    );
}

#[test]
fn a_parse_ends_by_its_token_and_its_time() {
    let code = Text::from("x = [1, 2, 3]\n".repeat(50_000));
    let parse = |timeout, cancel: &Cancel| {
        let limits = ParseLimits {
            max_bytes: usize::MAX,
            timeout,
        };
        parse(language("python"), &code, None, &limits, cancel).err()
    };
    let cancelled = Cancel::new();
    cancelled.clone().cancel();
    assert_eq!(
        parse(Duration::MAX, &cancelled),
        Some(Stopped::Cancelled.into())
    );
    assert_eq!(
        parse(Duration::ZERO, &Cancel::new()),
        Some(Stopped::TimedOut.into())
    );
    assert_eq!(
        parse(Duration::from_millis(1), &Cancel::new()),
        Some(Stopped::TimedOut.into())
    );
    let cancel = Cancel::new();
    let outcome = std::thread::scope(|scope| {
        let running = scope.spawn(|| parse(Duration::MAX, &cancel));
        cancel.cancel();
        running.join().unwrap()
    });
    assert_eq!(outcome, Some(Stopped::Cancelled.into()));
}

#[test]
fn one_token_as_long_as_the_text_is_left_when_time_is_over() {
    let code = Text::from(format!("/* {}", "rope ".repeat(400_000)));
    let limits = ParseLimits {
        max_bytes: usize::MAX,
        timeout: Duration::from_micros(500),
    };
    let outcome = parse(language("c"), &code, None, &limits, &Cancel::new());
    assert_eq!(outcome.err(), Some(Stopped::TimedOut.into()));
}

fn language(id: &str) -> Language {
    Language::from_id(id).unwrap()
}
