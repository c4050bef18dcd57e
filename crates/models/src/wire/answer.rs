//! From the bytes of an answer's body to its events: framing and decoding in one.

use super::lines::LineTooLong;
use super::{Decoder, Framing, LineReader, SseReader};
use crate::{FailureKind, ModelError, ModelEvent};

/// Reads one answer's body. Gives exactly one terminal event over its life, at the latest in [`AnswerReader::finish`].
pub struct AnswerReader {
    framing: Framing,
    /// Made when the first byte is there.
    frames: Option<Frames>,
    decoder: Box<dyn Decoder>,
    ended: bool,
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
            ended: false,
        }
    }

    /// Whether the terminal event was given. What the body still holds is of no interest.
    pub fn is_ended(&self) -> bool {
        self.ended
    }

    /// Takes more of the body, cut anywhere, and adds what it says to `out`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<ModelEvent>) {
        if self.ended {
            return;
        }
        let bytes = match self.frames {
            Some(_) => bytes,
            None => bytes.trim_ascii_start(),
        };
        let Some(first) = bytes.first() else {
            return;
        };
        let before = out.len();
        let decoder = &mut self.decoder;
        let framing = self.framing;
        let frames = self
            .frames
            .get_or_insert_with(|| Frames::of(framing, *first));
        let result = match frames {
            Frames::Sse(reader) => {
                reader.push(bytes, |event| decoder.event(event.name, event.data, out))
            }
            Frames::Lines(reader) => reader.push(bytes, |line| decoder.event(None, line, out)),
            Frames::Whole(document) if document.len() + bytes.len() > MAX_DOCUMENT_BYTES => {
                Err(LineTooLong)
            }
            Frames::Whole(document) => {
                document.extend_from_slice(bytes);
                Ok(())
            }
        };
        self.ended = out[before..].iter().any(ModelEvent::is_terminal);
        if let (Err(error), false) = (result, self.ended) {
            self.ended = true;
            out.push(ModelEvent::Failed(ModelError {
                kind: FailureKind::Interrupted,
                message: format!("The answer cannot be read: {error}."),
                retry_after: None,
                attempts: 1,
            }));
        }
    }

    /// The body has ended, or was cut.
    pub fn finish(&mut self, out: &mut Vec<ModelEvent>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let decoder = &mut self.decoder;
        match &mut self.frames {
            None => {}
            Some(Frames::Sse(reader)) => {
                reader.finish(|event| decoder.event(event.name, event.data, out));
            }
            Some(Frames::Lines(reader)) => reader.finish(|line| decoder.event(None, line, out)),
            Some(Frames::Whole(document)) => {
                decoder.event(None, &String::from_utf8_lossy(document), out);
            }
        }
        decoder.finish(out);
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
