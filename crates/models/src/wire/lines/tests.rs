//! Lines against a stateless oracle, cut everywhere.

use super::{LineReader, LineTooLong, MAX_LINE_BYTES};

/// The lines of `text`, found without any state: the oracle.
fn lines_of(text: &str) -> Vec<String> {
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<String> = unified.split('\n').map(str::to_owned).collect();
    if lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

fn read(pieces: &[&[u8]]) -> Vec<String> {
    let mut reader = LineReader::default();
    let mut lines = Vec::new();
    for piece in pieces {
        reader
            .push(piece, |line| lines.push(line.to_owned()))
            .unwrap();
    }
    reader.finish(|line| lines.push(line.to_owned()));
    lines
}

#[test]
fn any_cut_gives_the_same_lines() {
    let mut random = fastrand::Rng::with_seed(11);
    let alphabet = ["\n", "\r", "\r\n", "a", "é", "😀", "{}", " "];
    for _ in 0..400 {
        let text: String = (0..random.usize(0..12))
            .map(|_| alphabet[random.usize(0..alphabet.len())])
            .collect();
        let expected = lines_of(&text);
        for cut in 0..=text.len() {
            let (left, right) = text.as_bytes().split_at(cut);
            assert_eq!(read(&[left, right]), expected, "{text:?} cut at {cut}");
        }
        let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(read(&bytes), expected, "{text:?} byte by byte");
    }
}

#[test]
fn an_endless_line_is_an_error() {
    let mut reader = LineReader::default();
    let piece = vec![b'x'; 1 << 20];
    for _ in 0..MAX_LINE_BYTES / piece.len() {
        assert_eq!(reader.push(&piece, |_| ()), Ok(()));
    }
    assert_eq!(reader.push(b"x", |_| ()), Err(LineTooLong));
}
