//! The two ends of a running exchange: the way of its events to the receiver, and the receiver's wish to end it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use crate::scrub::Scrubber;
use crate::{EventSink, Exchange, ModelError, ModelEvent};

/// Hands an exchange's events over: none after the terminal one, and no error with a secret in it.
pub(crate) struct Delivery {
    sink: Option<EventSink>,
    scrubber: Scrubber,
    cancellation: Arc<Cancellation>,
}

/// Whether the exchange is over, or shall be.
#[derive(Default)]
pub(crate) struct Cancellation {
    over: AtomicBool,
    wish: Notify,
}

impl Delivery {
    pub(crate) fn new(sink: EventSink, scrubber: Scrubber) -> Self {
        Self {
            sink: Some(sink),
            scrubber,
            cancellation: Arc::default(),
        }
    }

    /// What the caller gets to end the exchange with.
    pub(crate) fn exchange(&self) -> Exchange {
        let cancellation = Arc::clone(&self.cancellation);
        Exchange::new(move || cancellation.cancel())
    }

    pub(crate) fn cancellation(&self) -> Arc<Cancellation> {
        Arc::clone(&self.cancellation)
    }

    pub(crate) fn send(&mut self, event: ModelEvent) {
        let Some(sink) = &mut self.sink else {
            return;
        };
        let event = match event {
            ModelEvent::Failed(error) => ModelEvent::Failed(ModelError {
                message: self.scrubber.scrub(&error.message),
                ..error
            }),
            ModelEvent::Notice(text) => ModelEvent::Notice(self.scrubber.scrub(&text)),
            event => event,
        };
        if !event.is_terminal() {
            return sink(event);
        }
        // Marked first: whoever is told of the end may drop the exchange at once, which must not disturb what is
        // still done for the next one.
        self.cancellation.over.store(true, Ordering::Release);
        if let Some(mut sink) = self.sink.take() {
            sink(event);
        }
    }

    pub(crate) fn fail(&mut self, error: ModelError) {
        self.send(ModelEvent::Failed(error));
    }

    /// Whether the terminal event was sent.
    pub(crate) fn is_over(&self) -> bool {
        self.sink.is_none()
    }
}

impl Cancellation {
    /// Ends the exchange, unless it is over.
    pub(crate) fn cancel(&self) {
        if !self.over.load(Ordering::Acquire) {
            self.wish.notify_one();
        }
    }

    /// Ends when the exchange shall. For one waiter.
    pub(crate) async fn cancelled(&self) {
        self.wish.notified().await;
    }
}
