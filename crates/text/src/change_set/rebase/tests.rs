//! Two people change the same text: whoever is first, both see the same in the end, and it is what both wanted.

use crate::random::Random;
use crate::{Bias, ChangeSet, Edit};

/// A change of `text` that deletes and inserts at random; what it inserts is made of `letters` only.
fn random_change(random: &mut Random, text: &str, letters: &[char]) -> ChangeSet {
    let mut edits: Vec<(std::ops::Range<usize>, String)> = Vec::new();
    let mut from = 0;
    while from <= text.len() && edits.len() < 4 {
        let boundaries: Vec<usize> = (from..=text.len())
            .filter(|offset| text.is_char_boundary(*offset))
            .collect();
        let start = *random.pick(&boundaries);
        let ends: Vec<usize> = boundaries
            .iter()
            .copied()
            .filter(|end| *end >= start && *end <= start + 4)
            .collect();
        let end = *random.pick(&ends);
        let insert = (0..random.below(3))
            .map(|_| *random.pick(letters))
            .collect();
        edits.push((start..end, insert));
        from = end + 1;
    }
    let edits = edits.iter().map(|(range, insert)| Edit {
        range: range.clone(),
        insert,
    });
    ChangeSet::from_edits(text.len(), edits).expect("the edits are in order")
}

#[test]
fn whoever_is_first_both_see_the_same_and_nothing_is_lost() {
    for seed in 0..4000 {
        let mut random = Random::new(seed);
        let length = random.below(12);
        let text: String = (0..length)
            .map(|_| *random.pick(&['a', 'b', 'é', '😀']))
            .collect();
        let one = random_change(&mut random, &text, &['1', '2', '3']);
        let other = random_change(&mut random, &text, &['x', 'y', 'ü']);
        let one_later = one.rebase(&other, Bias::Before).expect("the same text");
        let other_later = other.rebase(&one, Bias::After).expect("the same text");
        let seen_by_other = one_later
            .apply(&other.apply(&text).expect("fits"))
            .expect("fits");
        let seen_by_one = other_later
            .apply(&one.apply(&text).expect("fits"))
            .expect("fits");
        assert_eq!(
            seen_by_one, seen_by_other,
            "seed {seed}: {text:?} {one:?} {other:?}"
        );

        let put_in =
            |change: &ChangeSet| change.edits().map(|edit| edit.insert).collect::<String>();
        let of = |letters: &[char]| -> String {
            seen_by_one
                .chars()
                .filter(|character| letters.contains(character))
                .collect()
        };
        assert_eq!(of(&['1', '2', '3']), put_in(&one), "seed {seed}");
        assert_eq!(of(&['x', 'y', 'ü']), put_in(&other), "seed {seed}");

        let is_deleted = |change: &ChangeSet, offset: usize| {
            change.edits().any(|edit| edit.range.contains(&offset))
        };
        let kept: String = text
            .char_indices()
            .filter(|(offset, _)| !is_deleted(&one, *offset) && !is_deleted(&other, *offset))
            .map(|(_, character)| character)
            .collect();
        assert_eq!(of(&['a', 'b', 'é', '😀']), kept, "seed {seed}");
    }
}

#[test]
fn at_the_same_place_the_side_decides() {
    let (one, other) = (
        ChangeSet::replacement(2, 1..1, "one"),
        ChangeSet::replacement(2, 1..1, "other"),
    );
    let after = |side| {
        let later = one.rebase(&other, side).expect("the same text");
        later.apply("aotherb").expect("it fits")
    };
    assert_eq!(after(Bias::Before), "aoneotherb");
    assert_eq!(after(Bias::After), "aotheroneb");
}

#[test]
fn changes_of_different_texts_are_refused() {
    let (one, other) = (ChangeSet::identity(2), ChangeSet::identity(3));
    assert!(one.rebase(&other, Bias::Before).is_err());
}
