//! The thread that asks the model for an inline edit: one request without tools, heard of as it grows.
//!
//! It ends with its answer, with its [`Canceller`], or with the conversation; the crew that it belongs to waits for it then.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use anyhow::{Context, bail};
use models::catalogue::Choice;
use models::{Content, EndReason, Item, ModelEvent, Provider, Purpose, Request, Role};

use super::{InlineEditEvent, Prompt};
use crate::config::Config;
use crate::event::{Event, EventSender};
use crate::model_choice;
use crate::tasks::worker::Crew;

/// What has grown is told so often at most.
const BETWEEN_REPORTS: Duration = Duration::from_millis(100);

/// An inline edit to be worked on.
pub(crate) struct InlineWork {
    pub(crate) number: u32,
    pub(crate) prompt: Prompt,
    pub(crate) config: Config,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// A sentence for the user.
    pub(crate) reason: String,
    /// What there is of the answer.
    pub(crate) so_far: String,
}

/// Ends the work when it is dropped.
#[derive(Debug)]
pub(crate) struct Canceller(Sender<Signal>);

impl Drop for Canceller {
    fn drop(&mut self) {
        // A thread that has ended hears nothing.
        drop(self.0.send(Signal::Cancel));
    }
}

#[derive(Debug)]
enum Signal {
    Model(ModelEvent),
    Cancel,
}

/// Has a thread of `crew` ask the model.
///
/// # Errors
/// When the system gives no thread.
pub(crate) fn start(
    work: InlineWork,
    crew: &Crew,
    events: EventSender,
) -> std::io::Result<Canceller> {
    let (sender, signals) = mpsc::channel();
    let canceller = Canceller(sender.clone());
    crew.spawn("inline edit", move || {
        let number = work.number;
        let mut answer = GrowingAnswer::default();
        let ended = match ask(&work, &mut answer, sender, &signals, &events) {
            Ok(Heard::Cancelled) => return,
            Ok(Heard::All) => Ok(answer.text()),
            Err(error) => Err(Failure {
                reason: format!("{error:#}"),
                so_far: answer.text(),
            }),
        };
        events.send(Event::InlineEdit(InlineEditEvent::Ended(number, ended)));
    })?;
    Ok(canceller)
}

/// How listening to the model has ended.
enum Heard {
    All,
    Cancelled,
}

fn ask(
    work: &InlineWork,
    answer: &mut GrowingAnswer,
    sender: Sender<Signal>,
    signals: &Receiver<Signal>,
    events: &EventSender,
) -> anyhow::Result<Heard> {
    let (catalogue, problems) = model_choice::catalogue(&work.config)?;
    for problem in problems {
        tracing::warn!("{problem}");
    }
    let choice = catalogue.choose(work.config.model.as_deref())?;
    let Choice::Service(service) = &choice else {
        bail!(
            "an inline edit needs a model, and none is set up: `ropewalk models` says what can be used, and `model` in \
             the settings chooses one"
        );
    };
    let endpoint = catalogue.open(service)?;
    let request = Request {
        model: service.model.clone(),
        instructions: work.prompt.instructions.into(),
        items: vec![Arc::new(Item::Message {
            role: Role::User,
            content: vec![Content::text(&work.prompt.message)],
            phase: None,
        })],
        tools: Arc::new([]),
        reasoning: work.config.agent.effort,
        max_output_tokens: None,
        cache_key: "inline-edit".to_owned(),
        purpose: Purpose::Step,
    };
    let mut session = endpoint.open();
    // Dropped at the end, whatever it is, which ends the request.
    let _exchange = session.start(
        &request,
        Box::new(move |event| drop(sender.send(Signal::Model(event)))),
    );
    listen(work.number, answer, signals, events)
}

fn listen(
    number: u32,
    answer: &mut GrowingAnswer,
    signals: &Receiver<Signal>,
    events: &EventSender,
) -> anyhow::Result<Heard> {
    loop {
        let signal = match answer.is_news {
            true => signals.recv_timeout(BETWEEN_REPORTS),
            false => signals.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match signal {
            Ok(Signal::Cancel) => return Ok(Heard::Cancelled),
            Ok(Signal::Model(ModelEvent::Done { end, .. })) => {
                complete(&end)?;
                return Ok(Heard::All);
            }
            Ok(Signal::Model(ModelEvent::Failed(error))) => return Err(error.into()),
            Ok(Signal::Model(event)) => {
                answer.hear(event);
                if answer.told.elapsed() < BETWEEN_REPORTS {
                    continue;
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Err(anyhow::Error::msg("the model's answer broke off"));
            }
        }
        if answer.is_news {
            answer.is_news = false;
            answer.told = std::time::Instant::now();
            let grown = InlineEditEvent::Grown(number, answer.text());
            events.send(Event::InlineEdit(grown));
        }
    }
}

/// An answer that is not whole must not take a selection's place.
fn complete(end: &EndReason) -> anyhow::Result<()> {
    let reason = match end {
        EndReason::Complete => return Ok(()),
        EndReason::MaxOutputTokens => {
            "the answer is longer than the model can write: select less, or start a task"
        }
        EndReason::ContentFilter => "the service withheld the rest of the answer",
        EndReason::Refusal => "the model declined",
        EndReason::Unsuccessful | EndReason::Paused | EndReason::Other(_) => {
            "the model stopped before it was done: try again"
        }
    };
    Err(anyhow::Error::msg(reason)).context("there is no complete answer")
}

/// What the model has written.
struct GrowingAnswer {
    /// Messages that are complete.
    complete: String,
    /// What has streamed in since.
    streamed: String,
    is_news: bool,
    told: std::time::Instant,
}

impl Default for GrowingAnswer {
    fn default() -> Self {
        Self {
            complete: String::new(),
            streamed: String::new(),
            is_news: false,
            told: std::time::Instant::now(),
        }
    }
}

impl GrowingAnswer {
    fn hear(&mut self, event: ModelEvent) {
        match event {
            ModelEvent::TextDelta(more) => {
                self.streamed.push_str(&more);
                self.is_news = true;
            }
            // An attempt that is repeated streams everything again.
            ModelEvent::Notice(_) => self.streamed.clear(),
            ModelEvent::ItemDone(Item::Message { content, .. }) => {
                for part in content {
                    if let Content::Text { text } = part {
                        self.complete.push_str(&text);
                    }
                }
                self.streamed.clear();
                self.is_news = true;
            }
            _ => {}
        }
    }

    fn text(&self) -> String {
        format!("{}{}", self.complete, self.streamed)
    }
}
