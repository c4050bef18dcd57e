//! Where a run shows what happens: the transcript at the terminal, or lines of JSON for a program.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use agent::surface::ThreadEvent;

use super::gate::{Permit, TerminalGate};
use super::json_lines::JsonLines;
use super::place_report::PlaceReport;
use super::screen::Screen;
use super::transcript::Transcript;
use crate::agent_host::SurfaceLink;
use crate::agent_host::place::Ready;
use crate::cli::proposal::ProposalEvent;
use crate::cli::terminal::Terminal;

/// Where a run shows what happens. Clones show it in the same place.
#[derive(Clone)]
pub(super) enum Surface {
    /// A person reads.
    Person(Arc<Screen>),
    /// A program reads.
    Program(Arc<Mutex<JsonLines>>),
}

/// Where what the model says goes, for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnswerTo {
    /// To standard output, where programs find it alone.
    StandardOutput,
    /// To standard error with everything else, because something else is wanted on standard output.
    StandardError,
}

impl Surface {
    /// For a person; paths below `cwd`, which is absolute, are shown without it.
    pub(super) fn person(cwd: &Path, answer: AnswerTo) -> Self {
        let answer = match answer {
            AnswerTo::StandardOutput => Terminal::stdout(),
            AnswerTo::StandardError => Terminal::stderr(),
        };
        let transcript = Transcript::new(cwd, answer, Terminal::stderr());
        Self::Person(Arc::new(Screen::new(transcript)))
    }

    /// For a program.
    pub(super) fn program() -> Self {
        Self::Program(Arc::new(Mutex::new(JsonLines::new())))
    }

    /// Connects a thread that works in `cwd`. A program is not asked anything.
    pub(super) fn link(&self, permit: Permit, cwd: &Path) -> SurfaceLink {
        let (begins, begun) = mpsc::channel();
        let (events, place) = (self.clone(), self.clone());
        SurfaceLink {
            gate: Arc::new(match self {
                Self::Person(screen) => TerminalGate::attended(permit, cwd, Arc::clone(screen)),
                Self::Program(_) => TerminalGate::unattended(permit),
            }),
            listener: Box::new(move |event| {
                events.show(event);
                // Only the first is waited for.
                let _ = begins.send(());
            }),
            place_ready: Box::new(move |ready| {
                // The thread introduces itself first, unless it does not come to that.
                let _ = begun.recv();
                place.place_ready(ready);
            }),
        }
    }

    /// Shows what has become of a proposal to a program. A person is told in words of their own.
    pub(super) fn tell_program(&self, event: &ProposalEvent<'_>) {
        if let Self::Program(lines) = self {
            lock(lines).write(event);
        }
    }

    fn show(&self, event: ThreadEvent) {
        match self {
            Self::Person(screen) => screen.show(event),
            Self::Program(lines) => lock(lines).write(&event),
        }
    }

    fn place_ready(&self, ready: &Ready) {
        let Some(report) = PlaceReport::of(ready) else {
            return;
        };
        match self {
            Self::Person(screen) => report
                .lines()
                .for_each(|(style, line)| screen.line(style, line)),
            Self::Program(lines) => lock(lines).write(&report),
        }
    }
}

/// A line that was written only in part has no successor that could be harmed.
fn lock(lines: &Mutex<JsonLines>) -> MutexGuard<'_, JsonLines> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}
