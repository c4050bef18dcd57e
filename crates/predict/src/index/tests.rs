//! The index against brute force over the plain tokens, and its way to disk and back.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use super::{
    Added, ChangedFile, FileStamp, Index, IndexBuilder, IndexOptions, SkipReason, StoreError,
    Tombstones,
    order::{ContextOrder, Interval},
};
use crate::{
    random::Random,
    vocabulary::{BOUNDARY, Leading, TokenId},
};

fn never() -> bool {
    false
}

fn stamp(number: u64) -> FileStamp {
    FileStamp {
        size: number,
        modified: number * 7,
    }
}

/// How often each sequence of up to three words occurs, by their texts.
type Grams = HashMap<Vec<String>, usize>;

/// The grams of an index, read off its living files.
fn grams(index: &Index) -> Grams {
    let mut grams = Grams::new();
    for indexed in &index.segments {
        for (number, file) in indexed.segment.files.iter().enumerate() {
            if indexed.is_dead(number as u32) {
                continue;
            }
            let tokens = &indexed.segment.tokens[file.start as usize..file.end as usize];
            for window in tokens.windows(3) {
                for length in 1..=3 {
                    *grams.entry(texts(index, &window[..length])).or_default() += 1;
                }
            }
        }
    }
    grams
}

fn texts(index: &Index, tokens: &[TokenId]) -> Vec<String> {
    let spelled = |&token: &TokenId| {
        let entry = index.vocabulary.entry(token);
        let text = index.vocabulary.core_text(token);
        format!(
            "{:?} {:?} {text}",
            entry.kind,
            (entry.leading, if text.is_empty() { token } else { 0 })
        )
    };
    tokens.iter().map(spelled).collect()
}

fn random_order(random: &mut Random) -> (Vec<TokenId>, ContextOrder) {
    let words = 2 + random.below(4);
    let length = random.below(300);
    let mut tokens: Vec<TokenId> = (0..length)
        .map(|_| random.below(words) as TokenId)
        .collect();
    tokens.insert(0, BOUNDARY);
    tokens.push(BOUNDARY);
    let order = ContextOrder::dense(&tokens, words as TokenId);
    (tokens, order)
}

/// The positions that end with `context`, last token first, by looking at all of them.
fn positions_of(tokens: &[TokenId], context: &[TokenId]) -> Vec<u32> {
    let matches = |position: &usize| {
        context.iter().enumerate().all(|(distance, &token)| {
            position
                .checked_sub(distance)
                .is_some_and(|earlier| tokens[earlier] == token)
        })
    };
    (0..tokens.len())
        .filter(matches)
        .map(|position| position as u32)
        .collect()
}

#[test]
fn intervals_hold_exactly_the_positions_of_their_context() {
    let mut random = Random::new(4);
    for _ in 0..300 {
        let (tokens, order) = random_order(&mut random);
        let living =
            (0..tokens.len() as u32).filter(|&position| tokens[position as usize] != BOUNDARY);
        let sparse = ContextOrder::sparse(&tokens, living.collect());
        for _ in 0..20 {
            let end = random.below(tokens.len());
            let context: Vec<TokenId> = tokens[..=end]
                .iter()
                .rev()
                .take(1 + random.below(16))
                .take_while(|&&token| token != BOUNDARY)
                .copied()
                .collect();
            let Some(&last) = context.first() else {
                continue;
            };
            for order in [&order, &sparse] {
                let mut interval = order.bucket(last);
                for (depth, &token) in context.iter().enumerate().skip(1) {
                    interval = order.narrow(interval, depth as u32, token, |position| {
                        tokens[position as usize]
                    });
                }
                let mut positions = order.places(interval).to_vec();
                positions.sort_unstable();
                assert_eq!(
                    positions,
                    positions_of(&tokens, &context),
                    "{context:?} in {tokens:?}"
                );
            }
        }
    }
}

