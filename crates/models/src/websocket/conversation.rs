//! The task behind a session: owns the socket and what the service remembers on it, and performs one request after
//! another.
//!
//! A socket that broke while idle is replaced without a word. Failures before an answer begins are repeated like those
//! over HTTP; a broken answer is reported. After [`FAILURE_LIMIT`] failures in a row, or when the service refuses, the
//! rest of the session goes over HTTP.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::connection::{self, NoSocket, Socket};
use super::continuation::{Answer, Frame, Memory};
use super::listener::{self, Outcome};
use crate::delivery::Delivery;
use crate::endpoint::Remote;
use crate::http::HttpLane;
use crate::retry::{Attempt, Repeat};
use crate::{FailureKind, ModelError, ModelEvent, Purpose, Request};

/// Failures in a row after which the session goes on over HTTP.
const FAILURE_LIMIT: u32 = 5;
/// How long the service may take to get ready, before a request that waits for it goes ahead.
const PREWARM_LIMIT: Duration = Duration::from_secs(5);
/// How long a farewell may take.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// What a session asks of its conversation.
pub(super) enum Command {
    /// Answer a request.
    Start(Request, Delivery),
    /// Get ready for one.
    Prewarm(Request),
}

/// One session's conversation.
pub(super) struct Conversation {
    remote: Arc<Remote>,
    way: Way,
    http: HttpLane,
    socket: Option<Socket>,
    memory: Option<Memory>,
    /// In a row.
    failures: u32,
}

/// How requests travel.
enum Way {
    Socket,
    /// With the reason, as long as the user does not know it.
    Http(Option<String>),
}

/// Whether a socket was there before the attempt.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SocketAge {
    New,
    Reused,
}

/// What follows an attempt.
enum Next {
    /// Nothing here: the request is answered, or HTTP takes over.
    Stop,
    AtOnce,
    AfterPause(ModelError),
}

impl Conversation {
    pub(super) fn new(remote: Arc<Remote>, handle: Handle) -> Self {
        Self {
            http: HttpLane::new(Arc::clone(&remote), handle),
            remote,
            way: Way::Socket,
            socket: None,
            memory: None,
            failures: 0,
        }
    }

