//! From the bytes of an answer's body to its events: framing and decoding in one.

use super::lines::LineTooLong;
use super::{Decoder, Framing, LineReader, SseReader};
use crate::{FailureKind, ModelError, ModelEvent};

/// Reads one answer's body. Gives exactly one terminal event over its life, at the latest in [`AnswerReader::finish`].
pub struct AnswerReader {
    frames: Frames,
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
    /// A reader of a body that is framed as `framing` and understood by `decoder`.
    pub fn new(framing: Framing, decoder: Box<dyn Decoder>) -> Self {
        let frames = match framing {
            Framing::Sse => Frames::Sse(SseReader::default()),
            Framing::Lines => Frames::Lines(LineReader::default()),
            Framing::Whole => Frames::Whole(Vec::new()),
        };
        Self {
            frames,
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
        let before = out.len();
        let decoder = &mut self.decoder;
        let result = match &mut self.frames {
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
            Frames::Sse(reader) => {
                reader.finish(|event| decoder.event(event.name, event.data, out));
            }
            Frames::Lines(reader) => reader.finish(|line| decoder.event(None, line, out)),
            Frames::Whole(document) => {
                decoder.event(None, &String::from_utf8_lossy(document), out);
            }
        }
        decoder.finish(out);
    }
}
