//! Search against a naive scan: random files, some open with unsaved text, every line tried on its own.

use std::{collections::BTreeMap, ops::Range};

use fastrand::Rng;
use regex::RegexBuilder;

use super::run;
use crate::{
    Boundary, CaseRule, LineMatch, PatternSyntax, SearchOptions,
    fixture::{Fixture, TestDisk},
};

const PIECES: [&str; 14] = [
    "a", "b", "ab", "aa", "A", " ", ".", "é", "😀", "\n", "\r\n", "\r", "x_a", "É",
];
const PATTERNS: [&str; 16] = [
    "\\s", "b*", "\\s*$", "[^a]$", "a", "ab", "aa", "A", ".", "é", "a.", "a+b?", "^a", "a$",
    "(a|é) ", "[^a ]+",
];

fn random_text(rng: &mut Rng) -> String {
    (0..rng.usize(0..30))
        .map(|_| PIECES[rng.usize(..PIECES.len())])
        .collect()
}

/// Lines as the protocol counts them, found in the most obvious way. The empty line at the very end is not searched.
fn lines(text: &str) -> Vec<String> {
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<String> = unified.split('\n').map(str::to_owned).collect();
    if lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

fn ranges(line: &str, options: &SearchOptions) -> Vec<Range<usize>> {
    let pattern = match options.syntax {
        PatternSyntax::Literal => regex::escape(&options.pattern),
        PatternSyntax::Regex => options.pattern.clone(),
    };
    let insensitive = match options.case {
        CaseRule::Sensitive => false,
        CaseRule::Insensitive => true,
        CaseRule::Smart => !options.pattern.chars().any(char::is_uppercase),
    };
    let regex = RegexBuilder::new(&pattern)
        .case_insensitive(insensitive)
        .build()
        .unwrap();
    regex.find_iter(line).map(|found| found.range()).collect()
}

fn naive(text: &str, options: &SearchOptions) -> Vec<LineMatch> {
    let lines = lines(text);
    let found = lines.iter().enumerate().filter_map(|(number, line)| {
        let ranges = ranges(line, options);
        let after = (number + 1 + options.context_after).min(lines.len());
        (!ranges.is_empty()).then(|| LineMatch {
            line: number,
            text: line.clone(),
            ranges,
            before: lines[number.saturating_sub(options.context_before)..number].to_vec(),
            after: lines[number + 1..after].to_vec(),
        })
    });
    found.take(options.max_lines_per_file).collect()
}

fn random_options(rng: &mut Rng) -> SearchOptions {
    let pattern = PATTERNS[rng.usize(..PATTERNS.len())];
    SearchOptions {
        syntax: [PatternSyntax::Literal, PatternSyntax::Regex][rng.usize(..2)],
        case: [CaseRule::Sensitive, CaseRule::Insensitive, CaseRule::Smart][rng.usize(..3)],
        boundary: Boundary::Anywhere,
        max_lines_per_file: [usize::MAX, 1, 3][rng.usize(..3)],
        context_before: rng.usize(0..3),
        context_after: rng.usize(0..3),
        ..SearchOptions::literal(pattern)
    }
}

#[test]
fn every_search_finds_what_a_naive_scan_finds() {
    compare_with_scan(0..40);
}

#[test]
fn every_search_below_a_folder_held_open_finds_what_a_naive_scan_finds() {
    TestDisk::Folder.run(|| compare_with_scan(40..50));
}

fn compare_with_scan(seeds: Range<u64>) {
    let expected_at_least = 25 * (seeds.end - seeds.start) as usize;
    let mut found_in_all = 0;
    for seed in seeds {
        let mut rng = Rng::with_seed(seed);
        let mut fixture = Fixture::new(&[]);
        let mut texts = BTreeMap::new();
        for number in 0..rng.usize(1..30) {
            let name = format!("file{number:02}");
            let mut text = random_text(&mut rng);
            fixture.write(&name, &text);
            if rng.u8(0..4) == 0 {
                text = random_text(&mut rng);
                fixture.open(&name, &text);
            }
            texts.insert(fixture.path(&name), text);
        }
        for _ in 0..20 {
            let options = random_options(&mut rng);
            let (files, _) = run(&mut fixture, &options);
            let found: Vec<_> = files
                .into_iter()
                .map(|file| (file.path, file.lines))
                .collect();
            let expected: Vec<_> = texts
                .iter()
                .map(|(path, text)| (path.clone(), naive(text, &options)))
                .filter(|(_, lines)| !lines.is_empty())
                .collect();
            assert_eq!(found, expected, "seed {seed}: {options:?}");
            found_in_all += found.len();
        }
    }
    assert!(
        found_in_all > expected_at_least,
        "the texts have too little to find: {found_in_all}"
    );
}