#[test]
fn tombstones_hide_exactly_their_files() {
    let mut random = Random::new(5);
    for _ in 0..50 {
        let index = random_index(&mut random, 6);
        let segment = &index.segments[0].segment;
        let hidden: Vec<u32> = (0..segment.files.len() as u32)
            .filter(|_| random.below(2) == 0)
            .collect();
        let tombstones = Tombstones::new(segment, &hidden);
        let is_hidden = |position: u32| {
            hidden.iter().any(|&file| {
                let file = &segment.files[file as usize];
                (file.start..file.end).contains(&position)
            })
        };
        for position in 1..segment.tokens.len() as u32 {
            assert_eq!(tombstones.hides(position), is_hidden(position));
            let token = segment.tokens[position as usize];
            let places = segment.contexts.places(segment.contexts.bucket(token));
            let count = places.iter().filter(|&&place| is_hidden(place)).count();
            assert_eq!(
                tombstones.bucket(token).len(),
                if token == BOUNDARY { 0 } else { count }
            );
        }
    }
}

fn random_index(random: &mut Random, files: usize) -> Index {
    let mut builder = IndexBuilder::new(IndexOptions::default());
    for number in 0..files {
        builder.add(&path(number), &random.text(30), stamp(number as u64));
    }
    builder.finish(&never).expect("nobody cancels")
}

fn path(number: usize) -> PathBuf {
    PathBuf::from(format!("folder{}/file{number}.rs", number % 3))
}

#[test]
fn changing_an_index_is_building_it_from_the_changed_files() {
    let mut random = Random::new(6);
    for _ in 0..30 {
        let mut files: HashMap<PathBuf, String> = (0..8)
            .map(|number| (path(number), random.text(30)))
            .collect();
        let build = |files: &HashMap<PathBuf, String>| {
            let mut builder = IndexBuilder::new(IndexOptions::default());
            for (path, text) in files {
                builder.add(path, text, stamp(1));
            }
            builder.finish(&never).expect("nobody cancels")
        };
        let mut index = build(&files);
        for _ in 0..4 {
            let first = random.below(10);
            for number in first..first + 1 + random.below(3) {
                let text = (random.below(4) > 0).then(|| random.text(30));
                match &text {
                    Some(text) => _ = files.insert(path(number), text.clone()),
                    None => _ = files.remove(&path(number)),
                }
                let changed = ChangedFile {
                    path: path(number),
                    text,
                    stamp: stamp(2),
                };
                index = index
                    .with_changes(&[changed], IndexOptions::default(), &never)
                    .expect("nobody cancels");
            }
            assert_eq!(grams(&index), grams(&build(&files)));
            assert_eq!(index.statistics().files, files.len());
        }
        let merged = index
            .merged(IndexOptions::default(), &never)
            .expect("nobody cancels");
        assert_eq!(merged.segments.len(), 1);
        assert_eq!(grams(&merged), grams(&index));
        assert_eq!(merged.statistics().files, files.len());
    }
}

#[test]
fn files_taken_over_are_as_if_added() {
    let mut random = Random::new(7);
    for _ in 0..30 {
        let index = random_index(&mut random, 6);
        let mut builder = IndexBuilder::new(IndexOptions::default());
        for number in 0..6 {
            assert!(builder.reuse(&index, &path(number), stamp(number as u64)));
            assert!(
                !builder.reuse(&index, &path(number), stamp(number as u64)),
                "it is there already"
            );
        }
        assert!(!IndexBuilder::new(IndexOptions::default()).reuse(&index, &path(1), stamp(99)));
        let again = builder.finish(&never).expect("nobody cancels");
        assert_eq!(grams(&again), grams(&index));
        assert_eq!(again.stamp(&path(3)), Some(stamp(3)));
    }
}

#[test]
fn what_nobody_typed_is_not_learned() {
    let mut builder = IndexBuilder::new(IndexOptions {
        byte_budget: 10_000,
        max_file_bytes: 4_000,
    });
    let mut check = |path: &str, text: &str, expected: Added| {
        assert_eq!(
            builder.add(Path::new(path), text, FileStamp::default()),
            expected,
            "{path}"
        );
    };
    check("a.rs", "let x = 1;\n", Added::Indexed);
    check(
        "a.rs",
        "let x = 1;\n",
        Added::Skipped(SkipReason::Duplicate),
    );
    check(
        "b.rs",
        &"x\n".repeat(3_000),
        Added::Skipped(SkipReason::TooLong),
    );
    check("c.rs", "a\0b", Added::Skipped(SkipReason::Binary));
    check(
        "d.js",
        &"f(x);".repeat(600),
        Added::Skipped(SkipReason::Minified),
    );
    check(
        "e.go",
        "// Code generated by tool. DO NOT EDIT.\n",
        Added::Skipped(SkipReason::Generated),
    );
    check("f.rs", &"let y = 2;\n".repeat(363), Added::Indexed);
    check("g.rs", &"let y = 2;\n".repeat(363), Added::Indexed);
    check(
        "h.rs",
        &"let y = 2;\n".repeat(363),
        Added::Skipped(SkipReason::OverBudget),
    );
    assert!(builder.finish(&|| true).is_err());
}

