//! The loop between the client and the service.
//!
//! Every call gets its first poll in arrival order, here and nowhere else, so what a handler does before its first
//! `.await` happens in arrival order: that is the whole ordering guarantee that the event queue builds on.

use std::io::Read;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt, poll_fn};
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tower::Service;
use tower_lsp_server::jsonrpc::{Error, Id, Request, Response};

use super::frame::{Frame, FrameReader};
use super::incoming::{Incoming, decode, undecodable};
use super::outbox::Outbox;

/// Why the conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The client sent `exit`.
    Exit,
    /// The stream from the client was closed: the editor is gone.
    EndOfStream,
}

/// How long the last requests may take to be answered.
const LAST_ANSWERS: Duration = Duration::from_millis(500);

type Reply = BoxFuture<'static, Option<Response>>;

/// Serves `service` until the client says `exit` or is gone.
pub(crate) async fn serve<S>(
    input: impl Read + Send + 'static,
    outbox: Outbox,
    mut service: S,
) -> Ending
where
    S: Service<Request, Response = Option<Response>>,
    S::Error: Send + 'static,
    S::Future: Send + 'static,
{
    let mut incoming = start_reader(input);
    let mut pending = FuturesUnordered::new();
    loop {
        tokio::select! {
            message = incoming.recv() => match message {
                None => {
                    finish(&mut pending, &outbox).await;
                    return Ending::EndOfStream;
                }
                Some(Incoming::Refused(response)) => outbox.respond(&response),
                Some(Incoming::Answer { id, outcome }) => outbox.accept_answer(&id, outcome),
                Some(Incoming::Ignored { id }) => {
                    tracing::warn!(id, "an answer with neither or both of result and error");
                }
                Some(Incoming::Call(request)) => {
                    if request.method() == "exit" {
                        finish(&mut pending, &outbox).await;
                        return Ending::Exit;
                    }
                    let mut reply = isolate(request.id().cloned(), &mut service, request);
                    match poll_once(&mut reply).await {
                        Poll::Ready(Some(response)) => outbox.respond(&response),
                        Poll::Ready(None) => {}
                        Poll::Pending => pending.push(reply),
                    }
                }
            },
            Some(Some(response)) = pending.next() => outbox.respond(&response),
        }
    }
}

/// Every request is owed its answer, also one that is still being worked on when the client says `exit`.
async fn finish(pending: &mut FuturesUnordered<Reply>, outbox: &Outbox) {
    let answer_all = async {
        while let Some(response) = pending.next().await {
            if let Some(response) = response {
                outbox.respond(&response);
            }
        }
    };
    if tokio::time::timeout(LAST_ANSWERS, answer_all)
        .await
        .is_err()
    {
        tracing::warn!("some requests were not answered before the end");
    }
}

/// Calls the service so that neither its error nor its panic gets further than this one call.
fn isolate<S>(id: Option<Id>, service: &mut S, request: Request) -> Reply
where
    S: Service<Request, Response = Option<Response>>,
    S::Error: Send + 'static,
    S::Future: Send + 'static,
{
    let method = request.method().to_string();
    let called = std::panic::catch_unwind(AssertUnwindSafe(|| service.call(request)));
    let future = match called {
        Ok(future) => AssertUnwindSafe(future).catch_unwind().boxed(),
        Err(panic) => std::future::ready(Err(panic)).boxed(),
    };
    future
        .map(move |outcome| match outcome {
            Ok(response) => response
                .unwrap_or_default()
                .or_else(|| unanswered(id, &method)),
            Err(_) => {
                tracing::error!(method, "a handler panicked");
                id.map(|id| Response::from_error(id, Error::internal_error()))
            }
        })
        .boxed()
}

/// The framework leaves requests alone whose method begins with `$/`; LSP wants an error for them.
fn unanswered(id: Option<Id>, method: &str) -> Option<Response> {
    let mut error = Error::method_not_found();
    error.message = format!("{method} is not a method of this server").into();
    id.map(|id| Response::from_error(id, error))
}

async fn poll_once(reply: &mut Reply) -> Poll<Option<Response>> {
    poll_fn(|context| Poll::Ready(Pin::new(&mut *reply).poll(context))).await
}

/// Reads and decodes on a thread of its own, so that a huge message does not hold up the answers to others.
fn start_reader(input: impl Read + Send + 'static) -> UnboundedReceiver<Incoming> {
    let (sender, receiver) = unbounded_channel();
    std::thread::Builder::new()
        .name("reader".into())
        .spawn(move || read_messages(input, &sender))
        .expect("the system can start a thread at start-up");
    receiver
}

fn read_messages(input: impl Read, sender: &UnboundedSender<Incoming>) {
    let mut reader = FrameReader::new(input);
    loop {
        let message = match reader.next_frame() {
            Ok(Some(Frame::Body(body))) => {
                let message = decode(&body);
                if matches!(&message, Incoming::Refused(_)) {
                    reader.reject(&body);
                }
                message
            }
            Ok(Some(Frame::Garbage)) => undecodable("bytes that belong to no frame were skipped"),
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(%error, "the client can no longer be read from");
                return;
            }
        };
        if sender.send(message).is_err() {
            return;
        }
    }
}
