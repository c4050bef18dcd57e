//! Server-sent events, as <https://html.spec.whatwg.org/multipage/server-sent-events.html> says they are cut.
//!
//! One departure: an event that the end of the stream cuts short of its blank line is delivered, because some services
//! leave the last blank line out.

use super::lines::{LineReader, LineTooLong, MAX_LINE_BYTES};

/// One event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SseEvent<'a> {
    /// Its `event:` field.
    pub name: Option<&'a str>,
    /// Its `data:` fields, joined by line feeds.
    pub data: &'a str,
}

/// Cuts bytes into events, wherever the network has cut them before.
#[derive(Debug, Default)]
pub struct SseReader {
    lines: LineReader,
    event: EventFields,
}

#[derive(Debug, Default)]
struct EventFields {
    after_first_line: bool,
    name: String,
    data: String,
    has_data: bool,
}

impl SseReader {
    /// Takes more bytes and calls `each` with every event that is complete.
    ///
    /// A line or an event of more than 64 MiB is an error, after which the stream is of no use.
    pub fn push(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(SseEvent<'_>),
    ) -> Result<(), LineTooLong> {
        let event = &mut self.event;
        let mut too_long = false;
        self.lines.push(bytes, |line| {
            event.line(line, &mut each);
            too_long |= event.data.len() > MAX_LINE_BYTES;
        })?;
        if too_long { Err(LineTooLong) } else { Ok(()) }
    }

    /// The stream has ended: what is left is an event of its own.
    pub fn finish(&mut self, mut each: impl FnMut(SseEvent<'_>)) {
        let event = &mut self.event;
        self.lines.finish(|line| event.line(line, &mut each));
        event.dispatch(&mut each);
    }
}

impl EventFields {
    fn line(&mut self, line: &str, each: &mut impl FnMut(SseEvent<'_>)) {
        let line = if std::mem::replace(&mut self.after_first_line, true) {
            line
        } else {
            line.strip_prefix('\u{feff}').unwrap_or(line)
        };
        if line.is_empty() {
            return self.dispatch(each);
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => self.add_data(value),
            // Comments have an empty field name; `id` and `retry` are for reconnecting, which an answer cannot.
            _ => {}
        }
    }

    fn add_data(&mut self, value: &str) {
        if std::mem::replace(&mut self.has_data, true) {
            self.data.push('\n');
        }
        self.data.push_str(value);
    }

    fn dispatch(&mut self, each: &mut impl FnMut(SseEvent<'_>)) {
        if self.has_data {
            each(SseEvent {
                name: (!self.name.is_empty()).then_some(self.name.as_str()),
                data: &self.data,
            });
        }
        self.name.clear();
        self.data.clear();
        self.has_data = false;
    }
}

#[cfg(test)]
mod tests;
