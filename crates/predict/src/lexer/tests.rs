//! Lines of several languages and their pieces; random lines against what cutting must keep.

use expect_test::{Expect, expect};

use super::{MAX_PIECE_BYTES, Piece, cut_line, indentation, leading_of};
use crate::{random::Random, vocabulary::Leading};

fn pieces(line: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    cut_line(line, indentation(line).bytes, &mut pieces);
    pieces
}

fn check(line: &str, expected: Expect) {
    let shown = pieces(line).into_iter().map(|piece| {
        let space = [".", "_", "="][piece.leading as usize];
        format!("{space}{}", &line[piece.range])
    });
    expected.assert_eq(&shown.collect::<Vec<_>>().join(" "));
}

#[test]
fn cuts_code_of_several_languages() {
    check(
        "    let x: Vec<u8> = a[0..=n];",
        expect![".let _x .: _Vec .< .u8 .> _= _a .[ .0 ...= .n .] .;"],
    );
    check(
        "\tif err != nil { // no",
        expect![".if _err _!= _nil _{ _// _no"],
    );
    check(
        "x = f'{y!r}'  # a\tb",
        expect![[r##".x _= _f .' .{ .y .! .r .} .' =# _a _b"##]],
    );
    check(
        "p->q ?? r?.s === 1.5e3",
        expect![".p .-> .q _?? _r .?. .s _=== _1.5e3"],
    );
    check("größe := π + 漢字", expect![".größe _:= _π _+ _漢字"]);
    check("   ", expect![""]);
}

#[test]
fn pieces_and_the_space_between_them_are_the_line() {
    let mut random = Random::new(7);
    for _ in 0..2_000 {
        let line = random.line();
        let mut end = indentation(&line).bytes;
        for piece in pieces(&line) {
            let space = &line[end..piece.range.start];
            assert!(
                space.bytes().all(|byte| matches!(byte, b' ' | b'\t')),
                "{line:?}"
            );
            assert_eq!(leading_of(space.as_bytes()), piece.leading, "{line:?}");
            assert!(
                !piece.range.is_empty() && piece.range.len() < MAX_PIECE_BYTES + 4,
                "{line:?}"
            );
            end = piece.range.end;
        }
        assert!(
            line[end..].bytes().all(|byte| matches!(byte, b' ' | b'\t')),
            "{line:?}"
        );
    }
}

#[test]
fn a_beginning_of_a_line_has_the_same_pieces_but_for_the_last() {
    let mut random = Random::new(8);
    for _ in 0..2_000 {
        let line = random.line();
        let whole = pieces(&line);
        let cut = random.boundary(&line);
        let part = pieces(&line[..cut]);
        let settled = part.len().saturating_sub(1);
        // An operator may take a character more in the whole line, so one more piece than the last
        // is open.
        for (left, right) in part[..settled.saturating_sub(1)].iter().zip(&whole) {
            assert_eq!(left, right, "{line:?} cut at {cut}");
        }
    }
}

#[test]
fn encoded_data_is_cut_into_bounded_pieces() {
    let line = "A1b2".repeat(1_000);
    let lengths: Vec<usize> = pieces(&line)
        .iter()
        .map(|piece| piece.range.len())
        .collect();
    assert!(lengths.iter().all(|&length| length <= MAX_PIECE_BYTES));
    assert_eq!(lengths.iter().sum::<usize>(), line.len());
    assert_eq!(leading_of(b"\t"), Leading::One);
}
