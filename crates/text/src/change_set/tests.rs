//! The laws of change sets, under random changes and against a string with marks in it.

use crate::oracle;
use crate::random::Random;
use crate::{Bias, ChangeSet, ChangeSetError, Edit, Operation, Text};

#[test]
fn composed_is_the_same_as_one_after_the_other() {
    for seed in 0..3000 {
        let mut random = Random::new(seed);
        let text = random.text(30);
        let (first, second_text) = random_change(&mut random, &text);
        let (second, third_text) = random_change(&mut random, &second_text);
        let (third, _) = random_change(&mut random, &third_text);
        assert_eq!(first.apply(&text).as_ref(), Ok(&second_text), "seed {seed}");
        let composed = first.compose(&second).expect("they follow each other");
        assert_eq!(composed.apply(&text), Ok(third_text), "seed {seed}");
        assert_normal(&composed);
        let left = composed.compose(&third);
        let right = first.compose(&second.compose(&third).expect("they follow each other"));
        let both = (left.expect("it follows"), right.expect("it follows"));
        assert_eq!(both.0.apply(&text), both.1.apply(&text), "seed {seed}");
    }
}

#[test]
fn inverted_undoes_and_twice_inverted_is_itself() {
    for seed in 0..3000 {
        let mut random = Random::new(seed);
        let before = random.text(30);
        let (change, after) = random_change(&mut random, &before);
        let inverse = change
            .invert(&Text::from(before.as_str()))
            .expect("made for it");
        assert_eq!(inverse.apply(&after).as_ref(), Ok(&before), "seed {seed}");
        assert_normal(&inverse);
        assert_eq!(
            inverse.invert(&Text::from(after)).as_ref(),
            Ok(&change),
            "seed {seed}"
        );
    }
}

#[test]
fn the_identity_changes_nothing_in_any_composition() {
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let text = random.text(30);
        let (change, after) = random_change(&mut random, &text);
        let (before, behind) = (
            ChangeSet::identity(text.len()),
            ChangeSet::identity(after.len()),
        );
        assert!(before.is_identity());
        assert_eq!(before.compose(&change).as_ref(), Ok(&change), "seed {seed}");
        assert_eq!(change.compose(&behind).as_ref(), Ok(&change), "seed {seed}");
    }
}

#[test]
fn a_rope_takes_a_change_as_a_string_does() {
    for seed in 0..500 {
        let mut random = Random::new(seed);
        let string = random.text(200);
        let (change, after) = random_change(&mut random, &string);
        let mut text = Text::from(string.as_str());
        assert_eq!(text.apply(&change), Ok(()));
        assert_eq!(text.to_string(), after, "seed {seed}");
    }
}

#[test]
fn edits_rebuild_the_change() {
    for seed in 0..500 {
        let mut random = Random::new(seed);
        let text = random.text(40);
        let (change, _) = random_change(&mut random, &text);
        let rebuilt = ChangeSet::from_edits(text.len(), change.edits());
        assert_eq!(rebuilt.as_ref(), Ok(&change), "seed {seed}");
        let sum: isize = change
            .edits()
            .map(|edit| edit.insert.len() as isize - edit.range.len() as isize)
            .sum();
        assert_eq!(
            change.len_after() as isize - change.len_before() as isize,
            sum
        );
    }
}

#[test]
fn a_mapped_offset_is_where_a_mark_in_the_string_ends_up() {
    for seed in 0..2000 {
        let mut random = Random::new(seed);
        let text = random.text(25);
        let (change, after) = random_change(&mut random, &text);
        let offset = random.range(&text).start;
        for bias in [Bias::Before, Bias::After] {
            let marked = apply_around_mark(&text, &change, offset, bias);
            assert_eq!(
                marked.replace(MARK, ""),
                after,
                "the test's own walk, seed {seed}"
            );
            let mapped = change.map_offset(offset, bias);
            assert_eq!(
                Some(mapped),
                marked.find(MARK),
                "seed {seed}, {bias:?}: {change:?}"
            );
        }
    }
}

/// Stands in the string where the offset is, while the edits are made around it.
const MARK: char = '\u{e000}';

fn apply_around_mark(text: &str, change: &ChangeSet, offset: usize, bias: Bias) -> String {
    let mut marked = text.to_owned();
    marked.insert(offset, MARK);
    let edits: Vec<_> = change.edits().collect();
    for Edit { range, insert } in edits.into_iter().rev() {
        let is_inside = range.start < offset && offset < range.end;
        let is_here = range == (offset..offset);
        match bias {
            Bias::Before if is_inside || is_here => {
                marked.replace_range(
                    range.start..range.end + MARK.len_utf8(),
                    &format!("{MARK}{insert}"),
                );
            }
            Bias::After if is_inside || is_here => {
                marked.replace_range(
                    range.start..range.end + MARK.len_utf8(),
                    &format!("{insert}{MARK}"),
                );
            }
            _ => {
                let shift = if range.start >= offset {
                    MARK.len_utf8()
                } else {
                    0
                };
                marked.replace_range(range.start + shift..range.end + shift, insert);
            }
        }
    }
    marked
}

