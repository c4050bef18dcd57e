//! Merges against `git merge-file`, which every user trusts, and against the regions' own laws.

use std::fs;
use std::path::Path;
use std::process::Command;

use expect_test::{Expect, expect};

use super::*;
use crate::random::Random;

#[test]
fn verdicts_and_clean_texts_are_those_of_git() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut clean = 0;
    for seed in 0..400 {
        let mut random = Random::new(seed);
        // Of fewer kinds of lines several differences are equally short, and git takes another one
        // in about one of a thousand merges.
        let kinds = *random.pick(&[20, 60, 1000]);
        let base = lines(&mut random, kinds);
        let ours = edited(&mut random, &base, kinds);
        let theirs = edited(&mut random, &base, kinds);
        let expected = git_merge(folder.path(), &base, &ours, &theirs);
        let merged = merge(&base, &ours, &theirs).text();
        assert_eq!(
            merged, expected,
            "seed {seed}: {base:?}, {ours:?}, {theirs:?}"
        );
        clean += usize::from(expected.is_some());
    }
    assert!(
        (150..350).contains(&clean),
        "both verdicts must be tried often, {clean} were clean"
    );
}

#[test]
fn regions_cover_the_three_texts_and_say_who_changed_what() {
    for seed in 0..1500 {
        let mut random = Random::new(seed);
        let base = hostile_lines(&mut random, 20);
        let ours = changed(&mut random, &base);
        let theirs = changed(&mut random, &base);
        assert_regions(&merge(&base, &ours, &theirs), [&base, &ours, &theirs], seed);
        let hasty = merge_within(&base, &ours, &theirs, Duration::ZERO);
        assert_regions(&hasty, [&base, &ours, &theirs], seed);
    }
}

#[test]
fn the_sides_can_change_places() {
    for seed in 0..500 {
        let mut random = Random::new(seed);
        let base = hostile_lines(&mut random, 20);
        let ours = changed(&mut random, &base);
        let theirs = changed(&mut random, &base);
        let swapped = merge(&base, &theirs, &ours)
            .regions
            .into_iter()
            .map(|region| MergeRegion {
                kind: match region.kind {
                    RegionKind::Ours => RegionKind::Theirs,
                    RegionKind::Theirs => RegionKind::Ours,
                    kind => kind,
                },
                base: region.base,
                ours: region.theirs,
                theirs: region.ours,
            });
        assert_eq!(
            merge(&base, &ours, &theirs).regions,
            swapped.collect::<Vec<_>>(),
            "seed {seed}"
        );
    }
}

#[test]
fn one_sided_and_equal_changes_merge_clean() {
    for seed in 0..500 {
        let mut random = Random::new(seed);
        let base = hostile_lines(&mut random, 20);
        let changed = changed(&mut random, &base);
        let expected = Some(changed.clone());
        assert_eq!(
            merge(&base, &changed, &base).text(),
            expected,
            "seed {seed}"
        );
        assert_eq!(
            merge(&base, &base, &changed).text(),
            expected,
            "seed {seed}"
        );
        assert_eq!(
            merge(&base, &changed, &changed).text(),
            expected,
            "seed {seed}"
        );
    }
}

