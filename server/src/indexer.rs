//! Learning from the files of the workspace, in the background: one thread at low priority that keeps the index up to date.
//!
//! Driven by the session with snapshots; reports back by events. The command line calls [`build`] directly.
//! What a file teaches is decided by `predict`, which files there are by `workspace`; here they are brought together.

mod build;
mod cache;
mod relevance;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;

use predict::Index;
use workspace::WorkspaceSnapshot;

use crate::config::IndexConfig;
use crate::event::{Event, EventSender};

use build::update;
pub(crate) use build::{Cancelled, build};

/// How far learning has come.
#[derive(Debug)]
pub(crate) enum LearningProgress {
    /// Files looked at so far, of those that were found.
    Running { done: usize, total: usize },
    /// Everything is learned that fits.
    Finished {
        /// What [`Indexer::learn`] gave for this piece of work.
        generation: u64,
        /// Files that the size limit left out.
        skipped_files: usize,
    },
    /// Something that the user should know; learning goes on.
    Problem(String),
}

/// What to learn from.
pub(crate) struct LearnJob {
    /// Of the disk only: what is not saved is learned by the engine itself, and must not get into an index that is kept.
    pub(crate) snapshot: WorkspaceSnapshot,
    pub(crate) config: IndexConfig,
    /// The open documents; what lies near to them is learned first.
    pub(crate) focus: Vec<PathBuf>,
}

/// The way to the indexer's thread.
pub(crate) struct Indexer {
    messages: Sender<Message>,
    /// Counts up; work that was started under an older number is cancelled.
    generation: Arc<AtomicU64>,
    thread: JoinHandle<()>,
}

enum Message {
    Learn(u64, LearnJob),
    Update(u64, LearnJob, Vec<PathBuf>),
    Stop,
}

impl Indexer {
    /// Starts the thread.
    pub(crate) fn start(events: EventSender) -> Self {
        let (messages, queue) = mpsc::channel();
        let generation = Arc::new(AtomicU64::new(0));
        let worker = Worker {
            events,
            generation: Arc::clone(&generation),
            index: RefCell::new(None),
            waiting: VecDeque::new(),
        };
        let thread = std::thread::Builder::new()
            .name("indexer".into())
            .spawn(move || worker.run(&queue))
            .expect("the system can start a thread at start-up");
        Self {
            messages,
            generation,
            thread,
        }
    }

    /// Learns the whole workspace, in place of whatever is being learned; gives a number to know its end by.
    pub(crate) fn learn(&self, job: LearnJob) -> u64 {
        let generation = self.generation.fetch_add(1, Ordering::SeqCst) + 1;
        drop(self.messages.send(Message::Learn(generation, job)));
        generation
    }

    /// Learns what became of some files, after whatever is being learned.
    pub(crate) fn update(&self, job: LearnJob, paths: Vec<PathBuf>) {
        let generation = self.generation.load(Ordering::SeqCst);
        drop(self.messages.send(Message::Update(generation, job, paths)));
    }

    /// Gives up what is being learned.
    pub(crate) fn cancel(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// Ends the thread soon, whatever it is at.
    pub(crate) fn stop(self) {
        self.cancel();
        drop(self.messages.send(Message::Stop));
        drop(self.thread.join());
    }
}

struct Worker {
    events: EventSender,
    generation: Arc<AtomicU64>,
    /// The newest index that was published.
    index: RefCell<Option<Arc<Index>>>,
    /// Messages taken off the queue and not yet handled.
    waiting: VecDeque<Message>,
}

impl Worker {
    fn run(mut self, queue: &Receiver<Message>) {
        lower_priority();
        while let Some(message) = self.next(queue) {
            let handled = match message {
                Message::Stop => return,
                Message::Learn(generation, job) => isolate(|| {
                    self.learn(generation, &job);
                }),
                Message::Update(generation, job, paths) => isolate(|| {
                    self.update(generation, &job, &paths);
                }),
            };
            if handled.is_err() {
                let problem = "Learning from the workspace failed; the log says where.";
                self.report(LearningProgress::Problem(problem.into()));
                let generation = self.generation.load(Ordering::SeqCst);
                self.report(LearningProgress::Finished {
                    generation,
                    skipped_files: 0,
                });
            }
        }
    }

    /// The next message. Updates that follow each other are one: a branch switch comes as many events.
    fn next(&mut self, queue: &Receiver<Message>) -> Option<Message> {
        if self.waiting.is_empty() {
            self.waiting.push_back(queue.recv().ok()?);
        }
        self.waiting.extend(queue.try_iter());
        let mut message = self.waiting.pop_front()?;
        while let (Message::Update(generation, job, paths), Some(Message::Update(..))) =
            (&mut message, self.waiting.front())
        {
            if let Some(Message::Update(newer, newer_job, more)) = self.waiting.pop_front() {
                (*generation, *job) = (newer, newer_job);
                paths.extend(more);
            }
        }
        Some(message)
    }

    fn learn(&self, generation: u64, job: &LearnJob) {
        if !job.config.enabled {
            self.publish(&Arc::new(Index::empty()));
            let skipped_files = 0;
            self.report(LearningProgress::Finished {
                generation,
                skipped_files,
            });
            return;
        }
        let is_cancelled = self.cancellation(generation);
        let known = self.index.borrow().clone();
        let publish = |index: &Arc<Index>| self.publish(index);
        let report = |progress| self.report(progress);
        match build(job, known, &is_cancelled, &publish, &report) {
            Ok(built) => self.report(LearningProgress::Finished {
                generation,
                skipped_files: built.skipped_files,
            }),
            Err(Cancelled) => tracing::debug!("learning was cancelled"),
        }
    }

    fn update(&self, generation: u64, job: &LearnJob, paths: &[PathBuf]) {
        let Some(index) = self.index.borrow().clone().filter(|_| job.config.enabled) else {
            return;
        };
        let is_cancelled = self.cancellation(generation);
        match update(&index, job, paths, &is_cancelled) {
            Ok(Some(index)) => self.publish(&index),
            Ok(None) => {}
            Err(Cancelled) => tracing::debug!("learning from changed files was cancelled"),
        }
    }

    fn cancellation(&self, generation: u64) -> impl Fn() -> bool + use<> {
        let current = Arc::clone(&self.generation);
        move || current.load(Ordering::SeqCst) != generation
    }

    fn publish(&self, index: &Arc<Index>) {
        self.index.replace(Some(Arc::clone(index)));
        self.events.send(Event::IndexReady(Arc::clone(index)));
    }

    fn report(&self, progress: LearningProgress) {
        self.events.send(Event::Learning(progress));
    }
}

/// A panic costs what was being learned, not the thread.
fn isolate(work: impl FnOnce()) -> std::thread::Result<()> {
    std::panic::catch_unwind(AssertUnwindSafe(work))
}

/// On Linux a priority belongs to a thread, so typing goes before learning; elsewhere nothing is done.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    {
        let thread = rustix::thread::gettid();
        if let Err(error) = rustix::process::setpriority_process(Some(thread), 10) {
            tracing::debug!(%error, "learning runs at normal priority");
        }
    }
}