    /// Performs `commands` until the session is dropped.
    pub(super) async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>) {
        loop {
            let command = tokio::select! {
                command = commands.recv() => command,
                () = until_closed(self.socket.as_mut()) => {
                    self.hang_up();
                    continue;
                }
            };
            match command {
                Some(Command::Start(request, delivery)) => self.start(request, delivery).await,
                Some(Command::Prewarm(request)) => self.prewarm(&request).await,
                None => break,
            }
        }
        if let Some(mut socket) = self.socket.take() {
            let _ = timeout(CLOSE_LIMIT, socket.close(None)).await;
        }
    }

    async fn start(&mut self, request: Request, mut delivery: Delivery) {
        // The service's own compaction has no form on sockets.
        if matches!(self.way, Way::Socket) && request.purpose == Purpose::Step {
            let cancellation = delivery.cancellation();
            let cancelled = tokio::select! {
                biased;
                () = cancellation.cancelled() => true,
                () = self.answer(&request, &mut delivery) => false,
            };
            if cancelled {
                // Only the end of its socket ends an answer.
                return self.hang_up();
            }
        }
        if delivery.is_over() {
            return;
        }
        if let Way::Http(reason) = &mut self.way
            && let Some(reason) = reason.take()
        {
            delivery.send(ModelEvent::Notice(format!(
                "{}: WebSocket does not work here ({reason}); this session goes on over HTTP.",
                self.remote.name
            )));
        }
        self.http.begin(&request, delivery);
    }

    /// Tries until the request is answered, a failure is final, or HTTP is the only way left.
    async fn answer(&mut self, request: &Request, delivery: &mut Delivery) {
        let mut number = 1;
        loop {
            let age = match self.socket {
                Some(_) => SocketAge::Reused,
                None => SocketAge::New,
            };
            let outcome = self.attempt(request, Answer::Wanted, delivery).await;
            let error = match self.judge(outcome, age) {
                Next::Stop => return,
                Next::AtOnce => continue,
                Next::AfterPause(error) => error,
            };
            if let Err(error) = pause(&self.remote, number, error, delivery).await {
                return delivery.fail(error);
            }
            number += 1;
        }
    }

    /// Draws the conclusions from an attempt on a socket of such an age.
    fn judge(&mut self, outcome: Outcome, age: SocketAge) -> Next {
        if matches!(outcome, Outcome::Broken | Outcome::Lost(_)) {
            self.hang_up();
        }
        match outcome {
            Outcome::Ended(_) => Next::Stop,
            Outcome::Broken => {
                self.count_failure("the connection breaks off");
                Next::Stop
            }
            Outcome::Refused(reason) => {
                self.way = Way::Http(Some(reason));
                Next::Stop
            }
            Outcome::Forgotten => Next::AtOnce,
            // Services close sockets after a while; that is no failure.
            Outcome::Lost(_) if age == SocketAge::Reused => Next::AtOnce,
            // Without a network, or a server, there is no other way either.
            Outcome::Lost(error)
                if matches!(error.kind, FailureKind::Offline | FailureKind::NotRunning) =>
            {
                Next::AfterPause(error)
            }
            Outcome::Lost(error) => {
                self.count_failure(error.message.trim_end_matches('.'));
                match self.way {
                    Way::Socket => Next::AfterPause(error),
                    Way::Http(_) => Next::Stop,
                }
            }
            Outcome::Rejected(error) => Next::AfterPause(error),
        }
    }

    fn count_failure(&mut self, reason: &str) {
        self.failures += 1;
        if self.failures >= FAILURE_LIMIT {
            self.way = Way::Http(Some(reason.to_owned()));
        }
    }

    /// One attempt: connects if need be, sends, and hands the answer over.
    async fn attempt(
        &mut self,
        request: &Request,
        answer: Answer,
        delivery: &mut Delivery,
    ) -> Outcome {
        let socket = match connected(&self.remote, &mut self.socket).await {
            Ok(socket) => socket,
            Err(outcome) => return outcome,
        };
        // Only complete answers are remembered by the service: until this one is, there is nothing to rely on.
        let memory = self.memory.take();
        let frame = Frame::new(&self.remote, request, memory.as_ref(), answer);
        let outcome = listener::perform(&self.remote, socket, (request, &frame), delivery).await;
        if let Outcome::Ended(answered) = &outcome {
            self.failures = 0;
            self.memory = answered.as_ref().map(|answered| Memory {
                response_id: answered.response_id.clone(),
                fields: frame.fields,
                items: [&request.items[..], &answered.items[..]].concat(),
            });
        }
        outcome
    }

    /// Connects and has the service read `request`. What goes wrong is found again by the request itself.
    async fn prewarm(&mut self, request: &Request) {
        if !matches!(self.way, Way::Socket) || self.memory.is_some() {
            return;
        }
        let mut unheard = Delivery::new(Box::new(|_| {}), self.remote.scrubber.clone());
        let warming = self.attempt(request, Answer::NotYet, &mut unheard);
        match timeout(PREWARM_LIMIT, warming).await {
            Ok(Outcome::Ended(_)) => {}
            Ok(Outcome::Refused(reason)) => self.way = Way::Http(Some(reason)),
            _ => self.hang_up(),
        }
    }

    /// Drops the socket and what the service remembered on it.
    fn hang_up(&mut self) {
        self.socket = None;
        self.memory = None;
    }
}

/// Waits before the attempt after the one called `number`, if there shall be one.
async fn pause(
    remote: &Remote,
    number: u32,
    error: ModelError,
    delivery: &mut Delivery,
) -> Result<(), ModelError> {
    let options = &remote.connections.options;
    let error = remote.scrubbed(error);
    tracing::debug!(service = %remote.name, number, %error, "attempt over WebSocket failed");
    let notice = format!(
        "Reconnecting {}/{} … {}",
        number + 1,
        options.retry.attempts(),
        error.message
    );
    let delay = options.retry.delay(Attempt {
        number,
        error,
        repeat: Repeat::IfTransient,
    })?;
    delivery.send(ModelEvent::Notice(notice));
    options.clock.wait(delay).await;
    Ok(())
}

/// The socket, opened if there is none.
async fn connected<'a>(
    remote: &Remote,
    socket: &'a mut Option<Socket>,
) -> Result<&'a mut Socket, Outcome> {
    if let Some(socket) = socket {
        return Ok(socket);
    }
    match connection::open(remote).await {
        Ok(opened) => Ok(socket.insert(opened)),
        Err(NoSocket::Refused(reason)) => Err(Outcome::Refused(reason)),
        // Those that will not pass are no reason to try HTTP, nor is being sent away for now.
        Err(NoSocket::Failed(error))
            if error.kind == FailureKind::RateLimited || !error.kind.is_transient() =>
        {
            Err(Outcome::Rejected(error))
        }
        Err(NoSocket::Failed(error)) => Err(Outcome::Lost(error)),
    }
}

/// Ends when the service closes the socket; answers its pings until then.
async fn until_closed(socket: Option<&mut Socket>) {
    let Some(socket) = socket else {
        return std::future::pending().await;
    };
    while let Some(Ok(message)) = socket.next().await {
        if message.is_close() {
            return;
        }
    }
}