#[test]
fn mapping_keeps_the_order_of_offsets_and_stays_on_characters() {
    for seed in 0..500 {
        let mut random = Random::new(seed);
        let text = random.text(25);
        let (change, after) = random_change(&mut random, &text);
        for bias in [Bias::Before, Bias::After] {
            let offsets =
                (0..text.len() + 3).filter(|at| *at >= text.len() || text.is_char_boundary(*at));
            let mapped: Vec<_> = offsets
                .map(|offset| change.map_offset(offset, bias))
                .collect();
            assert!(mapped.is_sorted(), "seed {seed}: {mapped:?}");
            assert!(
                mapped.iter().all(|offset| after.is_char_boundary(*offset)),
                "seed {seed}"
            );
        }
    }
}

#[test]
fn a_range_around_what_was_rewritten_is_around_what_it_became() {
    let change = ChangeSet::replacement(10, 3..6, "longer");
    for bias in [Bias::Before, Bias::After] {
        assert_eq!(
            (change.map_offset(3, bias), change.map_offset(6, bias)),
            (3, 9)
        );
    }
    assert_eq!(change.map_offset(5, Bias::Before), 3);
    assert_eq!(change.map_offset(5, Bias::After), 9);
    assert_eq!(change.map_offset(usize::MAX, Bias::After), 13);
}

#[test]
fn a_change_for_another_text_is_refused_and_leaves_the_text_alone() {
    let mut text = Text::from("aé");
    let longer = ChangeSet::replacement(4, 0..1, "X");
    let error = ChangeSetError::Length {
        expected: 4,
        actual: 3,
    };
    assert_eq!(text.apply(&longer), Err(error.clone()));
    assert_eq!(longer.invert(&text), Err(error.clone()));
    assert_eq!(longer.apply("aé"), Err(error));
    let cutting = ChangeSet::from_edits(
        3,
        [
            Edit {
                range: 0..1,
                insert: "X",
            },
            Edit {
                range: 2..3,
                insert: "",
            },
        ],
    );
    let cutting = cutting.expect("in order");
    assert_eq!(
        text.apply(&cutting),
        Err(ChangeSetError::CharBoundary { offset: 2 })
    );
    assert_eq!(text.to_string(), "aé");
    let insertion = ChangeSet::replacement(0, 0..0, "é");
    let half = ChangeSet::replacement(2, 0..1, "");
    assert_eq!(
        insertion.compose(&half),
        Err(ChangeSetError::CharBoundary { offset: 1 })
    );
    let other = ChangeSet::identity(1);
    assert_eq!(
        insertion.compose(&other),
        Err(ChangeSetError::Length {
            expected: 1,
            actual: 2
        })
    );
}

#[test]
fn edits_out_of_order_are_refused() {
    let refused =
        |edits: [Edit<'_>; 2]| ChangeSet::from_edits(10, edits).expect_err("out of order");
    let edit = |range| Edit { range, insert: "x" };
    assert_eq!(
        refused([edit(4..6), edit(5..7)]),
        ChangeSetError::Order { offset: 5 }
    );
    assert_eq!(
        refused([edit(4..6), edit(9..11)]),
        ChangeSetError::Order { offset: 9 }
    );
    #[expect(
        clippy::reversed_empty_ranges,
        reason = "this is the mistake the test is about"
    )]
    let reversed = 8..7;
    assert_eq!(
        refused([edit(4..6), edit(reversed)]),
        ChangeSetError::Order { offset: 8 }
    );
    let touching = ChangeSet::from_edits(10, [edit(4..6), edit(6..7)]).expect("touching is fine");
    assert_eq!(touching, ChangeSet::replacement(10, 4..7, "xx"));
}

/// A change of `text` made of several edits, and the text it makes by plain string means.
fn random_change(random: &mut Random, text: &str) -> (ChangeSet, String) {
    let mut ends: Vec<usize> = (0..2 * random.below(5))
        .map(|_| random.range(text).end)
        .collect();
    ends.sort_unstable();
    let inserts: Vec<String> = ends.iter().map(|_| random.text(3)).collect();
    let mut after = text.to_owned();
    for (pair, insert) in ends.chunks(2).zip(&inserts).rev() {
        after.replace_range(pair[0]..pair[1], insert);
    }
    let edits = ends.chunks(2).zip(&inserts).map(|(pair, insert)| Edit {
        range: pair[0]..pair[1],
        insert,
    });
    let change = ChangeSet::from_edits(text.len(), edits).expect("the ends are sorted");
    assert_normal(&change);
    assert_eq!(after.len(), change.len_after());
    assert_eq!(oracle::floor(&after, after.len()), after.len());
    (change, after)
}

fn assert_normal(change: &ChangeSet) {
    let rank = |operation: &Operation| match operation {
        Operation::Retain(count) => (0, *count),
        Operation::Delete(count) => (1, *count),
        Operation::Insert(text) => (2, text.len()),
    };
    let operations: Vec<_> = change.operations().iter().map(rank).collect();
    assert!(
        operations.iter().all(|(_, length)| *length > 0),
        "{change:?}"
    );
    for pair in operations.windows(2) {
        let is_normal = matches!((pair[0].0, pair[1].0), (0, 1 | 2) | (1, 0 | 2) | (2, 0));
        assert!(is_normal, "{change:?}");
    }
    let length = |kinds: [i32; 2]| -> usize {
        operations
            .iter()
            .filter(|(kind, _)| kinds.contains(kind))
            .map(|(_, length)| length)
            .sum()
    };
    assert_eq!(
        (length([0, 1]), length([0, 2])),
        (change.len_before(), change.len_after())
    );
}
