//! The terminal as the transcript and the questions share it: while a question is open, nothing else is written there.
//!
//! An answer may still stream when its first call asks for a permission; what comes meanwhile is shown afterwards.

use std::sync::{Mutex, MutexGuard, PoisonError};

use agent::surface::ThreadEvent;

use super::transcript::Transcript;
use crate::cli::terminal::Style;

/// The transcript, which gives way to questions.
pub(super) struct Screen {
    state: Mutex<State>,
}

struct State {
    transcript: Transcript,
    /// What came since a question was opened; `None` while none is open.
    waiting: Option<Vec<Waiting>>,
}

/// Something to be shown.
enum Waiting {
    Event(ThreadEvent),
    /// A line of our own, and how it looks.
    Line(Style, String),
}

/// A question that is being answered: the transcript waits.
pub(super) struct OpenQuestion<'a> {
    screen: &'a Screen,
}

impl Screen {
    /// A screen that shows `transcript`.
    pub(super) fn new(transcript: Transcript) -> Self {
        let state = State {
            transcript,
            waiting: None,
        };
        Self {
            state: Mutex::new(state),
        }
    }

    /// Shows an event, at the latest when the open question is closed. Never waits for a person.
    pub(super) fn show(&self, event: ThreadEvent) {
        self.take(Waiting::Event(event));
    }

    /// Shows a line of our own, as [`Screen::show`] does.
    pub(super) fn line(&self, style: Style, line: String) {
        self.take(Waiting::Line(style, line));
    }

    fn take(&self, news: Waiting) {
        let mut state = self.state();
        match &mut state.waiting {
            Some(waiting) => waiting.push(news),
            None => news.show(&mut state.transcript),
        }
    }

    /// Makes room for a question, which `describe` begins. It is closed when what this gives is dropped.
    pub(super) fn open_question(&self, describe: impl FnOnce(&mut Transcript)) -> OpenQuestion<'_> {
        let mut state = self.state();
        state.waiting = Some(Vec::new());
        state.transcript.break_line();
        describe(&mut state.transcript);
        OpenQuestion { screen: self }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn show(self, transcript: &mut Transcript) {
        match self {
            Self::Event(event) => transcript.show(&event),
            Self::Line(style, line) => transcript.line(style, &line),
        }
    }
}

impl Drop for OpenQuestion<'_> {
    fn drop(&mut self) {
        let mut state = self.screen.state();
        for news in state.waiting.take().into_iter().flatten() {
            news.show(&mut state.transcript);
        }
    }
}
