//! Output that is cut, dropped and taken at random, against a plain string.

use super::{Output, OutputBuffer, Rest};

fn random_bytes(random: &mut fastrand::Rng, length: usize) -> Vec<u8> {
    const PIECES: [&[u8]; 7] = [
        b"a",
        b"word\n",
        "é".as_bytes(),
        "漢".as_bytes(),
        "🦀".as_bytes(),
        b"\xff",
        b"\xe6\xbc",
    ];
    let mut bytes = Vec::new();
    for _ in 0..length {
        bytes.extend_from_slice(PIECES[random.usize(..PIECES.len())]);
    }
    bytes
}

/// Hands `bytes` over in pieces of random length; takes between them when `take` says so.
fn feed(
    random: &mut fastrand::Rng,
    buffer: &mut OutputBuffer,
    bytes: &[u8],
    taken: &mut Vec<Output>,
) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, left) = rest.split_at(random.usize(1..=rest.len().min(9)));
        buffer.push(piece);
        rest = left;
        if random.u8(..4) == 0 {
            taken.push(buffer.take(Rest::Follows));
        }
    }
    taken.push(buffer.take(Rest::IsOver));
}

#[test]
fn pieces_make_the_whole_when_nothing_is_lost() {
    for seed in 0..2000 {
        let mut random = fastrand::Rng::with_seed(seed);
        let length = random.usize(0..60);
        let bytes = random_bytes(&mut random, length);
        let mut buffer = OutputBuffer::new(1000);
        let mut taken = Vec::new();
        feed(&mut random, &mut buffer, &bytes, &mut taken);
        assert!(
            taken
                .iter()
                .all(|output| output.dropped == 0 && output.tail.is_empty())
        );
        let text: String = taken.into_iter().map(|output| output.head).collect();
        assert_eq!(text, String::from_utf8_lossy(&bytes), "seed {seed}");
    }
}

#[test]
fn what_is_kept_are_the_ends_and_what_is_lost_is_counted() {
    for seed in 0..2000 {
        let mut random = fastrand::Rng::with_seed(seed);
        let length = random.usize(0..60);
        // Valid text, so that lengths in bytes can be compared.
        let text = String::from_utf8_lossy(&random_bytes(&mut random, length)).into_owned();
        let capacity = random.usize(1..40);
        let mut buffer = OutputBuffer::new(capacity);
        for piece in text.as_bytes().chunks(random.usize(1..9)) {
            buffer.push(piece);
            assert!(buffer.len() <= capacity + 1, "seed {seed}");
        }
        let Output {
            head,
            dropped,
            tail,
        } = buffer.take(Rest::IsOver);
        assert_eq!(
            head.len() as u64 + dropped + tail.len() as u64,
            text.len() as u64,
            "seed {seed}"
        );
        assert!(
            text.starts_with(&head) && text.ends_with(&tail),
            "seed {seed}: {head:?} {tail:?} of {text:?}"
        );
        assert!(
            head.len() + tail.len() + 7 > capacity.min(text.len()),
            "seed {seed}"
        );
        assert!(buffer.is_empty());
    }
}
