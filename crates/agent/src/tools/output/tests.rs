//! Cut text: within its bound, made of the original's ends, with a true note of what is missing.

use expect_test::expect;

use super::{
    BYTES_PER_TOKEN, Bounded, MOST_TOKENS, cut_line, token_limit, without_gap, without_middle,
};

/// Longer than any note.
const NOTE: usize = 80;

fn random_text(random: &mut fastrand::Rng, length: usize) -> String {
    const PIECES: [&str; 7] = ["a", "word ", "\n", "\r\n", "é", "漢字", "🦀"];
    (0..length)
        .map(|_| PIECES[random.usize(..PIECES.len())])
        .collect()
}

/// The two ends around the note and the number in it.
fn parts(bounded: &Bounded) -> (&str, usize, &str) {
    let (front, rest) = bounded.text.split_once("[… ").unwrap();
    let (number, rest) = rest.split_once(" bytes, about ").unwrap();
    let (_, back) = rest.split_once(" left out here …]\n").unwrap();
    (front, number.parse().unwrap(), back)
}

/// Whether `front` is the first `length` bytes of `text`, perhaps with a line break before the note.
fn is_front(text: &str, front: &str, length: usize) -> bool {
    let expected = &text[..length];
    front == expected || front.strip_suffix('\n') == Some(expected)
}

#[test]
fn what_fits_stays_as_it_is() {
    let text = "four".repeat(10);
    let expected = Bounded {
        text: text.clone(),
        original_tokens: None,
    };
    assert_eq!(without_middle(&text, 10), expected);
    assert_eq!(without_gap(&text[..7], 0, &text[7..], 10), expected);
}

#[test]
fn a_cut_text_has_both_ends_and_a_note() {
    let text: String = (1..=30).map(|line| format!("line {line}\n")).collect();
    expect![[r#"
        line 1
        line 2
        line 3
        line 4
        line 5
        [… 156 bytes, about 39 tokens, left out here …]
        line 26
        line 27
        line 28
        line 29
        line 30
    "#]]
    .assert_eq(&without_middle(&text, 20).text);
    expect![[r#"
        start
        [… 1000 bytes, about 250 tokens, left out here …]
        end"#]]
    .assert_eq(&without_gap("start", 1000, "end", 20).text);
}

#[test]
fn any_text_is_cut_to_its_bound_and_the_note_counts_what_is_missing() {
    for seed in 0..2000 {
        let mut random = fastrand::Rng::with_seed(seed);
        let length = random.usize(0..400);
        let text = random_text(&mut random, length);
        let limit = random.usize(0..100);
        let bounded = without_middle(&text, limit);
        assert!(
            bounded.text.len() <= limit * BYTES_PER_TOKEN + NOTE,
            "seed {seed}"
        );
        if bounded.original_tokens.is_none() {
            assert_eq!(bounded.text, text, "seed {seed}");
            continue;
        }
        let (front, left_out, back) = parts(&bounded);
        assert!(text.ends_with(back), "seed {seed}");
        assert!(
            is_front(&text, front, text.len() - left_out - back.len()),
            "seed {seed}"
        );
    }
}

#[test]
fn a_gap_counts_as_missing() {
    for seed in 0..2000 {
        let mut random = fastrand::Rng::with_seed(seed);
        let (head_length, tail_length) = (random.usize(0..200), random.usize(0..200));
        let head = random_text(&mut random, head_length);
        let tail = random_text(&mut random, tail_length);
        let (gap, limit) = (random.usize(1..5000), random.usize(0..100));
        let bounded = without_gap(&head, gap as u64, &tail, limit);
        assert!(
            bounded.text.len() <= limit * BYTES_PER_TOKEN + NOTE,
            "seed {seed}"
        );
        let (front, left_out, back) = parts(&bounded);
        assert!(tail.ends_with(back), "seed {seed}");
        let whole = head.len() + gap + tail.len();
        assert!(
            is_front(&head, front, whole - left_out - back.len()),
            "seed {seed}"
        );
    }
}

#[test]
fn long_lines_are_cut_between_characters() {
    assert_eq!(cut_line("short", 5), "short");
    assert_eq!(cut_line("ééé", 3), "é… (4 more bytes)");
}

#[test]
fn no_model_gets_more_than_the_most() {
    assert_eq!(token_limit(Some(u64::MAX)), MOST_TOKENS);
    assert_eq!(token_limit(Some(7)), 7);
}
