//! The way an answer's events travel: the chunked body of an HTTP answer, or the messages of a WebSocket.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use tungstenite::{Message, WebSocket};

use super::stream::{Stream, is_timeout};
use crate::wire::{Event, Framing};

/// Where events go. Every error means that the client has left.
pub(super) trait Channel {
    /// Sends an event, perhaps later.
    fn send(&mut self, event: &Event) -> io::Result<()>;

    /// Sends the first half of an event, and makes sure that everything is on its way.
    fn send_half(&mut self, event: &Event) -> io::Result<()>;

    /// Sends bytes that are no event.
    fn send_garbage(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes sure that everything is on its way, and lets time pass.
    fn pause(&mut self, duration: Duration) -> io::Result<()>;

    /// Makes sure that everything is on its way.
    fn flush(&mut self) -> io::Result<()>;

    /// Ends the answer properly.
    fn end(&mut self) -> io::Result<()>;

    /// Ends an answer that is not complete, in the proper way: the body ends, the WebSocket is closed.
    fn abandon(&mut self) -> io::Result<Remains>;

    /// Waits until the client leaves.
    fn wait_for_close(&mut self);
}

/// What remains of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Remains {
    /// It can be used further.
    Open,
    /// Nothing.
    Closed,
}

/// The body of an HTTP answer.
pub(super) struct Body<'a> {
    stream: &'a mut Stream,
    framing: Framing,
    /// Bytes of a chunk, if they are to be all alike.
    chunk: Option<usize>,
    /// Bytes that are in no chunk yet.
    unchunked: Vec<u8>,
    /// Bytes that are not written yet.
    unwritten: Vec<u8>,
}

impl<'a> Body<'a> {
    /// `head` is the answer's head, without its last line; it is written with the first bytes.
    pub(super) fn new(
        stream: &'a mut Stream,
        head: Vec<u8>,
        framing: Framing,
        chunk: Option<usize>,
    ) -> Self {
        let mut unwritten = head;
        unwritten.extend_from_slice(b"transfer-encoding: chunked\r\n\r\n");
        Self {
            stream,
            framing,
            chunk,
            unchunked: Vec::new(),
            unwritten,
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        self.unchunked.extend_from_slice(bytes);
        match self.chunk {
            None => self.push_rest(),
            Some(size) => {
                while self.unchunked.len() >= size.max(1) {
                    let chunk: Vec<u8> = self.unchunked.drain(..size.max(1)).collect();
                    self.push_chunk(&chunk);
                }
            }
        }
    }

    fn push_rest(&mut self) {
        let rest = std::mem::take(&mut self.unchunked);
        if !rest.is_empty() {
            self.push_chunk(&rest);
        }
    }

    fn push_chunk(&mut self, bytes: &[u8]) {
        let size = format!("{:x}\r\n", bytes.len());
        self.unwritten.extend_from_slice(size.as_bytes());
        self.unwritten.extend_from_slice(bytes);
        self.unwritten.extend_from_slice(b"\r\n");
    }
}

impl Channel for Body<'_> {
    fn send(&mut self, event: &Event) -> io::Result<()> {
        self.push(&event.bytes(self.framing));
        Ok(())
    }

    fn send_half(&mut self, event: &Event) -> io::Result<()> {
        let bytes = event.bytes(self.framing);
        self.push(&bytes[..bytes.len() / 2]);
        self.flush()
    }

    fn send_garbage(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.push(bytes);
        Ok(())
    }

    fn pause(&mut self, duration: Duration) -> io::Result<()> {
        self.flush()?;
        self.stream.pause(duration)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.push_rest();
        let bytes = std::mem::take(&mut self.unwritten);
        self.stream.write_all(&bytes)
    }

    fn end(&mut self) -> io::Result<()> {
        self.push_rest();
        self.unwritten.extend_from_slice(b"0\r\n\r\n");
        self.flush()
    }

    fn abandon(&mut self) -> io::Result<Remains> {
        self.end().map(|()| Remains::Open)
    }

    fn wait_for_close(&mut self) {
        let mut bytes = [0; 4096];
        while matches!(self.stream.read(&mut bytes), Ok(count) if count > 0) {}
    }
}

/// The messages of a WebSocket, and those of the client that came while an answer was under way.
pub(super) struct Socket {
    pub(super) socket: WebSocket<Stream>,
    waiting: Vec<Message>,
}

impl Socket {
    pub(super) fn new(socket: WebSocket<Stream>) -> Self {
        Self {
            socket,
            waiting: Vec::new(),
        }
    }

    /// The client's next message.
    pub(super) fn next(&mut self) -> io::Result<Message> {
        if self.waiting.is_empty() {
            return self.socket.read().map_err(to_io);
        }
        Ok(self.waiting.remove(0))
    }
}

impl Channel for Socket {
    fn send(&mut self, event: &Event) -> io::Result<()> {
        self.socket
            .write(Message::text(event.data.clone()))
            .map_err(to_io)
    }

    fn send_half(&mut self, event: &Event) -> io::Result<()> {
        self.flush()?;
        let frame = text_frame(event.data.as_bytes());
        self.socket.get_mut().write_all(&frame[..frame.len() / 2])
    }

    fn send_garbage(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.socket
            .write(Message::binary(bytes.to_vec()))
            .map_err(to_io)
    }

    fn pause(&mut self, duration: Duration) -> io::Result<()> {
        self.flush()?;
        let end = Instant::now() + duration;
        loop {
            let rest = end.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                return self.socket.get_ref().limit_reading(None);
            }
            self.socket.get_ref().limit_reading(Some(rest))?;
            match self.socket.read().map_err(to_io) {
                Ok(Message::Close(_)) => return Err(io::ErrorKind::ConnectionAborted.into()),
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                Ok(message) => self.waiting.push(message),
                Err(error) if is_timeout(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush().map_err(to_io)
    }

    fn end(&mut self) -> io::Result<()> {
        self.flush()
    }

    fn abandon(&mut self) -> io::Result<Remains> {
        self.socket.close(None).map_err(to_io)?;
        self.flush().map(|()| Remains::Closed)
    }

    fn wait_for_close(&mut self) {
        while !matches!(self.socket.read(), Ok(Message::Close(_)) | Err(_)) {}
    }
}

/// An unmasked text frame, for sending a part of it.
fn text_frame(payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x81];
    match payload.len() {
        length @ 0..126 => frame.push(length as u8),
        length @ 126..65536 => {
            frame.push(126);
            frame.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            frame.push(127);
            frame.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(payload);
    frame
}

fn to_io(error: tungstenite::Error) -> io::Error {
    match error {
        tungstenite::Error::Io(error) => error,
        other => io::Error::other(other),
    }
}
