//! Byte order marks, guesses, binary files and line endings, and that every text comes back from every encoding that can hold it.

use fastrand::Rng;
use text::Text;

use super::{BINARY_PROBE, Decoding, Fidelity, IsBinary, LineEnding, TextEncoding, decode};

fn check(bytes: &[u8], text: &str, encoding: TextEncoding, fidelity: Fidelity) {
    let expected = (text.to_owned(), Decoding { encoding, fidelity });
    assert_eq!(decode(bytes.to_vec()), Ok(expected), "{bytes:?}");
}

#[test]
fn marks_name_the_encoding_and_are_no_text() {
    check(b"", "", TextEncoding::Utf8, Fidelity::Exact);
    check("é".as_bytes(), "é", TextEncoding::Utf8, Fidelity::Exact);
    check(
        b"\xEF\xBB\xBFa",
        "a",
        TextEncoding::Utf8WithMark,
        Fidelity::Exact,
    );
    check(
        b"\xEF\xBB\xBF\xE9",
        "\u{fffd}",
        TextEncoding::Utf8WithMark,
        Fidelity::Lossy,
    );
    check(
        b"\xFF\xFEa\0\x3D\xD8\0\xDE",
        "a😀",
        TextEncoding::Utf16Le,
        Fidelity::Exact,
    );
    check(
        b"\xFE\xFF\0a\xD8\x3D\xDE\0",
        "a😀",
        TextEncoding::Utf16Be,
        Fidelity::Exact,
    );
    check(b"\xFF\xFE", "", TextEncoding::Utf16Le, Fidelity::Exact);
}

#[test]
fn what_is_broken_or_guessed_is_lossy() {
    check(
        b"\xFF\xFEa\0\x3D\xD8",
        "a\u{fffd}",
        TextEncoding::Utf16Le,
        Fidelity::Lossy,
    );
    check(
        b"\xFE\xFF\0a\0",
        "a\u{fffd}",
        TextEncoding::Utf16Be,
        Fidelity::Lossy,
    );
    check(
        b"caf\xE9 \x80",
        "café €",
        TextEncoding::Windows1252,
        Fidelity::Lossy,
    );
}

#[test]
fn a_zero_at_the_beginning_makes_a_file_binary() {
    let zero_at = |position: usize| {
        let mut bytes = vec![b'a'; BINARY_PROBE + 10];
        bytes[position] = 0;
        decode(bytes).is_err()
    };
    assert!(zero_at(0) && zero_at(BINARY_PROBE - 1));
    assert!(!zero_at(BINARY_PROBE));
    assert_eq!(decode(b"\xEF\xBB\xBFa\0".to_vec()), Err(IsBinary));
    assert_eq!(
        decode(b"\xFF\xFE\0\0a\0\0\0".to_vec()),
        Err(IsBinary),
        "UTF-32"
    );
}

#[test]
fn every_text_comes_back_from_every_encoding_that_can_hold_it() {
    let mut rng = Rng::with_seed(8);
    for _ in 0..2000 {
        let text: String = (0..rng.usize(0..40)).map(|_| rng.char('\u{1}'..)).collect();
        // A mark of its own would be taken for that of the file.
        let text = text.trim_start_matches('\u{feff}');
        check(text.as_bytes(), text, TextEncoding::Utf8, Fidelity::Exact);
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = [b"\xFF\xFE".as_slice(), &little].concat();
        check(&marked, text, TextEncoding::Utf16Le, Fidelity::Exact);
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = [b"\xFE\xFF".as_slice(), &big].concat();
        check(&marked, text, TextEncoding::Utf16Be, Fidelity::Exact);
    }
}

#[test]
fn any_bytes_decode_or_are_binary() {
    let mut rng = Rng::with_seed(9);
    for _ in 0..5000 {
        let mut bytes: Vec<u8> = (0..rng.usize(0..30)).map(|_| rng.u8(..)).collect();
        if rng.bool() {
            bytes.splice(0..0, [0xFF, 0xFE]);
        }
        if let Ok((text, decoding)) = decode(bytes.clone())
            && decoding
                == (Decoding {
                    encoding: TextEncoding::Utf8,
                    fidelity: Fidelity::Exact,
                })
        {
            assert_eq!(text.as_bytes(), bytes);
        }
    }
}

#[test]
fn line_endings_are_told_apart() {
    let cases = [
        ("", LineEnding::None),
        ("one line", LineEnding::None),
        ("a\nb\n\n", LineEnding::Lf),
        ("a\r\nb\r\n\r\n", LineEnding::CrLf),
        ("a\r\rb\r", LineEnding::Cr),
        ("a\r", LineEnding::Cr),
        ("a\r\nb\n", LineEnding::Mixed),
        ("a\nb\r\n", LineEnding::Mixed),
        ("a\r\r\n", LineEnding::Mixed),
        ("a\n\r", LineEnding::Mixed),
    ];
    for (text, expected) in cases {
        assert_eq!(LineEnding::of(&Text::from(text)), expected, "{text:?}");
    }
}

#[test]
fn encoding_is_the_way_back() {
    for seed in 0..200 {
        let mut random = Rng::with_seed(seed);
        let text: String = (0..random.usize(0..40))
            .map(|_| ['a', '\n', 'é', '€', '二', '😀'][random.usize(0..6)])
            .collect();
        let utf16 = |to_bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let units = [0xFEFF].into_iter().chain(text.encode_utf16());
            units.flat_map(to_bytes).collect()
        };
        for (encoding, bytes) in [
            (TextEncoding::Utf8, text.as_bytes().to_vec()),
            (
                TextEncoding::Utf8WithMark,
                format!("\u{feff}{text}").into_bytes(),
            ),
            (TextEncoding::Utf16Le, utf16(u16::to_le_bytes)),
            (TextEncoding::Utf16Be, utf16(u16::to_be_bytes)),
        ] {
            assert_eq!(encoding.encode(&text), Ok(bytes.clone()), "seed {seed}");
            let fidelity = Fidelity::Exact;
            let decoding = Decoding { encoding, fidelity };
            assert_eq!(decode(bytes), Ok((text.clone(), decoding)), "seed {seed}");
        }
    }
}

#[test]
fn every_byte_of_windows_1252_survives() {
    let bytes: Vec<u8> = (1..=255).collect();
    let (text, decoding) = decode(bytes.clone()).unwrap();
    assert_eq!(decoding.encoding, TextEncoding::Windows1252);
    assert_eq!(decoding.encoding.encode(&text), Ok(bytes));
    assert_eq!(decoding.encoding.encode("a二"), Err('二'));
}
