//! What a running tool has to show on its way to the surface: masked, and never more than a slow surface can wait for.
//!
//! It is for the eye alone. What the model gets is the tool's answer, of which nothing is left out here.

use std::sync::{
    atomic::{AtomicUsize, Ordering},
    mpsc,
};

use super::Message;
use crate::redactor::{RedactingStream, Redactor};

/// Bytes that may wait to be shown. A command can print faster than any surface takes it in, and what waits is memory
/// and keeps an interrupt waiting too.
const MOST_WAITING: usize = 256 * 1024;

/// How much waits to be shown, of all tools together, in bytes.
#[derive(Debug, Default)]
pub(super) struct Backlog(AtomicUsize);

/// The output of one call, piece by piece.
pub(super) struct ProgressStream<'a> {
    call_id: &'a str,
    masked: RedactingStream<'a>,
    backlog: &'a Backlog,
    mailbox: &'a mpsc::Sender<Message>,
    /// Bytes left out since something was last sent.
    left_out: usize,
}

impl Backlog {
    /// So many bytes have been shown.
    pub(super) fn remove(&self, bytes: usize) {
        self.0.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }

    fn is_full(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= MOST_WAITING
    }
}

impl<'a> ProgressStream<'a> {
    pub(super) fn new(
        call_id: &'a str,
        redactor: &'a Redactor,
        backlog: &'a Backlog,
        mailbox: &'a mpsc::Sender<Message>,
    ) -> Self {
        Self {
            call_id,
            masked: RedactingStream::new(redactor),
            backlog,
            mailbox,
            left_out: 0,
        }
    }

    /// Sends what can be shown by now, or leaves it out when too much waits already.
    pub(super) fn push(&mut self, piece: &str) {
        if self.backlog.is_full() {
            self.left_out += piece.len();
            return;
        }
        let text = self.masked.push(piece);
        let text = self.with_gap(text);
        self.send(text);
    }

    /// Sends the rest.
    pub(super) fn finish(mut self) {
        let text = self.masked.take();
        let text = self.with_gap(text);
        self.send(text);
    }

    fn with_gap(&mut self, text: String) -> String {
        match std::mem::take(&mut self.left_out) {
            0 => text,
            left_out => format!("\n[… {left_out} bytes not shown …]\n{text}"),
        }
    }

    fn send(&self, text: String) {
        if text.is_empty() {
            return;
        }
        self.backlog.add(text.len());
        let call_id = self.call_id.to_owned();
        // The driver may be gone; then nobody watches.
        let _ = self.mailbox.send(Message::ToolProgress { call_id, text });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(inbox: &mpsc::Receiver<Message>, backlog: &Backlog) -> String {
        let mut received = String::new();
        for message in inbox.try_iter() {
            let Message::ToolProgress { call_id, text } = message else {
                panic!("only progress is sent");
            };
            assert_eq!(call_id, "call");
            backlog.remove(text.len());
            received.push_str(&text);
        }
        received
    }

    #[test]
    fn a_slow_surface_misses_output_but_not_how_much() {
        let (mailbox, inbox) = mpsc::channel();
        let (redactor, backlog) = (Redactor::default(), Backlog::default());
        let mut stream = ProgressStream::new("call", &redactor, &backlog, &mailbox);
        let piece = "y".repeat(10_000);
        for _ in 0..1_000 {
            stream.push(&piece);
        }
        let waiting = received(&inbox, &backlog);
        assert!(waiting.len() < MOST_WAITING + piece.len());
        stream.push("the end");
        let left_out = 10_000_000 - waiting.len();
        let expected = format!("\n[… {left_out} bytes not shown …]\nthe end");
        assert_eq!(received(&inbox, &backlog), expected);
        stream.finish();
        assert_eq!(received(&inbox, &backlog), "");
    }
}
