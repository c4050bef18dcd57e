//! Events of the specification's corner cases, cut everywhere.

use expect_test::{Expect, expect};

use super::SseReader;

fn read(pieces: &[&[u8]]) -> Vec<(Option<String>, String)> {
    let mut reader = SseReader::default();
    let mut events = Vec::new();
    let mut take = |event: super::SseEvent<'_>| {
        events.push((event.name.map(str::to_owned), event.data.to_owned()))
    };
    for piece in pieces {
        reader.push(piece, &mut take).unwrap();
    }
    reader.finish(&mut take);
    events
}

/// The events of `stream`, the same however it is cut.
fn check(stream: &[u8], expected: Expect) {
    let whole = read(&[stream]);
    expected.assert_eq(&format!("{whole:?}"));
    for cut in 0..=stream.len() {
        let (left, right) = stream.split_at(cut);
        assert_eq!(read(&[left, right]), whole, "cut at {cut}");
    }
    let bytes: Vec<&[u8]> = stream.chunks(1).collect();
    assert_eq!(read(&bytes), whole, "byte by byte");
}

#[test]
fn names_comments_and_data_over_several_lines() {
    check(
        b": a comment\nevent: ping\ndata: one\ndata:two\ndata\nid: 7\nretry: 10\n\ndata: {}\n\n",
        expect![[r#"[(Some("ping"), "one\ntwo\n"), (None, "{}")]"#]],
    );
}

#[test]
fn every_line_end() {
    check(
        b"data: a\r\rdata: b\r\n\r\ndata: c\n\ndata: d\r\n\ndata: e\r\n\r",
        expect![[r#"[(None, "a"), (None, "b"), (None, "c"), (None, "d"), (None, "e")]"#]],
    );
}

#[test]
fn a_byte_order_mark_only_at_the_start() {
    check(
        "\u{feff}data: é\n\n\u{feff}data: 2\n\ndata: 😀\n\n".as_bytes(),
        expect![[r#"[(None, "é"), (None, "😀")]"#]],
    );
}

#[test]
fn no_last_blank_line_and_no_data() {
    check(
        b"event: lonely\n\ndata: \n\nevent: last\ndata: x",
        expect![[r#"[(None, ""), (Some("last"), "x")]"#]],
    );
}

#[test]
fn bytes_that_are_not_utf_8_do_no_harm() {
    check(b"data: \xff\xfea\n\n", expect![[r#"[(None, "��a")]"#]]);
}
