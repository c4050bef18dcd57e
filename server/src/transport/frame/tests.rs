//! Frames out of streams: whole, in pieces, and with rubbish in between.

use std::io::{self, Read};

use super::{Frame, FrameReader};

/// A stream that gives its bytes in pieces of the given sizes, over and over.
struct Pieces {
    bytes: Vec<u8>,
    position: usize,
    sizes: Vec<usize>,
    turn: usize,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.turn % self.sizes.len()];
        self.turn += 1;
        let count = size.min(buffer.len()).min(self.bytes.len() - self.position);
        buffer[..count].copy_from_slice(&self.bytes[self.position..self.position + count]);
        self.position += count;
        Ok(count)
    }
}

fn frame(body: &str) -> String {
    format!("Content-Length: {}\r\n\r\n{body}", body.len())
}

fn read_all(bytes: &[u8], sizes: &[usize]) -> Vec<Frame> {
    let mut reader = FrameReader::new(Pieces {
        bytes: bytes.to_vec(),
        position: 0,
        sizes: sizes.to_vec(),
        turn: 0,
    });
    let mut frames = Vec::new();
    while let Some(frame) = reader.next_frame().unwrap() {
        frames.push(frame);
    }
    frames
}

fn body(text: &str) -> Frame {
    Frame::Body(text.as_bytes().to_vec())
}

#[test]
fn bodies_come_whole_whatever_the_pieces() {
    let stream = frame("{}") + &frame("{\"é\":\"🦀\"}") + &frame("");
    for sizes in [&[1][..], &[2, 5], &[7], &[1000]] {
        assert_eq!(
            read_all(stream.as_bytes(), sizes),
            [body("{}"), body("{\"é\":\"🦀\"}"), body("")]
        );
    }
}

#[test]
fn header_names_have_no_case_and_other_headers_are_skipped() {
    let stream = "content-length: 2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n{}\
                  CONTENT-LENGTH:2\r\n\r\n[]";
    assert_eq!(read_all(stream.as_bytes(), &[3]), [body("{}"), body("[]")]);
}

#[test]
fn after_rubbish_the_next_frame_is_found() {
    for rubbish in [
        "hello\r\n\r\n",
        "{\"no\":\"header\"}\r\n\r\n",
        "Content-Length: twelve\r\n\r\n",
        "Content-Length: -1\r\n\r\n",
        "Content-Length: 99999999999999999999\r\n\r\n",
        "Content-Length: 999999999999\r\n\r\n",
        "Content-Type: x\r\n\r\n",
    ] {
        let stream = format!("{rubbish}{}", frame("{}"));
        for sizes in [&[1][..], &[1000]] {
            let frames = read_all(stream.as_bytes(), sizes);
            assert_eq!(frames.last(), Some(&body("{}")), "{rubbish:?}: {frames:?}");
            assert!(frames.len() <= 3, "{rubbish:?}: {frames:?}");
            assert_eq!(frames[0], Frame::Garbage, "{rubbish:?}");
        }
    }
}

#[test]
fn endless_rubbish_does_not_fill_the_memory_and_a_frame_behind_it_is_found() {
    let stream = "x".repeat(1 << 20) + &frame("{}");
    let frames = read_all(stream.as_bytes(), &[4096]);
    assert_eq!(frames.last(), Some(&body("{}")));
}

#[test]
fn a_truncated_body_gives_back_the_frames_that_it_swallowed() {
    let stream = "Content-Length: 60\r\n\r\n{\"cut\":".to_string()
        + &frame("{}")
        + &frame("{\"a\":1}")
        + &frame("{}");
    let mut reader = FrameReader::new(stream.as_bytes());
    let Some(Frame::Body(swallowed)) = reader.next_frame().unwrap() else {
        panic!("a body was expected");
    };
    reader.reject(&swallowed);
    assert_eq!(reader.next_frame().unwrap(), Some(body("{}")));
    assert_eq!(reader.next_frame().unwrap(), Some(body("{\"a\":1}")));
}

#[test]
fn a_body_that_is_cut_short_does_not_wait_for_more() {
    let stream = "Content-Length: 100000\r\n\r\n{\"cut\":".to_string() + &frame("{}");
    for sizes in [&[1][..], &[7], &[1000]] {
        let frames = read_all(stream.as_bytes(), sizes);
        assert_eq!(frames, [Frame::Garbage, body("{}")]);
    }
}

#[test]
fn a_stream_that_ends_inside_a_frame_says_so_once() {
    for stream in [
        "Content-Le",
        "Content-Length: 5\r\n",
        "Content-Length: 5\r\n\r\n{",
    ] {
        assert_eq!(
            read_all(stream.as_bytes(), &[1]),
            [Frame::Garbage],
            "{stream:?}"
        );
    }
    assert_eq!(read_all(b"", &[1]), []);
}
