//! Events for programs: one JSON object a line on standard output; `docs/events.md` says what they are.

use std::io::{self, Write};

use serde::Serialize;

/// Writes the lines.
pub(super) struct JsonLines {
    stream: io::Stdout,
}

impl JsonLines {
    pub(super) fn new() -> Self {
        Self {
            stream: io::stdout(),
        }
    }

    /// Writes an event at once. A reader that has gone is no reason to stop working.
    pub(super) fn write(&mut self, event: &impl Serialize) {
        let mut stream = self.stream.lock();
        let Ok(mut line) = serde_json::to_vec(event) else {
            return;
        };
        line.push(b'\n');
        drop(stream.write_all(&line).and_then(|()| stream.flush()));
    }
}
