//! Cuts a byte stream into message bodies, and finds its way back after bytes that are none.
//!
//! Used by the reader thread. Knows the base protocol of LSP (header part, `Content-Length`, body) and no JSON.

use std::io::{self, Read};

/// Bodies beyond this size are refused: no editor sends them, and a mangled length must not take all memory.
const MAX_BODY_BYTES: usize = 512 << 20;
/// A header part longer than this is no header part.
const MAX_HEADER_BYTES: usize = 16 << 10;
const READ_BYTES: usize = 64 << 10;
/// A header part with nothing but a length is shorter than this.
const MAX_SHORT_HEADER_BYTES: usize = 48;
const LENGTH_HEADER: &[u8] = b"content-length:";

/// What stands next in the stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// A message body, not yet known to be JSON.
    Body(Vec<u8>),
    /// Bytes that belong to no frame; they were skipped.
    Garbage,
}

/// Reads frames from a blocking stream.
pub(crate) struct FrameReader<R> {
    stream: R,
    /// Bytes read and not yet consumed start at `start`.
    buffer: Vec<u8>,
    start: usize,
}

impl<R: Read> FrameReader<R> {
    pub(crate) fn new(stream: R) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
            start: 0,
        }
    }

    /// The next frame, or `None` at the end of the stream.
    ///
    /// # Errors
    ///
    /// What the stream itself reports; malformed input is [`Frame::Garbage`], never an error.
    pub(crate) fn next_frame(&mut self) -> io::Result<Option<Frame>> {
        loop {
            match find_header(self.unread()) {
                Header::Complete { body_start, length } => {
                    self.start += body_start;
                    return self.read_body(length);
                }
                Header::Malformed { resume_at } => {
                    self.start += resume_at;
                    return Ok(Some(Frame::Garbage));
                }
                Header::Incomplete => {
                    if self.fill(READ_BYTES)? == 0 {
                        return Ok(self.end_of_stream());
                    }
                }
            }
        }
    }

    /// Gives a body back that turned out not to be JSON: if a header starts inside it, its length was wrong and the
    /// frames that it swallowed are read again from there.
    pub(crate) fn reject(&mut self, body: &[u8]) {
        let Some(position) = find_length_header(body) else {
            return;
        };
        let rest = self.buffer.split_off(self.start);
        self.buffer.clear();
        self.buffer.extend_from_slice(&body[position..]);
        self.buffer.extend_from_slice(&rest);
        self.start = 0;
    }

    fn read_body(&mut self, length: usize) -> io::Result<Option<Frame>> {
        let mut searched = 0;
        while self.unread().len() < length {
            // Without this look, a body that was cut short would wait for bytes that may never come.
            if let Some(position) = find_whole_header(self.unread(), searched) {
                self.start += position;
                return Ok(Some(Frame::Garbage));
            }
            searched = self.unread().len().saturating_sub(MAX_SHORT_HEADER_BYTES);
            let missing = length - self.unread().len();
            if self.fill(missing.clamp(READ_BYTES, 8 << 20))? == 0 {
                return Ok(self.end_of_stream());
            }
        }
        let end = self.start + length;
        let body = self.buffer[self.start..end].to_vec();
        self.start = end;
        self.release_consumed();
        Ok(Some(Frame::Body(body)))
    }

    fn end_of_stream(&mut self) -> Option<Frame> {
        let had_bytes = !self.unread().is_empty();
        self.buffer = Vec::new();
        self.start = 0;
        had_bytes.then_some(Frame::Garbage)
    }

    fn unread(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Reads up to `wanted` more bytes; 0 means the end.
    fn fill(&mut self, wanted: usize) -> io::Result<usize> {
        self.release_consumed();
        let old_length = self.buffer.len();
        self.buffer.resize(old_length + wanted, 0);
        let outcome = loop {
            match self.stream.read(&mut self.buffer[old_length..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => break outcome,
            }
        };
        let count = *outcome.as_ref().unwrap_or(&0);
        self.buffer.truncate(old_length + count);
        outcome
    }

    /// Drops what was consumed; a buffer that once held a huge body is given back to the system.
    fn release_consumed(&mut self) {
        if self.start == self.buffer.len() {
            self.buffer.clear();
            self.start = 0;
            self.buffer.shrink_to(4 * READ_BYTES);
        } else if READ_BYTES < self.start {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
    }
}

enum Header {
    /// A whole header part; the body starts at `body_start`.
    Complete { body_start: usize, length: usize },
    /// Not a header part; `resume_at` is where to look next.
    Malformed { resume_at: usize },
    /// More bytes are needed to tell.
    Incomplete,
}

fn find_header(bytes: &[u8]) -> Header {
    let Some(end) = find(bytes, b"\r\n\r\n") else {
        return if bytes.len() <= MAX_HEADER_BYTES {
            Header::Incomplete
        } else {
            Header::Malformed {
                resume_at: resume_position(bytes, bytes.len()),
            }
        };
    };
    match parse_header_lines(&bytes[..end]) {
        Some(length) if length <= MAX_BODY_BYTES => Header::Complete {
            body_start: end + 4,
            length,
        },
        _ => Header::Malformed {
            resume_at: resume_position(bytes, end + 4),
        },
    }
}

/// The value of `Content-Length` if every line is a header field; names are compared without case, as HTTP has it.
fn parse_header_lines(header: &[u8]) -> Option<usize> {
    let header = std::str::from_utf8(header).ok()?;
    let mut length = None;
    for line in header.split("\r\n") {
        let (name, value) = line.split_once(':')?;
        if name.trim().eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse().ok()?);
        } else if name.contains(|character: char| character.is_control() || character == '{') {
            return None;
        }
    }
    length
}

/// Where to go on after malformed bytes: at the next header inside them (not the one that just failed), else behind them.
fn resume_position(bytes: &[u8], end: usize) -> usize {
    let skip = 1.min(end);
    find_length_header(&bytes[skip..end]).map_or_else(
        || keep_partial_header(bytes, end),
        |position| position + skip,
    )
}

/// Bytes at the end that may be the beginning of a header are kept when more is to come.
fn keep_partial_header(bytes: &[u8], end: usize) -> usize {
    if end < bytes.len() {
        return end;
    }
    let longest = LENGTH_HEADER.len().min(end.saturating_sub(1));
    (1..=longest)
        .rev()
        .find(|&count| bytes[end - count..end].eq_ignore_ascii_case(&LENGTH_HEADER[..count]))
        .map_or(end, |count| end - count)
}

/// Where a header part with nothing but a length begins, at or after `from`.
///
/// No JSON contains one: outside of strings it is no JSON, and inside of them line breaks are escaped.
fn find_whole_header(bytes: &[u8], from: usize) -> Option<usize> {
    let mut ends = memchr::memmem::find_iter(&bytes[from..], b"\r\n\r\n");
    ends.find_map(|end| {
        let end = from + end;
        let start = end.saturating_sub(MAX_SHORT_HEADER_BYTES);
        let header = start + find_length_header(&bytes[start..end])?;
        parse_header_lines(&bytes[header..end]).map(|_| header)
    })
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, wanted)
}

fn find_length_header(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(LENGTH_HEADER.len())
        .position(|window| window.eq_ignore_ascii_case(LENGTH_HEADER))
}

#[cfg(test)]
mod tests;