#[test]
fn a_saved_index_is_the_same_when_loaded() {
    let mut random = Random::new(8);
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("index");
    for _ in 0..20 {
        let mut index = random_index(&mut random, 5);
        if random.below(2) == 0 {
            let changed = ChangedFile {
                path: path(2),
                text: Some(random.text(30)),
                stamp: stamp(50),
            };
            index = index
                .with_changes(&[changed], IndexOptions::default(), &never)
                .expect("nobody cancels");
        }
        index.save(&file).expect("the folder can be written");
        let loaded = Index::load(&file).expect("it was saved by this version");
        assert_eq!(grams(&loaded), grams(&index));
        let sorted = |index: &Index| {
            let mut files: Vec<_> = index
                .files()
                .map(|(path, stamp)| (path.to_path_buf(), stamp.size))
                .collect();
            files.sort();
            files
        };
        assert_eq!(sorted(&loaded), sorted(&index));
        for (left, right) in loaded.segments.iter().zip(&index.segments) {
            assert_eq!(left.segment.tokens, right.segment.tokens);
            assert_eq!(
                left.segment.contexts.positions,
                right.segment.contexts.positions
            );
            assert_eq!(
                left.segment.abstract_contexts.positions,
                right.segment.abstract_contexts.positions
            );
        }
    }
    assert_eq!(
        std::fs::read_dir(folder.path())
            .expect("it is there")
            .count(),
        1,
        "nothing else is left behind"
    );
}

#[test]
fn a_damaged_file_is_refused() {
    let mut random = Random::new(9);
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("index");
    random_index(&mut random, 4)
        .save(&file)
        .expect("the folder can be written");
    let sound = std::fs::read(&file).expect("it was just written");
    let load = |bytes: &[u8]| {
        std::fs::write(&file, bytes).expect("the folder can be written");
        Index::load(&file)
    };
    for _ in 0..300 {
        let mut bytes = sound.clone();
        let bit = random.below(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(load(&bytes).is_err(), "bit {bit} changed");
        assert!(
            load(&sound[..random.below(sound.len())]).is_err(),
            "cut off"
        );
    }
    assert!(matches!(
        load(b"something else entirely"),
        Err(StoreError::NotAnIndex { .. })
    ));
    let mut newer = sound.clone();
    newer[8] += 1;
    assert!(matches!(load(&newer), Err(StoreError::OtherVersion { .. })));
    assert!(matches!(
        Index::load(&folder.path().join("none")),
        Err(StoreError::Io { .. })
    ));
}

#[test]
fn frequent_words_come_first_and_only_with_their_space() {
    let mut builder = IndexBuilder::new(IndexOptions::default());
    let text = "alpha alphabet alphabet al beta\n alpine alpine alpine\n";
    builder.add(Path::new("a.txt"), text, FileStamp::default());
    let index = builder.finish(&never).expect("nobody cancels");
    let count = |token| index.segments[0].segment.contexts.bucket(token).len();
    for prefix in ["a", "al", "alp"] {
        let mut words = Vec::new();
        index
            .prefixes
            .words(&index.vocabulary, Leading::One, prefix, count, &mut words);
        let texts: Vec<&str> = words
            .iter()
            .map(|&word| index.vocabulary.core_text(word))
            .collect();
        let expected: &[&str] = if prefix == "alp" {
            &["alpine", "alphabet"]
        } else {
            &["alpine", "alphabet", "al"]
        };
        let mut sorted = texts.clone();
        sorted.sort_by_key(|text| expected.iter().position(|other| other == text));
        assert_eq!(sorted, expected, "after {prefix}");
    }
    assert_eq!(Interval::default().len(), 0);
}
