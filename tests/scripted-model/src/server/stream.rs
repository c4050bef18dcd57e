//! A TCP stream that counts what it reads.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A client's stream.
pub(super) struct Stream {
    tcp: TcpStream,
    received: Arc<AtomicU64>,
}

impl Stream {
    pub(super) fn new(tcp: TcpStream, received: Arc<AtomicU64>) -> Self {
        Self { tcp, received }
    }

    /// From now on, reading fails with `WouldBlock` or `TimedOut` after this long; `None` waits for ever.
    pub(super) fn limit_reading(&self, limit: Option<Duration>) -> io::Result<()> {
        let least = Duration::from_micros(1);
        self.tcp
            .set_read_timeout(limit.map(|limit| limit.max(least)))
    }

    /// Lets time pass; an error when the client goes away meanwhile.
    pub(super) fn pause(&self, duration: Duration) -> io::Result<()> {
        let end = Instant::now() + duration;
        self.limit_reading(Some(duration))?;
        match self.tcp.peek(&mut [0]) {
            Ok(0) => return Err(io::ErrorKind::ConnectionAborted.into()),
            // The next request is there already; it waits for its turn.
            Ok(_) => std::thread::sleep(end.saturating_duration_since(Instant::now())),
            Err(error) if is_timeout(&error) => {}
            Err(error) => return Err(error),
        }
        self.limit_reading(None)
    }
}

/// Whether reading failed only because nothing came in time.
pub(super) fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.tcp.read(buffer)?;
        self.received.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.tcp.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}
