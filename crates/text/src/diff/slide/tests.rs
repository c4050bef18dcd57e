//! Hunks put where they belong, from placements a search may come up with.

use std::time::Instant;

use super::*;
use crate::random::Random;

#[test]
fn a_change_among_equal_lines_goes_down_as_far_as_it_can() {
    check("7 16 7 15", "7 15", &[(0..2, 0..0)], &[(1..3, 1..1)]);
    check("a b c", "a b b c", &[(1..1, 1..2)], &[(2..2, 2..3)]);
    check("x x x", "x", &[(0..2, 0..0)], &[(1..3, 1..1)]);
}

#[test]
fn a_change_stops_where_it_meets_one_of_the_other_text() {
    let apart = [(1..2, 1..1), (3..3, 2..3)];
    check("k a a a b", "k a c a b", &apart, &[(2..3, 2..3)]);
}

#[test]
fn changes_that_run_into_each_other_become_one_and_go_on() {
    check(
        "a b a b a c",
        "a c",
        &[(0..2, 0..0), (3..5, 1..1)],
        &[(1..5, 1..1)],
    );
}

#[test]
fn a_slid_difference_is_still_one_and_of_the_same_size() {
    for seed in 0..3000 {
        let mut random = Random::new(seed);
        let old = few_kinds(&mut random);
        let new = few_kinds(&mut random);
        let (old, new) = (Tokens::lines(&old), Tokens::lines(&new));
        let hunks = some_difference(&mut random, &old, &new);
        let slid = slide(&old, &new, &hunks, None);
        assert_eq!(size(&slid), size(&hunks), "seed {seed}");
        assert_eq!(
            rebuilt(&old, &new, &slid),
            new.text(0..new.len()),
            "seed {seed}"
        );
        let late = slide(&old, &new, &hunks, Some(Instant::now()));
        assert_eq!(
            rebuilt(&old, &new, &late),
            new.text(0..new.len()),
            "seed {seed}"
        );
    }
}

#[track_caller]
fn check(old: &str, new: &str, hunks: &[Hunk], expected: &[Hunk]) {
    let lines = |text: &str| {
        text.split(' ')
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    let (old, new) = (lines(old), lines(new));
    assert_eq!(
        slide(&Tokens::lines(&old), &Tokens::lines(&new), hunks, None),
        expected
    );
}

fn few_kinds(random: &mut Random) -> String {
    (0..random.below(20))
        .map(|_| *random.pick(&["a\n", "a\n", "b\n", "c\n"]))
        .collect()
}

/// Pairs off equal lines at random, in order; what is left over has changed.
fn some_difference(random: &mut Random, old: &Tokens<'_>, new: &Tokens<'_>) -> Vec<Hunk> {
    let mut hunks = Vec::new();
    let mut from = (0, 0);
    let (mut old_at, mut new_at) = (0, 0);
    while old_at < old.len() && new_at < new.len() {
        if old.get(old_at) == new.get(new_at) && random.once_in(2) {
            if from != (old_at, new_at) {
                hunks.push((from.0..old_at, from.1..new_at));
            }
            from = (old_at + 1, new_at + 1);
            (old_at, new_at) = from;
        } else if random.once_in(2) {
            old_at += 1;
        } else {
            new_at += 1;
        }
    }
    if from != (old.len(), new.len()) {
        hunks.push((from.0..old.len(), from.1..new.len()));
    }
    hunks
}

fn size(hunks: &[Hunk]) -> (usize, usize) {
    let lengths = hunks.iter().map(|(old, new)| (old.len(), new.len()));
    lengths.fold((0, 0), |sum, length| (sum.0 + length.0, sum.1 + length.1))
}

/// The new text, made from the old one and the hunks alone.
fn rebuilt(old: &Tokens<'_>, new: &Tokens<'_>, hunks: &[Hunk]) -> String {
    let mut text = String::new();
    let mut end = 0;
    for hunk in hunks {
        text.push_str(old.text(end..hunk.0.start));
        text.push_str(new.text(hunk.1.clone()));
        end = hunk.0.end;
    }
    text + old.text(end..old.len())
}
