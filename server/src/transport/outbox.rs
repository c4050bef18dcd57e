//! The way out: everything that is written to the client goes through here, whole and in the order in which it was handed over.
//!
//! Cheap to clone and usable from any thread. Owns the writer thread's queue and the table of our own requests that
//! the client has not answered yet.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustc_hash::FxHashMap;
use serde::Serialize;
use serde_json::{Value, json};
use tower_lsp_server::gen_lsp_types::{Notification, Request};
use tower_lsp_server::jsonrpc::Response;

/// What the client answered to a request of ours: its result, or its error object.
pub(crate) type Answer = Result<Value, Value>;

/// What the ids of our own requests begin with.
pub(super) const OUR_ID_PREFIX: &str = "ropewalk-";

/// Names a request of ours that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(String);

type OnAnswer = Box<dyn FnOnce(Answer) + Send>;

/// Sends messages to the client.
#[derive(Clone)]
pub(crate) struct Outbox {
    frames: Sender<Vec<u8>>,
    waiting: Arc<Waiting>,
}

/// The thread that writes, seen from whoever wants to know that everything is out.
pub(crate) struct Writer {
    end: Receiver<()>,
}

impl Writer {
    /// Waits until everything is written, but no longer than `limit`: a client that does not read must not keep us.
    pub(crate) fn wait(&self, limit: Duration) {
        let _ended_or_late = self.end.recv_timeout(limit);
    }
}

#[derive(Default)]
struct Waiting {
    next_id: AtomicU64,
    requests: Mutex<FxHashMap<String, OnAnswer>>,
}

impl Outbox {
    /// Starts the thread that writes to `stream`; it ends when the last clone of the outbox is gone or the stream is closed.
    pub(crate) fn start(stream: impl Write + Send + 'static) -> (Self, Writer) {
        let (frames, queue) = mpsc::channel();
        let (finished, end) = mpsc::channel();
        std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || {
                write_frames(stream, &queue);
                drop(finished);
            })
            .expect("the system can start a thread at start-up");
        let outbox = Self {
            frames,
            waiting: Arc::default(),
        };
        (outbox, Writer { end })
    }

    /// Sends a notification that LSP knows.
    pub(crate) fn notify<N: Notification>(&self, params: &N::Params)
    where
        N::Params: Serialize,
    {
        self.notify_method(N::METHOD.as_str(), params);
    }

    /// Sends a notification by its method name.
    pub(crate) fn notify_method(&self, method: &str, params: &impl Serialize) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request; `on_answer` is called on the transport's thread and must only pass the answer on.
    pub(crate) fn request<R: Request>(
        &self,
        params: &R::Params,
        on_answer: impl FnOnce(Answer) + Send + 'static,
    ) -> RequestId
    where
        R::Params: Serialize,
    {
        self.request_method(R::METHOD.as_str(), params, on_answer)
    }

    /// Sends a request by its method name, else as [`Outbox::request`].
    pub(crate) fn request_method(
        &self,
        method: &str,
        params: &impl Serialize,
        on_answer: impl FnOnce(Answer) + Send + 'static,
    ) -> RequestId {
        let number = self.waiting.next_id.fetch_add(1, Ordering::Relaxed);
        let id = format!("{OUR_ID_PREFIX}{number}");
        self.waiting
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id.clone(), Box::new(on_answer));
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        RequestId(id)
    }

    /// Tells the client that a request of ours needs no answer any more; one that comes all the same is dropped.
    pub(crate) fn withdraw(&self, request: &RequestId) {
        let mut requests = self
            .waiting
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if requests.remove(&request.0).is_some() {
            drop(requests);
            self.notify_method("$/cancelRequest", &json!({ "id": request.0 }));
        }
    }

    /// Sends the answer to a request of the client's.
    pub(crate) fn respond(&self, response: &Response) {
        self.send(response);
    }

    /// Hands the client's answer to whoever asked; answers that nobody waits for are dropped.
    pub(crate) fn accept_answer(&self, id: &Value, answer: Answer) {
        let on_answer = id.as_str().and_then(|id| {
            self.waiting
                .requests
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(id)
        });
        match on_answer {
            Some(on_answer) => on_answer(answer),
            None => tracing::debug!(%id, "an answer that nobody waits for"),
        }
    }

    /// A closed stream is noticed by the reader, so nothing is lost by ignoring it here.
    fn send(&self, message: &impl Serialize) {
        match serde_json::to_vec(message) {
            Ok(body) => drop(self.frames.send(body)),
            Err(error) => tracing::error!(%error, "a message cannot be written as JSON"),
        }
    }
}

fn write_frames(mut stream: impl Write, queue: &Receiver<Vec<u8>>) {
    while let Ok(body) = queue.recv() {
        let mut bytes = frame(&body);
        // What is waiting already goes out in the same write.
        while let Ok(body) = queue.try_recv() {
            bytes.extend_from_slice(&frame(&body));
        }
        if let Err(error) = stream.write_all(&bytes).and_then(|()| stream.flush()) {
            tracing::warn!(%error, "the client no longer reads");
            return;
        }
    }
}

fn frame(body: &[u8]) -> Vec<u8> {
    let mut frame = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    frame.extend_from_slice(body);
    frame
}
