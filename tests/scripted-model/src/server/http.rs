//! HTTP/1.1 as a server reads and writes it: heads, bodies of known length, chunked bodies.

use std::io::{self, Read, Write};
use std::time::Instant;

use super::stream::Stream;

/// Reads requests one after the other from a connection.
pub(super) struct Reader {
    pub(super) stream: Stream,
    /// What was read and not yet used.
    pub(super) buffer: Vec<u8>,
}

/// A request as it came.
pub(super) struct Message {
    pub(super) method: String,
    pub(super) path: String,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// Everything, byte by byte.
    pub(super) raw: Vec<u8>,
    /// When its first byte was there.
    pub(super) began: Instant,
    /// When its last byte was there.
    pub(super) arrived: Instant,
}

/// A head that is longer is refused.
const LONGEST_HEAD: usize = 1 << 20;

impl Reader {
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    /// The next request; `None` when the client has closed the connection between two of them.
    pub(super) fn next(&mut self) -> io::Result<Option<Message>> {
        if self.buffer.is_empty() && !self.more()? {
            return Ok(None);
        }
        let began = Instant::now();
        let end = self.find(b"\r\n\r\n", 0)? + 4;
        let (method, path, headers) = parse_head(&self.buffer[..end])?;
        let (body, length) = self.body(&headers, end)?;
        let arrived = Instant::now();
        let raw = self.buffer.drain(..length).collect();
        Ok(Some(Message {
            method,
            path,
            headers,
            body,
            raw,
            began,
            arrived,
        }))
    }

    fn more(&mut self) -> io::Result<bool> {
        let mut bytes = [0; 64 << 10];
        let count = self.stream.read(&mut bytes)?;
        self.buffer.extend_from_slice(&bytes[..count]);
        Ok(count > 0)
    }

    fn need(&mut self, length: usize) -> io::Result<()> {
        while self.buffer.len() < length {
            if !self.more()? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }

    /// The place of `mark` at or after `from`.
    fn find(&mut self, mark: &[u8], from: usize) -> io::Result<usize> {
        let mut from = from;
        loop {
            let rest = self.buffer.get(from..).unwrap_or_default();
            if let Some(place) = rest.windows(mark.len()).position(|window| window == mark) {
                return Ok(from + place);
            }
            from = from.max(self.buffer.len().saturating_sub(mark.len()));
            if from > LONGEST_HEAD {
                return Err(invalid("the head is too long"));
            }
            self.need(self.buffer.len() + 1)?;
        }
    }

    /// The body that begins at `start`, and where the request ends.
    fn body(&mut self, headers: &[(String, String)], start: usize) -> io::Result<(Vec<u8>, usize)> {
        let header = |wanted: &str| headers.iter().find(|(name, _)| name == wanted);
        if header("transfer-encoding").is_some_and(|(_, value)| value.contains("chunked")) {
            return self.chunked_body(start);
        }
        let length = match header("content-length") {
            Some((_, length)) => length.parse().map_err(|_| invalid("content-length"))?,
            None => 0,
        };
        self.need(start + length)?;
        Ok((self.buffer[start..start + length].to_vec(), start + length))
    }

    fn chunked_body(&mut self, start: usize) -> io::Result<(Vec<u8>, usize)> {
        let mut body = Vec::new();
        let mut at = start;
        loop {
            let end = self.find(b"\r\n", at)?;
            let size = String::from_utf8_lossy(&self.buffer[at..end]).into_owned();
            let size = size.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16).map_err(|_| invalid("chunk size"))?;
            let data = end + 2;
            self.need(data + size + 2)?;
            body.extend_from_slice(&self.buffer[data..data + size]);
            at = data + size + 2;
            if size == 0 {
                return Ok((body, at));
            }
        }
    }
}

type Head = (String, String, Vec<(String, String)>);

fn parse_head(head: &[u8]) -> io::Result<Head> {
    let head = std::str::from_utf8(head).map_err(|_| invalid("the head is not UTF-8"))?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(path), Some("HTTP/1.1")) = (first.next(), first.next(), first.next())
    else {
        return Err(invalid("the first line is none of HTTP/1.1"));
    };
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Ok((method.into(), path.into(), headers))
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

/// Writes an answer of known length.
pub(super) fn respond(
    stream: &mut Stream,
    status: u16,
    headers: &[(&str, String)],
    body: &[u8],
) -> io::Result<()> {
    let mut bytes = head(status, headers);
    bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    stream.write_all(&bytes)
}

/// A head without its last, empty line.
pub(super) fn head(status: u16, headers: &[(&str, String)]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(status));
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.into_bytes()
}

fn reason(status: u16) -> &'static str {
    match status {
        101 => "Switching Protocols",
        200 => "OK",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Other",
    }
}