#[test]
fn conflicts_stand_between_markers() {
    check_render(
        ["a\nb\nc\n", "a\nB\nc\nd\n", "A\nBB\nc\n"],
        expect![[r#"
            <<<<<<< document
            a
            B
            =======
            A
            BB
            >>>>>>> proposal
            c
            d
        "#]],
    );
}

#[test]
fn the_base_stands_between_the_sides_when_it_has_a_label() {
    let merge = merge("a\nb\n", "a\nours\n", "a\n");
    let labels = ConflictLabels {
        ours: "ours",
        base: Some("two\nlines"),
        theirs: "",
    };
    expect![[r#"
        a
        <<<<<<< ours
        ours
        ||||||| two lines
        b
        =======
        >>>>>>>
    "#]]
    .assert_eq(&merge.render(&labels));
}

#[test]
fn markers_take_the_line_breaks_of_the_text_and_a_missing_one_is_added() {
    let merge = merge("a\r\nb", "a\r\nours", "a\r\ntheirs");
    let labels = ConflictLabels {
        ours: "o",
        base: None,
        theirs: "t",
    };
    let expected = "a\r\n<<<<<<< o\r\nours\r\n=======\r\ntheirs\r\n>>>>>>> t\r\n";
    assert_eq!(merge.render(&labels), expected);
    assert_eq!((merge.text(), merge.change_of_ours()), (None, None));
}

#[track_caller]
fn check_render([base, ours, theirs]: [&str; 3], expect: Expect) {
    let labels = ConflictLabels {
        ours: "document",
        base: None,
        theirs: "proposal",
    };
    expect.assert_eq(&merge(base, ours, theirs).render(&labels));
}

fn assert_regions(merge: &Merge<'_>, texts: [&String; 3], seed: u64) {
    let mut ends = (0, 0, 0);
    let mut joined = [String::new(), String::new(), String::new()];
    for region in merge.regions() {
        assert_eq!(
            ends,
            (region.base.start, region.ours.start, region.theirs.start),
            "seed {seed}"
        );
        ends = (region.base.end, region.ours.end, region.theirs.end);
        let parts = [
            merge.base_text(region),
            merge.our_text(region),
            merge.their_text(region),
        ];
        joined
            .iter_mut()
            .zip(parts)
            .for_each(|(text, part)| text.push_str(part));
        let [base, ours, theirs] = parts;
        let expected = match (ours == base, theirs == base, ours == theirs) {
            (true, true, _) => RegionKind::Unchanged,
            (false, true, _) => RegionKind::Ours,
            (true, false, _) => RegionKind::Theirs,
            (false, false, true) => RegionKind::Both,
            (false, false, false) => RegionKind::Conflict,
        };
        assert_eq!(region.kind, expected, "seed {seed}: {parts:?}");
    }
    for pair in merge.regions().windows(2) {
        let unchanged = pair
            .iter()
            .filter(|region| region.kind == RegionKind::Unchanged)
            .count();
        assert_eq!(
            unchanged, 1,
            "changes that touch are one region, seed {seed}"
        );
    }
    assert_eq!(joined.each_ref(), texts, "seed {seed}");
    assert_eq!(merge.text().is_some(), merge.is_clean());
    if let (Some(text), Some(change)) = (merge.text(), merge.change_of_ours()) {
        assert_eq!(change.apply(texts[1]), Ok(text), "seed {seed}");
    }
}

fn hostile_lines(random: &mut Random, count: usize) -> String {
    let ends = ["\n", "\n", "\r\n", "\r"];
    let line = |random: &mut Random| format!("{}{}", random.below(30), random.pick(&ends));
    let text: String = (0..random.below(count)).map(|_| line(random)).collect();
    text + &random.text(2)
}

fn changed(random: &mut Random, text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..random.below(4) {
        let start = random.range(&text).start;
        let mut end = (start + random.below(6)).min(text.len());
        while !text.is_char_boundary(end) {
            end += 1;
        }
        let new = hostile_lines(random, 3);
        text.replace_range(start..end, &new);
    }
    text
}

/// Up to 25 lines of which `kinds` are different, with either line break and sometimes no last one.
fn lines(random: &mut Random, kinds: usize) -> String {
    let end = *random.pick(&["\n", "\n", "\r\n"]);
    let mut text: String = (0..random.below(25))
        .map(|_| format!("line {}{end}", random.below(kinds)))
        .collect();
    if random.once_in(5) {
        text.truncate(text.trim_end().len());
    }
    text
}

fn edited(random: &mut Random, base: &str, kinds: usize) -> String {
    let mut lines: Vec<String> = base.split_inclusive('\n').map(str::to_owned).collect();
    let end = if base.contains("\r\n") { "\r\n" } else { "\n" };
    for _ in 0..random.below(4) {
        let start = random.below(lines.len() + 1);
        let stop = (start + random.below(3)).min(lines.len());
        let new = (0..random.below(3)).map(|_| format!("line {}{end}", random.below(kinds + 3)));
        let new: Vec<String> = new.collect();
        lines.splice(start..stop, new);
    }
    let mut text = lines.concat();
    match random.below(12) {
        0 => text.truncate(text.trim_end().len()),
        1 => text = text.replace("\r\n", "\n"),
        _ => {}
    }
    text
}

/// `git merge-file`: the clean text, or `None` for a conflict.
fn git_merge(folder: &Path, base: &str, ours: &str, theirs: &str) -> Option<String> {
    for (name, text) in [("base", base), ("ours", ours), ("theirs", theirs)] {
        fs::write(folder.join(name), text).expect("the folder is writable");
    }
    let output = Command::new("git")
        .args(["merge-file", "--stdout", "ours", "base", "theirs"])
        .current_dir(folder)
        .output()
        .expect("git is the oracle of this test: install git and have it in PATH");
    match output.status.code() {
        Some(0) => Some(String::from_utf8(output.stdout).expect("the inputs were UTF-8")),
        Some(1..=127) => None,
        _ => panic!(
            "git merge-file failed: {}",
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}
