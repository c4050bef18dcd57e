//! The shipped ranker is sound, damaged ones are refused, and a hand-made one decides as it says.

use super::{Ranker, RankerError, SHIPPED};
use crate::{
    query::features::{FEATURES, feature_signature},
    random::Random,
};

/// Two trees: the first splits on feature 3 at 0.5 and on feature 0 at 2, the second is one leaf.
fn hand_made() -> Vec<u8> {
    let mut bytes =
        format!("ropewalk ranker 1\nfeatures: {}\n\n", feature_signature()).into_bytes();
    bytes.extend(2u16.to_le_bytes());
    bytes.push(2);
    for (threshold, rest) in [(0.5f32, [3, 128, 1]), (2.0, [0, 129, 130])] {
        bytes.extend(threshold.to_le_bytes());
        bytes.extend(rest);
    }
    bytes.extend(
        [-1.0f32, 1.0, 3.0]
            .iter()
            .flat_map(|leaf| leaf.to_le_bytes()),
    );
    bytes.push(0);
    bytes.extend(0.25f32.to_le_bytes());
    bytes
}

fn row(third: f32, first: f32) -> [f32; FEATURES] {
    let mut row = [0.0; FEATURES];
    row[3] = third;
    row[0] = first;
    row
}

#[test]
fn adds_up_the_leaves_it_comes_to() {
    let ranker = Ranker::parse(&hand_made()).expect("it is well formed");
    for (third, first, expected) in [(0.5, 9.0, -0.75), (0.6, 2.0, 1.25), (0.6, 2.1, 3.25)] {
        let rows = [row(third, first)];
        assert_eq!(ranker.best(rows.iter()), Some((0, expected)));
    }
    let rows = [row(0.0, 0.0), row(1.0, 0.0), row(1.0, 3.0), row(1.0, 4.0)];
    assert_eq!(ranker.best(rows.iter()), Some((2, 3.25)));
    assert_eq!(ranker.best([].iter()), None);
}

#[test]
fn the_shipped_ranker_says_where_it_comes_from() {
    let header = Ranker::shipped().header().to_owned();
    assert!(
        header.contains("trained: ") && header.contains("on commits of: "),
        "{header}"
    );
    assert!(
        !header.contains("redis"),
        "its licence does not permit learning from it: {header}"
    );
}

#[test]
fn damaged_rankers_are_refused_or_harmless() {
    assert_eq!(Ranker::parse(b""), Err(RankerError::NotARanker));
    assert_eq!(Ranker::parse(b"a text\n\n"), Err(RankerError::NotARanker));
    let other = b"ropewalk ranker 1\nfeatures: 3 v9\n\n\0\0";
    assert!(matches!(
        Ranker::parse(other),
        Err(RankerError::OtherFeatures { .. })
    ));
    let mut random = Random::new(10);
    for _ in 0..300 {
        let cut = random.below(SHIPPED.len());
        assert!(Ranker::parse(&SHIPPED[..cut]).is_err(), "cut at {cut}");
        let mut bytes = hand_made();
        let place = random.below(bytes.len());
        bytes[place] = random.next() as u8;
        if let Ok(ranker) = Ranker::parse(&bytes) {
            // Whatever it says now, it comes to an end.
            ranker.best([row(1.0, 1.0)].iter());
        }
    }
}
