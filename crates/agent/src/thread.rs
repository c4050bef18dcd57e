//! A thread at work, as a surface holds it: say something, interrupt, wait, listen. Dropping it ends everything.
//!
//! The work is done by the `driver` on a thread of its own; the state is the `machine`'s.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::{SystemTime, UNIX_EPOCH},
};

use models::{Content, Provider};

use crate::{
    Tool, Workspace,
    driver::{Driver, Message},
    machine::{
        Effect, Entry, Event, Machine, ReplayError, Settings, ThreadStart, Unfinished, replay,
    },
    redactor::Redactor,
    store::{StoreError, ThreadLog},
    surface::{ThreadEvent, TurnSummary},
    tool::Gate,
    world::WorldSource,
};

/// What a thread works with.
pub struct ThreadParts {
    /// The model service; [`Settings::provider`] is its name.
    pub provider: Arc<dyn Provider>,
    /// The tools behind [`Settings::tools`].
    pub tools: Vec<Arc<dyn Tool>>,
    /// The permission hook.
    pub gate: Arc<dyn Gate>,
    /// The files.
    pub workspace: Arc<dyn Workspace>,
    /// What the model is told of the world.
    pub world: Arc<dyn WorldSource>,
    /// Where events are written before they are acted upon.
    pub journal: Box<dyn Journal>,
    /// Masks secrets in what tools answer.
    pub redactor: Redactor,
    /// Hears everything that may be shown, in order, on the thread's own thread: it should not block for long.
    pub listener: Box<dyn FnMut(ThreadEvent) + Send>,
}

/// Where a thread's log is written.
pub trait Journal: Send {
    /// Writes one entry, so that it survives the end of this process.
    ///
    /// # Errors
    /// When it cannot be written whole.
    fn append(&mut self, entry: &Entry) -> Result<(), StoreError>;

    /// Makes what was written safe from a power cut.
    ///
    /// # Errors
    /// When the system cannot promise that.
    fn sync(&mut self) -> Result<(), StoreError>;
}

impl Journal for ThreadLog<Entry> {
    fn append(&mut self, entry: &Entry) -> Result<(), StoreError> {
        ThreadLog::append(self, entry)
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        ThreadLog::sync(self)
    }
}

/// How a thread is taken up again.
#[derive(Clone, Debug)]
pub struct Resume {
    /// What becomes of a turn that was running.
    pub unfinished: Unfinished,
    /// Another model, other tools or other limits from here on; `None` keeps what the log says.
    pub settings: Option<Settings>,
}

/// Where a forked thread comes from.
#[derive(Clone, Debug)]
pub struct Fork {
    /// The new thread's id.
    pub thread: String,
    /// The other thread's id.
    pub parent: String,
    /// The last turn of the other that was copied; 0 for none.
    pub turn: u32,
    /// Another model, other tools or other limits from here on; `None` keeps what the log says.
    pub settings: Option<Settings>,
}

