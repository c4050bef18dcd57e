//! The main loop: takes one event after the other off the queue and lets the session handle it.
//!
//! A thread of its own, so that nothing asynchronous can come between an event and its effect. A panic over one event
//! costs that event only: its reply is dropped, which the client sees as an internal error.

use std::panic::AssertUnwindSafe;
use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;

use crate::event::{Event, EventSender};
use crate::logging::LogFile;
use crate::session::{Flow, Session};
use crate::transport::Outbox;

/// How the session stood when it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// After `shutdown`.
    ShutDown,
    /// Without it: the client just went.
    Abandoned,
}

/// The running loop.
pub(crate) struct MainLoop {
    events: EventSender,
    thread: JoinHandle<Outcome>,
}

/// Starts the loop with a fresh session.
pub(crate) fn start(outbox: Outbox, log_file: Option<LogFile>) -> MainLoop {
    let (sender, queue) = mpsc::channel();
    let events = EventSender::new(sender);
    let session_events = events.clone();
    let thread = std::thread::Builder::new()
        .name("main loop".into())
        .spawn(move || run(&queue, Session::new(outbox, session_events, log_file)))
        .expect("the system can start a thread at start-up");
    MainLoop { events, thread }
}

impl MainLoop {
    /// The way to the loop's queue.
    pub(crate) fn events(&self) -> EventSender {
        self.events.clone()
    }

    /// Lets the loop handle what is queued, then ends it.
    pub(crate) fn stop(self) -> Outcome {
        self.events.send(Event::Stop);
        self.thread.join().unwrap_or(Outcome::Abandoned)
    }
}

fn run(queue: &Receiver<Event>, mut session: Session) -> Outcome {
    while let Ok(event) = queue.recv() {
        let handled = std::panic::catch_unwind(AssertUnwindSafe(|| session.handle(event)));
        match handled {
            Ok(Flow::Continue) => {}
            Ok(Flow::Stop) => break,
            Err(_) => tracing::error!("an event could not be handled; the session goes on"),
        }
    }
    session.end()
}
