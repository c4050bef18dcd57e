//! Performs what the machine asks for: writes the log, talks to the model, runs the tools, keeps the times, tells the surface.
//!
//! One thread a conversation, fed by one queue. It decides nothing: every event is written to the log, then given to the
//! machine, and only then acted upon. Made and ended by [`crate::thread::ThreadHandle`].

mod streaming;
mod timers;
mod tool_pool;
mod tool_progress;

use std::{
    collections::VecDeque,
    sync::{Arc, mpsc},
    time::Instant,
};

use models::{Content, Exchange, ModelEvent, ModelSession, Request, ToolCall};

use self::{streaming::Streaming, timers::Timers, tool_pool::ToolPool, tool_progress::Backlog};
use crate::{
    machine::{Effect, Entry, Event, Machine},
    store::StoreError,
    surface::{ThreadEvent, TurnSummary},
    thread::{Journal, Progress, ThreadParts, now},
    tool::ToolOutput,
    world::WorldSource,
};

/// What comes to the driver.
pub(crate) enum Message {
    /// The user says something.
    Input(Vec<Content>),
    /// The user stops the turn.
    Interrupt,
    /// The user wants a new window.
    Compact,
    /// The handle is gone: end everything.
    Stop,
    /// The user was asked by a tool and stops the turn.
    StopTurn,
    /// From the model, in the exchange of this number.
    Model { exchange: u64, event: ModelEvent },
    /// A running tool has more to show.
    ToolProgress { call_id: String, text: String },
    /// A tool has answered.
    ToolDone { call_id: String, output: ToolOutput },
}

impl Message {
    /// Whether the handle waits for it to be dealt with.
    fn is_from_handle(&self) -> bool {
        matches!(self, Self::Input(_) | Self::Interrupt | Self::Compact)
    }
}

/// Works for one thread.
pub(crate) struct Driver {
    machine: Machine,
    journal: Box<dyn Journal>,
    session: Box<dyn ModelSession>,
    /// The request under way, and its number: what comes from another is passed over.
    exchange: Option<Exchange>,
    exchanges: u64,
    streaming: Streaming,
    tools: ToolPool,
    timers: Timers,
    world: Arc<dyn WorldSource>,
    listener: Box<dyn FnMut(ThreadEvent) + Send>,
    mailbox: mpsc::Sender<Message>,
    progress: Arc<Progress>,
    effects: VecDeque<Effect>,
    /// The last entry's time: a clock that is set back must not make the log go backwards.
    time: u64,
}

/// Says that the driver is gone, also when it panics.
struct EndMark(Arc<Progress>);

impl Drop for EndMark {
    fn drop(&mut self) {
        self.0
            .ended("the program that worked on it broke; resume it");
    }
}

impl Driver {
    /// A driver for `machine`, which is where its log ends.
    pub(crate) fn new(
        parts: ThreadParts,
        machine: Machine,
        mailbox: mpsc::Sender<Message>,
        progress: Arc<Progress>,
    ) -> Self {
        let session = parts.provider.open();
        let environment = tool_pool::Environment {
            gate: parts.gate,
            workspace: parts.workspace,
            redactor: parts.redactor,
            mailbox: mailbox.clone(),
            backlog: Backlog::default(),
        };
        Self {
            machine,
            journal: parts.journal,
            session,
            exchange: None,
            exchanges: 0,
            streaming: Streaming::default(),
            tools: ToolPool::new(environment, parts.tools),
            timers: Timers::default(),
            world: parts.world,
            listener: parts.listener,
            mailbox,
            progress,
            effects: VecDeque::new(),
            time: 0,
        }
    }

    /// Works until it is told to stop. First performs `effects`, then lets `events` happen.
    pub(crate) fn run(
        mut self,
        effects: Vec<Effect>,
        events: Vec<Event>,
        inbox: &mpsc::Receiver<Message>,
    ) {
        let _mark = EndMark(Arc::clone(&self.progress));
        self.effects.extend(effects);
        let mut result = self.begin(events);
        let mut handled = 1;
        while result.is_ok() {
            self.progress.handled(handled, self.machine.has_turn());
            handled = 0;
            result = match self.next_message(inbox) {
                Some(Message::Stop) => break,
                Some(message) => {
                    handled = u64::from(message.is_from_handle());
                    self.handle(message)
                }
                None => self.fire_timers(),
            };
        }
        self.end(result);
    }

    fn begin(&mut self, events: Vec<Event>) -> Result<(), StoreError> {
        self.perform_all()?;
        events.into_iter().try_for_each(|event| self.accept(event))
    }

    /// The next message; nothing when a time comes first.
    fn next_message(&self, inbox: &mpsc::Receiver<Message>) -> Option<Message> {
        let gone = Message::Stop;
        let Some(next) = self.timers.next() else {
            return Some(inbox.recv().unwrap_or(gone));
        };
        let left = next.saturating_duration_since(Instant::now());
        if left.is_zero() {
            // A time that has come goes first: messages may come faster than they are dealt with.
            return None;
        }
        match inbox.recv_timeout(left) {
            Ok(message) => Some(message),
            Err(mpsc::RecvTimeoutError::Timeout) => None,
            Err(mpsc::RecvTimeoutError::Disconnected) => Some(gone),
        }
    }

    fn fire_timers(&mut self) -> Result<(), StoreError> {
        for timer in self.timers.take_due(Instant::now()) {
            if self.machine.expects(timer) {
                self.accept(Event::TimerFired { timer })?;
            }
        }
        Ok(())
    }