/// Why a thread cannot begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum ThreadError {
    /// Its log cannot be written.
    #[error(transparent)]
    Journal(#[from] StoreError),
    /// Its log makes no sense.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The system gives no thread.
    #[error("no thread can be started: {0}")]
    Spawn(#[from] std::io::Error),
    /// It has ended before.
    #[error("the thread has ended: {reason}")]
    Ended {
        /// Why.
        reason: String,
    },
}

/// A thread at work.
pub struct ThreadHandle {
    id: String,
    mailbox: mpsc::Sender<Message>,
    progress: Arc<Progress>,
    driver: Option<JoinHandle<()>>,
}

/// What the handle knows of its driver.
#[derive(Default)]
pub(crate) struct Progress {
    state: Mutex<ProgressState>,
    changed: Condvar,
}

#[derive(Default)]
struct ProgressState {
    /// Messages sent by the handle.
    sent: u64,
    /// Of those: dealt with by the driver.
    handled: u64,
    has_turn: bool,
    last_turn: Option<TurnSummary>,
    /// Why the driver has ended, once it has.
    ended: Option<String>,
}

impl ThreadHandle {
    /// Begins a thread.
    ///
    /// # Errors
    /// When its log cannot be written.
    pub fn start(mut parts: ThreadParts, start: ThreadStart) -> Result<Self, ThreadError> {
        let time = now();
        let entry = Entry {
            time,
            event: Event::ThreadStarted(Box::new(start.clone())),
        };
        parts.journal.append(&entry)?;
        let (machine, effects) = Machine::begin(start, time);
        Self::spawn(parts, machine, effects, Vec::new())
    }

    /// Takes a thread up again from the entries of its log, to which `parts.journal` appends.
    ///
    /// # Errors
    /// When the log makes no sense.
    pub fn resume(
        parts: ThreadParts,
        entries: Vec<Entry>,
        resume: Resume,
    ) -> Result<Self, ThreadError> {
        let (machine, _) = replay(entries)?;
        let mut events = settings_changed(resume.settings);
        events.push(Event::Resumed {
            unfinished: resume.unfinished,
        });
        Self::spawn(parts, machine, Vec::new(), events)
    }

    /// Begins a thread with a copy of another's first entries ([`crate::machine::fork_point`] says how many), which are in
    /// `parts.journal` already.
    ///
    /// # Errors
    /// When the entries make no sense.
    pub fn fork(parts: ThreadParts, entries: Vec<Entry>, fork: Fork) -> Result<Self, ThreadError> {
        let (machine, _) = replay(entries)?;
        let mut events = vec![Event::Forked {
            thread: fork.thread,
            parent: fork.parent,
            turn: fork.turn,
        }];
        events.extend(settings_changed(fork.settings));
        events.push(Event::Resumed {
            unfinished: Unfinished::End,
        });
        Self::spawn(parts, machine, Vec::new(), events)
    }

    /// The thread's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Says something: a new turn begins, or the running one is steered.
    ///
    /// # Errors
    /// When the thread has ended.
    pub fn send(&self, content: Vec<Content>) -> Result<(), ThreadError> {
        self.post(Message::Input(content))
    }

    /// Stops the running turn; nothing happens when there is none. A second time while tools are slow to stop, their end
    /// is no longer waited for.
    ///
    /// # Errors
    /// When the thread has ended.
    pub fn interrupt(&self) -> Result<(), ThreadError> {
        self.post(Message::Interrupt)
    }

    /// Has the history compacted before the next request.
    ///
    /// # Errors
    /// When the thread has ended.
    pub fn compact(&self) -> Result<(), ThreadError> {
        self.post(Message::Compact)
    }

    /// Waits until everything that was sent is dealt with and no turn runs; gives how the last turn of this process ended.
    ///
    /// # Errors
    /// When the thread has ended meanwhile.
    pub fn wait(&self) -> Result<Option<TurnSummary>, ThreadError> {
        let state = self.progress.lock();
        let is_busy = |state: &mut ProgressState| {
            state.ended.is_none() && (state.has_turn || state.handled < state.sent)
        };
        let state = self
            .progress
            .changed
            .wait_while(state, is_busy)
            .unwrap_or_else(PoisonError::into_inner);
        match &state.ended {
            Some(reason) => Err(ThreadError::Ended {
                reason: reason.clone(),
            }),
            None => Ok(state.last_turn.clone()),
        }
    }

    fn spawn(
        parts: ThreadParts,
        machine: Machine,
        effects: Vec<Effect>,
        events: Vec<Event>,
    ) -> Result<Self, ThreadError> {
        let progress = Arc::new(Progress::default());
        // What the driver does first counts as one message, so that `wait` waits for it.
        progress.lock().sent = 1;
        let (mailbox, inbox) = mpsc::channel();
        let id = match &events.first() {
            Some(Event::Forked { thread, .. }) => thread.clone(),
            _ => machine.thread().to_owned(),
        };
        let driver = Driver::new(parts, machine, mailbox.clone(), Arc::clone(&progress));
        let driver = thread::Builder::new()
            .name("agent".into())
            .spawn(move || driver.run(effects, events, &inbox))?;
        Ok(Self {
            id,
            mailbox,
            progress,
            driver: Some(driver),
        })
    }

    fn post(&self, message: Message) -> Result<(), ThreadError> {
        let mut state = self.progress.lock();
        if let Some(reason) = &state.ended {
            return Err(ThreadError::Ended {
                reason: reason.clone(),
            });
        }
        state.sent += 1;
        // The driver marks its end under this lock before it drops its side.
        let _ = self.mailbox.send(message);
        Ok(())
    }
}

impl Drop for ThreadHandle {
    fn drop(&mut self) {
        let _ = self.mailbox.send(Message::Stop);
        if let Some(driver) = self.driver.take() {
            // A driver that panicked has said so in its progress.
            let _ = driver.join();
        }
    }
}

impl Progress {
    /// The driver has dealt with `messages` messages of the handle.
    pub(crate) fn handled(&self, messages: u64, has_turn: bool) {
        let mut state = self.lock();
        // Nobody is to be woken for each piece of an answer.
        let is_news = messages > 0 || state.has_turn != has_turn;
        state.handled += messages;
        state.has_turn = has_turn;
        if is_news {
            self.changed.notify_all();
        }
    }

    /// A turn has ended.
    pub(crate) fn turn_ended(&self, summary: TurnSummary) {
        self.lock().last_turn = Some(summary);
    }

    /// The driver ends; only the first reason counts.
    pub(crate) fn ended(&self, reason: &str) {
        let mut state = self.lock();
        state.ended.get_or_insert_with(|| reason.to_owned());
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, ProgressState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Milliseconds since 1970.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

fn settings_changed(settings: Option<Settings>) -> Vec<Event> {
    let settings = settings.map(|settings| Event::SettingsChanged(Box::new(settings)));
    settings.into_iter().collect()
}
