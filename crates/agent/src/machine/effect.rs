//! What the machine asks its driver to do. The driver does it after the event that caused it is in the log.

use std::time::Duration;

use models::{Request, ToolCall};

use super::event::Timer;
use crate::surface::{ThreadEvent, TurnSummary};

/// Something to do. Effects of one step are done in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Gets the provider ready for such a request, without sending it.
    Prewarm(Request),
    /// Looks at the world and reports [`super::Event::WorldObserved`].
    Observe,
    /// Sends a request; what comes is reported as [`super::Event::ItemReceived`], and once as
    /// [`super::Event::AnswerEnded`] or [`super::Event::AnswerFailed`].
    Request(Request),
    /// Drops the request under way and reports [`super::Event::AnswerDropped`]; nothing of it is reported from then on.
    CancelRequest,
    /// Reports [`super::Event::ToolStarted`], runs the call on a thread of its own, reports [`super::Event::ToolFinished`].
    RunTool(ToolCall),
    /// Tells the running tools to stop. They still report.
    CancelTools,
    /// Reports [`super::Event::TimerFired`] after a delay, in place of what was set for this timer before.
    SetTimer {
        /// Which timer.
        timer: Timer,
        /// After how long.
        delay: Duration,
        /// How exactly.
        precision: Precision,
    },
    /// Tells the surface.
    Tell(ThreadEvent),
    /// The turn is over: notes [`super::Event::TurnEnded`], makes the log safe on the disk, then tells the surface.
    EndTurn(Box<TurnSummary>),
}

/// How exactly a delay is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Not less than asked for.
    Exact,
    /// Up to a tenth less or more, so that many clients do not come back at the same moment.
    Spread,
}
