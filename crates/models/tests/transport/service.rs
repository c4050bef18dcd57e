//! A service on loopback that reads HTTP requests and answers with whatever bytes a test wants.
//!
//! It shares no code with what is under test. Dropping it closes every connection and ends its threads.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// For example `POST /v1/chat/completions HTTP/1.1`.
    pub(crate) line: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What becomes of a connection after an answer.
#[derive(PartialEq, Eq)]
pub(crate) enum After {
    Keep,
    Close,
}

pub(crate) trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

/// Answers the request with this number, counted from 0 over all connections.
pub(crate) type Answer = dyn Fn(usize, &Seen, &mut dyn Stream) -> io::Result<After> + Send + Sync;
/// Makes the stream that is spoken on from the one that was accepted: plain, or within TLS.
pub(crate) type Wrap = dyn Fn(TcpStream) -> io::Result<Box<dyn Stream>> + Send + Sync;

pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

struct Shared {
    answer: Box<Answer>,
    wrap: Box<Wrap>,
    accepts: AtomicUsize,
    stopped: AtomicBool,
    seen: Mutex<Vec<Seen>>,
    open: Mutex<Vec<TcpStream>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Service {
    pub(crate) fn start(
        answer: impl Fn(usize, &Seen, &mut dyn Stream) -> io::Result<After> + Send + Sync + 'static,
    ) -> Self {
        Self::start_wrapped(|stream| Ok(Box::new(stream)), answer)
    }

    pub(crate) fn start_wrapped(
        wrap: impl Fn(TcpStream) -> io::Result<Box<dyn Stream>> + Send + Sync + 'static,
        answer: impl Fn(usize, &Seen, &mut dyn Stream) -> io::Result<After> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            answer: Box::new(answer),
            wrap: Box::new(wrap),
            accepts: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            seen: Mutex::default(),
            open: Mutex::default(),
            threads: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        Self {
            address,
            shared,
            acceptor: Some(std::thread::spawn(move || accept(&listener, &accepting))),
        }
    }

    /// Connections so far.
    pub(crate) fn accepts(&self) -> usize {
        self.shared.accepts.load(Ordering::SeqCst)
    }

    /// Requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        lock(&self.shared.seen).clone()
    }
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(header, _)| header == name)?;
        Some(value)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let _ = self.acceptor.take().unwrap().join();
        for stream in lock(&self.shared.open).iter() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        let threads = std::mem::take(&mut *lock(&self.shared.threads));
        for thread in threads {
            let _ = thread.join();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let stream = stream.unwrap();
        stream.set_nodelay(true).unwrap();
        shared.accepts.fetch_add(1, Ordering::SeqCst);
        lock(&shared.open).push(stream.try_clone().unwrap());
        let serving = Arc::clone(shared);
        let thread = std::thread::spawn(move || {
            let closing = stream.try_clone().unwrap();
            // A connection that a client breaks off is a part of many tests.
            let _ = serve(stream, &serving);
            let _ = closing.shutdown(Shutdown::Both);
        });
        lock(&shared.threads).push(thread);
    }
}

fn serve(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut reader = BufReader::new((shared.wrap)(stream)?);
    while let Some(seen) = read_request(&mut reader)? {
        let number = {
            let mut all = lock(&shared.seen);
            all.push(seen.clone());
            all.len() - 1
        };
        if (shared.answer)(number, &seen, reader.get_mut())? == After::Close {
            return Ok(());
        }
    }
    Ok(())
}

/// `None` when the client has closed the connection.
fn read_request(reader: &mut impl BufRead) -> io::Result<Option<Seen>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut seen = Seen {
        line: line.trim_end().to_owned(),
        headers,
        body: Vec::new(),
    };
    let length = seen
        .header("content-length")
        .map_or(0, |length| length.parse().unwrap());
    seen.body = vec![0; length];
    reader.read_exact(&mut seen.body)?;
    Ok(Some(seen))
}

/// A whole answer with a length.
pub(crate) fn respond(
    stream: &mut dyn Stream,
    status: &str,
    headers: &str,
    body: &str,
) -> io::Result<After> {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )?;
    stream.flush()?;
    Ok(After::Keep)
}

/// Returns when the client has closed the connection, in whatever way.
pub(crate) fn await_end(stream: &mut dyn Stream) {
    while let Ok(1..) = stream.read(&mut [0]) {}
}

/// Begins a chunked event stream.
pub(crate) fn begin_stream(stream: &mut dyn Stream) -> io::Result<()> {
    stream.write_all(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
    )?;
    stream.flush()
}

/// One chunk of one event.
pub(crate) fn event(stream: &mut dyn Stream, data: &str) -> io::Result<()> {
    let frame = format!("data: {data}\n\n");
    write!(stream, "{:x}\r\n{frame}\r\n", frame.len())?;
    stream.flush()
}

/// The end of a chunked stream.
pub(crate) fn end_stream(stream: &mut dyn Stream) -> io::Result<After> {
    stream.write_all(b"0\r\n\r\n")?;
    stream.flush()?;
    Ok(After::Keep)
}

/// A complete answer of Chat Completions that says `text`.
pub(crate) fn say(stream: &mut dyn Stream, text: &str) -> io::Result<After> {
    begin_stream(stream)?;
    event(stream, &chat_text(text))?;
    event(
        stream,
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
    )?;
    event(stream, "[DONE]")?;
    end_stream(stream)
}

/// An event of Chat Completions with a piece of text.
pub(crate) fn chat_text(text: &str) -> String {
    serde_json::json!({"choices": [{"index": 0, "delta": {"content": text}}]}).to_string()
}
