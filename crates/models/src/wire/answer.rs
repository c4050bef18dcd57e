//! From the bytes of an answer's body to its events: framing and decoding in one.

use super::lines::LineTooLong;
use super::{Decoder, Framing, LineReader, SseReader};
use crate::{FailureKind, ModelError, ModelEvent};

/// Reads one answer's body. Gives exactly one terminal event over its life: a failure at once, the end of a complete
/// answer in [`AnswerReader::finish`].
///
/// A body may hold several answers, one behind the other, as gateways send them that do several rounds for a request:
/// they are read as one.
pub struct AnswerReader {
    framing: Framing,
    /// Made when the first byte is there.
    frames: Option<Frames>,
    decoder: Box<dyn Decoder>,
    state: State,
    /// The terminal event of the answer that was complete last.
    done: Option<ModelEvent>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    Complete,
    Ended,
}

enum Frames {
    Sse(SseReader),
    Lines(LineReader),
    Whole(Vec<u8>),
}

/// The largest whole document that is taken, in bytes.
const MAX_DOCUMENT_BYTES: usize = super::lines::MAX_LINE_BYTES;

impl AnswerReader {
    /// A reader of a body that is said to be framed as `framing`, and is understood by `decoder`.
    ///
    /// Some services say it wrongly: where the first byte contradicts, the byte counts.
    pub fn new(framing: Framing, decoder: Box<dyn Decoder>) -> Self {
        Self {
            framing,
            frames: None,
            decoder,
            state: State::Reading,
            done: None,
        }
    }

    /// Whether the terminal event was given. What the body still holds is of no interest.
    pub fn is_ended(&self) -> bool {
        self.state == State::Ended
    }

    /// Whether the answer is complete. Its terminal event comes with [`AnswerReader::finish`], since another answer may
    /// follow; mostly nothing but the body's end does.
    pub fn is_complete(&self) -> bool {
        self.state == State::Complete
    }

    /// Takes more of the body, cut anywhere, and adds what it says to `out`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<ModelEvent>) {
        let bytes = match self.frames {
            Some(_) => bytes,
            None => bytes.trim_ascii_start(),
        };
        let Some(first) = bytes.first().filter(|_| !self.is_ended()) else {
            return;
        };
        let mut events = Vec::new();
        let decoder = &mut self.decoder;
        let framing = self.framing;
        let frames = self
            .frames
            .get_or_insert_with(|| Frames::of(framing, *first));
        let result = match frames {
            Frames::Sse(reader) => reader.push(bytes, |event| {
                decoder.event(event.name, event.data, &mut events);
            }),
            Frames::Lines(reader) => {
                reader.push(bytes, |line| decoder.event(None, line, &mut events))
            }
            Frames::Whole(document) if document.len() + bytes.len() > MAX_DOCUMENT_BYTES => {
                Err(LineTooLong)
            }
            Frames::Whole(document) => {
                document.extend_from_slice(bytes);
                Ok(())
            }
        };
        self.pass_on(events, out);
        if let (Err(error), State::Reading) = (result, self.state) {
            self.state = State::Ended;
            out.push(ModelEvent::Failed(ModelError {
                kind: FailureKind::Interrupted,
                message: format!("The answer cannot be read: {error}."),
                retry_after: None,
                attempts: 1,
            }));
        }
    }

    /// The body has ended, or was cut, or need not be waited for because the answer is complete.
    pub fn finish(&mut self, out: &mut Vec<ModelEvent>) {
        if self.is_ended() {
            return;
        }
        let mut events = Vec::new();
        let decoder = &mut self.decoder;
        match &mut self.frames {
            None => {}
            Some(Frames::Sse(reader)) => reader.finish(|event| {
                decoder.event(event.name, event.data, &mut events);
            }),
            Some(Frames::Lines(reader)) => {
                reader.finish(|line| decoder.event(None, line, &mut events));
            }
            Some(Frames::Whole(document)) => {
                decoder.event(None, &String::from_utf8_lossy(document), &mut events);
            }
        }
        decoder.finish(&mut events);
        self.pass_on(events, out);
        if !self.is_ended() {
            self.state = State::Ended;
            out.extend(self.done.take());
        }
    }

    /// Hands events over, but keeps the end of a complete answer: of several, the last one's counts.
    fn pass_on(&mut self, events: Vec<ModelEvent>, out: &mut Vec<ModelEvent>) {
        for event in events {
            if self.is_ended() {
                return;
            }
            match event {
                ModelEvent::Done { .. } => {
                    self.state = State::Complete;
                    self.done = Some(event);
                    continue;
                }
                ModelEvent::Failed(_) => self.state = State::Ended,
                _ => self.state = State::Reading,
            }
            out.push(event);
        }
    }
}

impl Frames {
    /// The frames of a body that is said to be framed as `framing` and begins with `first`.
    fn of(framing: Framing, first: u8) -> Self {
        let framing = match (framing, first) {
            (Framing::Sse, b'{' | b'[') => Framing::Whole,
            // The beginnings of `data:`, `event:`, `id:`, `retry:` and of a comment.
            (_, b'd' | b'e' | b'i' | b'r' | b':') => Framing::Sse,
            (framing, _) => framing,
        };
        match framing {
            Framing::Sse => Self::Sse(SseReader::default()),
            Framing::Lines => Self::Lines(LineReader::default()),
            Framing::Whole => Self::Whole(Vec::new()),
        }
    }
}