    fn handle(&mut self, message: Message) -> Result<(), StoreError> {
        match message {
            Message::Input(content) => self.accept(Event::InputGiven { content }),
            Message::Interrupt | Message::StopTurn if self.machine.has_turn() => {
                self.accept(Event::InterruptRequested)
            }
            Message::Interrupt | Message::StopTurn | Message::Stop => Ok(()),
            Message::Compact => self.accept(Event::CompactionRequested),
            Message::Model { exchange, event } if exchange == self.exchanges => {
                self.handle_model(event)
            }
            Message::Model { .. } => Ok(()),
            Message::ToolProgress { call_id, text } => {
                let bytes = text.len();
                self.tell(streaming::output(call_id, text));
                self.tools.shown(bytes);
                Ok(())
            }
            Message::ToolDone { call_id, output } => {
                self.tools.finished();
                self.accept(Event::ToolFinished { call_id, output })
            }
        }
    }

    fn handle_model(&mut self, event: ModelEvent) -> Result<(), StoreError> {
        match event {
            ModelEvent::ItemDone(item) => {
                self.streaming.complete(&item);
                self.accept(Event::ItemReceived { item })
            }
            ModelEvent::Done { end, usage } => {
                self.exchange = None;
                self.accept(Event::AnswerEnded { end, usage })
            }
            ModelEvent::Failed(error) => {
                self.exchange = None;
                self.discard_streams();
                self.accept(Event::AnswerFailed { error })
            }
            ModelEvent::RateLimits(limits) => {
                self.tell(ThreadEvent::RateLimits(limits));
                Ok(())
            }
            ModelEvent::Notice(message) => {
                self.tell(ThreadEvent::Notice { message });
                Ok(())
            }
            delta if self.machine.streams_to_surface() => {
                for event in self.streaming.take(delta, &self.machine) {
                    self.tell(event);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Writes an event to the log, gives it to the machine, and does what comes of it.
    fn accept(&mut self, event: Event) -> Result<(), StoreError> {
        self.record(event)?;
        self.perform_all()
    }

    fn record(&mut self, event: Event) -> Result<(), StoreError> {
        self.time = self.time.max(now());
        let entry = Entry {
            time: self.time,
            event,
        };
        self.journal.append(&entry)?;
        self.effects.extend(self.machine.step(entry));
        Ok(())
    }

    fn perform_all(&mut self) -> Result<(), StoreError> {
        while let Some(effect) = self.effects.pop_front() {
            self.perform(effect)?;
        }
        Ok(())
    }

    fn perform(&mut self, effect: Effect) -> Result<(), StoreError> {
        match effect {
            Effect::Prewarm(request) => self.session.prewarm(&request),
            Effect::Observe => {
                let change = self.world.observe().change_since(self.machine.world());
                self.record(Event::WorldObserved { change })?;
            }
            Effect::Request(request) => self.start_exchange(&request),
            Effect::CancelRequest => {
                self.exchanges += 1;
                self.exchange = None;
                let said = self.streaming.take_text();
                self.discard_streams();
                self.record(Event::AnswerDropped { said })?;
            }
            Effect::RunTool(call) => self.run_tool(call)?,
            Effect::CancelTools => self.tools.cancel(),
            Effect::SetTimer {
                timer,
                delay,
                precision,
            } => self.timers.set(timer, delay, precision),
            Effect::Tell(event) => self.tell(event),
            Effect::EndTurn(summary) => self.end_turn(*summary)?,
        }
        Ok(())
    }

    fn start_exchange(&mut self, request: &Request) {
        self.exchanges += 1;
        self.exchange = None;
        self.streaming = Streaming::default();
        let exchange = self.exchanges;
        let mailbox = self.mailbox.clone();
        let sink = Box::new(move |event| {
            // The driver may be gone already; then nobody needs the event.
            let _ = mailbox.send(Message::Model { exchange, event });
        });
        self.exchange = Some(self.session.start(request, sink));
    }

    fn run_tool(&mut self, call: ToolCall) -> Result<(), StoreError> {
        let call_id = call.call_id.clone();
        self.record(Event::ToolStarted { call_id })?;
        let announcement = self.tools.announce(&call);
        let event = self.streaming.run(&call, announcement.as_ref());
        self.tell(event);
        self.tools.run(call, self.machine.settings());
        Ok(())
    }

    fn end_turn(&mut self, summary: TurnSummary) -> Result<(), StoreError> {
        self.record(Event::TurnEnded(Box::new(summary.clone())))?;
        self.journal.sync()?;
        self.progress.turn_ended(summary.clone());
        self.tell(summary.told());
        Ok(())
    }

    fn discard_streams(&mut self) {
        for event in self.streaming.discard() {
            self.tell(event);
        }
    }

    fn tell(&mut self, event: ThreadEvent) {
        (self.listener)(event);
    }

    /// Commands that were left in the background end with the thread: whoever relied on them must know.
    fn tell_what_ends(&mut self) {
        let left_running = self.tools.left_running();
        if left_running.is_empty() {
            return;
        }
        let message = format!(
            "Still running in the background, and ended now: {}",
            left_running.join("; ")
        );
        self.tell(ThreadEvent::Notice { message });
    }

    /// Stops everything that was begun, and waits for its end.
    fn end(mut self, result: Result<(), StoreError>) {
        self.exchange = None;
        let reason = match result {
            Ok(()) => "it was closed".to_owned(),
            Err(error) => {
                let message = format!(
                    "The thread's log cannot be written, so nothing more is done: {error}. What was written is kept; mend this, then resume the thread."
                );
                self.tell(ThreadEvent::ThreadFailed { message });
                "its log cannot be written".to_owned()
            }
        };
        self.tell_what_ends();
        drop(self.tools);
        self.progress.ended(&reason);
    }
}

#[cfg(test)]
mod tests;
